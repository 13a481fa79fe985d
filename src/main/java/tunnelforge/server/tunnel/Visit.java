package tunnelforge.server.tunnel;

import tunnelforge.net.Cancellation;
import tunnelforge.net.Ledger;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.TunnelError;

/**
 * One visitor with a tunnel, counted there until {@link #close}: a request and its answer, or a session. When an agent that was started anew takes
 * the tunnel over, the visit goes on with the tunnel that follows. For one task.
 */
public final class Visit implements AutoCloseable {
    /** Places that break one after the other before the visitor is told so. */
    private static final int MAX_PLACES = 100;

    /** What visits a tunnel. */
    interface Host {
        Visitors visitors();

        /** Waits for a place; {@code gone} ends that. {@code last} has not served the visitor; null for none. */
        Place place(Cancellation gone, Place last) throws Refusal;

        /** What visitors find at the same address now; null for nothing, or nothing of the same kind. */
        Host successor();

        DataEncoding encoding();

        Ledger ledger();
    }

    private final Cancellation gone;
    private Host host;
    private int places;
    private Place last;
    private boolean session;
    private boolean closed;

    private Visit(Host host, Cancellation gone) {
        this.host = host;
        this.gone = gone;
    }

    /** {@code gone}: the visitor has left, and waits for nothing any more. */
    static Visit begin(Host host, Cancellation gone) throws Refusal {
        host.visitors().enter();
        return new Visit(host, gone);
    }

    /**
     * A place on a data connection, if possible not on that of the last one; waits while there is none.
     *
     * @throws Refusal when there is none in time, or the visitor has left
     */
    public Place place() throws Refusal {
        while (places++ < MAX_PLACES) {
            try {
                last = host.place(gone, last);
                return last;
            } catch (Refusal e) {
                Host successor = gone.cancelled() ? null : host.successor();
                if (successor == null) {
                    throw e;
                }
                moveTo(successor);
            }
        }
        throw Refusal.passing(TunnelError.AGENT_AWAY, "the data connections of this tunnel break as soon as they are used");
    }

    private void moveTo(Host successor) throws Refusal {
        successor.visitors().enter();
        host.visitors().leave(session);
        host = successor;
        if (session) {
            host.visitors().sessionBegins();
        }
    }

    /** The encoding that a place is likely to have. */
    public DataEncoding encoding() {
        return host.encoding();
    }

    /** The tunnel's memory. */
    public Ledger ledger() {
        return host.ledger();
    }

    /** From now on bytes go both ways, and nobody knows for how long: a server that stops does not wait for that. */
    public void sessionBegins() {
        if (!session) {
            session = true;
            host.visitors().sessionBegins();
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            host.visitors().leave(session);
        }
    }
}
