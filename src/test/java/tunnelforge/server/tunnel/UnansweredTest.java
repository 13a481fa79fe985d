package tunnelforge.server.tunnel;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tunnelforge.server.access.Refusal;

/** What a tunnel, and a program, waits for before it ends. */
final class UnansweredTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration BRIEF = Duration.ofMillis(100);

    private final Unanswered program = new Unanswered();
    private final Visitors first = new Visitors(10, program);
    private final Visitors second = new Visitors(10, program);

    private static boolean isQuiet(Unanswered unanswered) {
        long begun = System.nanoTime();
        unanswered.awaitNone(BRIEF);
        return System.nanoTime() - begun < BRIEF.toNanos();
    }

    /** Tunnels were waited for one after the other, so that what came to one that was quiet before was cut. */
    @Test
    void aVisitorWhoComesToAQuietTunnelIsWaitedForAsWell() throws Exception {
        first.enter();
        CompletableFuture<Void> ended = CompletableFuture.runAsync(() -> program.awaitNone(LONG));
        second.awaitQuiet(LONG);
        second.enter();
        first.leave(false);
        first.awaitQuiet(LONG);
        assertFalse(isQuiet(program));
        assertFalse(ended.isDone());
        second.leave(false);
        ended.get(LONG.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void nobodyWaitsForSessions() throws Refusal {
        first.enter();
        first.sessionBegins();
        assertTrue(isQuiet(program));
        first.leave(true);
        first.enter();
        assertFalse(isQuiet(program));
        first.leave(false);
        assertTrue(isQuiet(program));
    }
}
