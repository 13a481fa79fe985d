package tunnelforge.server.tunnel;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tunnelforge.net.Ledger;
import tunnelforge.server.access.FairCount;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.Shares;
import tunnelforge.server.access.VisitorShare;

/** What a tunnel, and a program, waits for before it ends. */
final class UnansweredTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration BRIEF = Duration.ofMillis(100);

    private final Unanswered program = new Unanswered();
    private final VisitorShare share = new Shares().enter(InetAddress.getLoopbackAddress());
    private final Visitors first = Visitors.ofRequests(new FairCount(10), new FairCount(10), new Ledger(1), () -> 0, program);
    private final Visitors second = Visitors.ofRequests(new FairCount(10), new FairCount(10), new Ledger(1), () -> 0, program);

    private static boolean isQuiet(Unanswered unanswered) {
        long begun = System.nanoTime();
        unanswered.awaitNone(BRIEF);
        return System.nanoTime() - begun < BRIEF.toNanos();
    }

    /** Tunnels were waited for one after the other, so that what came to one that was quiet before was cut. */
    @Test
    void aVisitorWhoComesToAQuietTunnelIsWaitedForAsWell() throws Exception {
        first.enter(share);
        CompletableFuture<Void> ended = CompletableFuture.runAsync(() -> program.awaitNone(LONG));
        second.awaitQuiet(LONG);
        second.enter(share);
        first.leave(share, false);
        first.awaitQuiet(LONG);
        assertFalse(isQuiet(program));
        assertFalse(ended.isDone());
        second.leave(share, false);
        ended.get(LONG.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void nobodyWaitsForSessions() throws Refusal {
        first.enter(share);
        first.sessionBegins(share);
        assertTrue(isQuiet(program));
        first.leave(share, true);
        first.enter(share);
        assertFalse(isQuiet(program));
        first.leave(share, false);
        assertTrue(isQuiet(program));
    }
}
