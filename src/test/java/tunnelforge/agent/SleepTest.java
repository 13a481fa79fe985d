package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import tunnelforge.net.ManualClock;

class SleepTest {
    private final AtomicLong day = new AtomicLong(1_767_225_600_000L);
    private final ManualClock clock = new ManualClock();
    private final Sleep sleep = new Sleep(day::get, clock);

    private void pass(Duration onTheClock, Duration ofTheDay) {
        clock.advance(onTheClock);
        day.addAndGet(ofTheDay.toMillis());
    }

    @Test
    void theClockStandsWhileTheMachineSleeps() {
        pass(Duration.ofMillis(500), Duration.ofMinutes(1));
        assertTrue(sleep.isOver());
        assertFalse(sleep.isOver(), "once");
    }

    @Test
    void whoIsOnlyStoppedOrSlowHasNotSlept() {
        for (int i = 0; i < 1_000; i++) {
            pass(Duration.ofSeconds(60), Duration.ofSeconds(60));
            assertFalse(sleep.isOver());
        }
    }

    @Test
    void neitherHasOneWhoseTimeOfDayIsSetRight() {
        pass(Duration.ofMillis(500), Duration.ofSeconds(5));
        assertFalse(sleep.isOver());
        pass(Duration.ofMillis(500), Duration.ofHours(-1));
        assertFalse(sleep.isOver());
    }
}
