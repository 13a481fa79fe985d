package tunnelforge.agent.tunnel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tunnelforge.wire.Limits;

/** How long an agent waits before it connects again. */
class BackoffTest {
    private final Backoff backoff = new Backoff(new Random(1));

    private static void assertUpTo(Duration longest, Duration pause) {
        assertTrue(!pause.isNegative() && pause.compareTo(longest) <= 0, pause::toString);
    }

    @Test
    void theLongestPauseDoublesUpToALimit() {
        Duration longest = Limits.RECONNECT_FIRST;
        Duration sum = Duration.ZERO;
        for (int i = 0; i < 50; i++) {
            Duration pause = backoff.next();
            assertUpTo(longest, pause);
            sum = sum.plus(pause);
            longest = longest.multipliedBy(2).compareTo(Limits.RECONNECT_LONGEST) < 0 ? longest.multipliedBy(2) : Limits.RECONNECT_LONGEST;
        }
        assertTrue(sum.compareTo(Limits.RECONNECT_LONGEST.multipliedBy(10)) > 0, "the pauses have grown: " + sum);
        backoff.reset();
        assertUpTo(Limits.RECONNECT_FIRST, backoff.next());
    }

    /** A server that was restarted was found after half a minute by an agent that had had to reconnect before. */
    @Test
    void aServerThatStopsIsLookedForAllTheTimeHoweverLongThePausesWere() {
        for (int i = 0; i < 20; i++) {
            backoff.next();
        }
        for (int i = 0; i < 100; i++) {
            assertUpTo(Limits.RECONNECT_AFTER_DRAIN, backoff.soon());
        }
    }
}
