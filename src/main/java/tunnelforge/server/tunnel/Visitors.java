package tunnelforge.server.tunnel;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.TunnelError;

/** How many visitors a tunnel has, and whether those are served that a tunnel waits for before it ends. */
final class Visitors {
    private final int most;
    /** All of them. */
    private final AtomicInteger here = new AtomicInteger();
    private final Unanswered unanswered;

    /** {@code program} counts those of all tunnels. */
    Visitors(int most, Unanswered program) {
        this.most = most;
        this.unanswered = program.part();
    }

    void enter() throws Refusal {
        if (here.incrementAndGet() > most) {
            here.decrementAndGet();
            throw Refusal.passing(TunnelError.OVERLOADED, "this tunnel serves as much as it can");
        }
        unanswered.begin();
    }

    void sessionBegins() {
        unanswered.end();
    }

    void leave(boolean session) {
        here.decrementAndGet();
        if (!session) {
            unanswered.end();
        }
    }

    /** Waits until no request is being answered, or {@code limit} is over. */
    void awaitQuiet(Duration limit) {
        unanswered.awaitNone(limit);
    }
}
