package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A task that always finds input lets the others run, and one that waits is left alone: told by the park that it owes when yields have not been enough. */
class TurnsTest {
    private final ManualClock clock = new ManualClock();
    private final Turns turns = new Turns(clock);

    private void read(int bytes, long micros) {
        long began = clock.nanos();
        clock.advance(Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(micros)));
        turns.rawRead(bytes, began, clock.nanos());
        turns.afterRead();
    }

    /** How long until it owes a park, when each read takes so long, and what follows it; at most a second. */
    private Duration owesAfter(int bytes, long micros, Duration work) {
        Duration passed = Duration.ZERO;
        while (!turns.owesPark() && passed.compareTo(Duration.ofSeconds(1)) < 0) {
            read(bytes, micros);
            clock.advance(work);
            passed = passed.plus(work).plusNanos(TimeUnit.MICROSECONDS.toNanos(micros));
        }
        return passed;
    }

    /** Also when each read takes long enough to look as if it had waited. */
    @ParameterizedTest
    @ValueSource(longs = {1, 30, 200})
    void whoAlwaysFindsInputParksSoon(long micros) {
        Duration after = owesAfter(8 * 1024, micros, Duration.ofMillis(1));
        assertTrue(after.compareTo(Duration.ofMillis(35)) < 0, after.toString());
    }

    @Test
    void soDoesWhoReadsMuchAtOnce() {
        Duration after = owesAfter(64 * 1024, 10, Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(50)));
        assertTrue(after.compareTo(Duration.ofMillis(15)) < 0, after.toString());
    }

    @Test
    void whoWaitsForEachPieceOwesNothing() {
        assertTrue(owesAfter(1_000, 600, Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(100))).compareTo(Duration.ofSeconds(1)) >= 0);
        assertFalse(turns.owesPark());
    }

    @Test
    void whoHasParkedOwesNothingAnyMore() {
        owesAfter(8 * 1024, 1, Duration.ofMillis(1));
        assertTrue(turns.owesPark());
        turns.beforeRead(true);
        assertFalse(turns.owesPark());
    }
}
