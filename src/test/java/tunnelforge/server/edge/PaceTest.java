package tunnelforge.server.edge;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who counts as slow: by the average of a time in which nobody but the visitor was waited for. */
final class PaceTest {
    private static final int RATE = 256;

    private final Pace pace = new Pace();
    private long now;
    private long bytes;

    private void look(boolean waiting, long moved, int seconds) {
        for (int i = 0; i < seconds; i++) {
            now += TimeUnit.SECONDS.toNanos(1);
            bytes += moved;
            pace.look(waiting, bytes, RATE, now);
        }
    }

    @Test
    void slowIsWhoSendsNothingForThirtySecondsOrHalfTheRateForSixty() {
        look(true, 0, 30);
        assertFalse(pace.isSlow());
        look(true, 0, 1);
        assertTrue(pace.isSlow());
        pace.rest();
        look(true, RATE / 2, 60);
        assertFalse(pace.isSlow());
        look(true, RATE / 2, 1);
        assertTrue(pace.isSlow());
    }

    @Test
    void whoKeepsToTheRateIsNotSlow() {
        look(true, RATE, 600);
        assertFalse(pace.isSlow());
    }

    @Test
    void bytesMayComeAllAtOnce() {
        for (int i = 0; i < 10; i++) {
            look(true, 0, 28);
            look(true, 30 * RATE, 1);
            assertFalse(pace.isSlow());
        }
    }

    @Test
    void timeInWhichTheVisitorIsNotWaitedForDoesNotCount() {
        look(true, 0, 20);
        look(false, 0, 600);
        look(true, 0, 10);
        assertFalse(pace.isSlow());
        look(true, 0, 2);
        assertTrue(pace.isSlow());
    }

    @Test
    void whatWasFastOnceEarnsNothing() {
        look(true, 100_000, 600);
        look(true, 0, 30);
        assertTrue(pace.isSlow());
    }

    @Test
    void theNextRequestBeginsAnew() {
        look(true, 0, 60);
        pace.rest();
        look(true, 0, 30);
        assertFalse(pace.isSlow());
    }
}
