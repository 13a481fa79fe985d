package tunnelforge.mux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RoundTripTest {
    private static final long START = TimeUnit.HOURS.toNanos(1);

    private final RoundTrip roundTrip = new RoundTrip();

    private void measured(long millis, long atSeconds) {
        roundTrip.measured(TimeUnit.MILLISECONDS.toNanos(millis), START + TimeUnit.SECONDS.toNanos(atSeconds));
    }

    private long millis() {
        return TimeUnit.NANOSECONDS.toMillis(roundTrip.nanos());
    }

    @Test
    void isZeroBeforeTheFirstMeasurement() {
        assertEquals(0, roundTrip.nanos());
    }

    @Test
    void isTheLeastOfWhatWasMeasured() {
        measured(80, 0);
        assertEquals(80, millis());
        measured(50, 1);
        measured(200, 2);
        assertEquals(50, millis());
    }

    @Test
    void isNeverTakenToBeShorterThanTheLeast() {
        roundTrip.measured(1, START);
        assertEquals(RoundTrip.LEAST_NANOS, roundTrip.nanos());
        roundTrip.measured(-5, START + 1);
        assertEquals(RoundTrip.LEAST_NANOS, roundTrip.nanos());
    }

    @Test
    void aPathThatBecameLongerIsNoticedWithinAMinute() {
        measured(10, 0);
        measured(100, 31);
        assertEquals(10, millis(), "the last period still counts");
        measured(100, 62);
        assertEquals(100, millis());
    }

    @Test
    void afterALongSilenceOnlyTheNewCounts() {
        measured(10, 0);
        measured(90, 61);
        assertEquals(90, millis());
    }

    @Test
    void aPathThatBecameShorterIsNoticedAtOnce() {
        measured(100, 0);
        measured(100, 31);
        measured(20, 32);
        assertEquals(20, millis());
    }
}
