package tunnelforge.server.tunnel;

import tunnelforge.net.Cancellation;
import tunnelforge.server.access.Refusal;

/**
 * Visitors who come while nobody knows who may: a tunnel that has outlived its server knows that from its agent alone. They wait in the order in which they came, and are judged when
 * the agent is back.
 */
final class Unjudged {
    private final WaitingLine<Boolean> line = new WaitingLine<>();
    private volatile boolean known = true;

    /** Before the first visitor comes. */
    void begin() {
        known = false;
    }

    /** It is known now. */
    void end() {
        if (!known) {
            known = true;
            line.serve(() -> Boolean.TRUE);
        }
    }

    boolean isKnown() {
        return known;
    }

    /**
     * Returns when it is known.
     *
     * @param until when the visitor is refused, by the ticker's clock
     */
    void await(long until, Cancellation gone) throws Refusal {
        WaitingLine<Boolean>.Waiter waiter = line.join(until);
        // It may have become known before.
        if (known) {
            line.serve(() -> Boolean.TRUE);
        }
        line.await(waiter, gone);
    }

    int waiting() {
        return line.length();
    }

    void tick(long now) {
        line.expire(now);
    }

    /** Refuses them: the tunnel has ended. */
    void close() {
        line.close();
    }
}
