package tunnelforge.server.tunnel;

import java.util.Objects;
import tunnelforge.mux.Exchange;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Ledger;
import tunnelforge.server.access.Allowance;
import tunnelforge.server.access.Network;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.Traffic;
import tunnelforge.server.access.VisitorRules;
import tunnelforge.server.access.VisitorShare;
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

        Allowance allowance();

        /** Counts what moves. */
        Traffic traffic();

        /** Null when anybody may visit. */
        VisitorRules rules();

        /** Waits for a place; {@code gone} ends that. {@code last} has not served the visitor; null for none. */
        Place place(Cancellation gone, Place last) throws Refusal;

        /** What visitors find at the same address now; null for nothing, or nothing of the same kind. */
        Host successor();

        DataEncoding encoding();

        Ledger ledger();

        /** What sessions are charged to. */
        Ledger connections();
    }

    private final VisitorRules judgedBy;
    private final Cancellation gone;
    private final VisitorShare share;
    private final Allowance allowance;
    private final Traffic traffic;
    private volatile Host host;
    private int places;
    private int moves;
    private Place last;
    private boolean session;
    private boolean closed;

    private Visit(Host host, VisitorRules judgedBy, VisitorShare share, Cancellation gone) {
        this.host = host;
        this.allowance = host.allowance();
        this.traffic = host.traffic();
        this.judgedBy = judgedBy;
        this.share = share;
        this.gone = gone;
    }

    /**
     * {@code gone}: the visitor has left, and waits for nothing any more.
     *
     * @param judgedBy the rules by which the visitor may visit; null when anybody may
     * @param share of the address that has connected
     * @param visitor for whom it asks
     */
    static Visit begin(Host host, VisitorRules judgedBy, VisitorShare share, Network visitor, Cancellation gone) throws Refusal {
        Allowance allowance = host.allowance();
        allowance.enter(visitor);
        try {
            host.visitors().enter(share);
        } catch (Refusal e) {
            allowance.leave();
            throw e;
        }
        Visit visit = new Visit(host, judgedBy, share, gone);
        visit.traffic.begins();
        return visit;
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
                return ifStillAdmitted(last);
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

    /** The agent may have come back with other rules while the visitor waited, or another tunnel may have followed that has its own. */
    private Place ifStillAdmitted(Place place) throws Refusal {
        if (Objects.equals(host.rules(), judgedBy)) {
            return place;
        }
        place.close();
        throw Refusal.passing(TunnelError.AGENT_AWAY, "who may visit this tunnel has changed at this moment: try again");
    }

    /** How often it has gone on with another agent. */
    public int moves() {
        return moves;
    }

    private void moveTo(Host successor) throws Refusal {
        moves++;
        successor.visitors().enter(share);
        host.visitors().leave(share, session);
        host = successor;
        if (session) {
            session = false;
            sessionBegins();
        }
    }

    /** What the account of the tunnel may have. */
    public Allowance allowance() {
        return allowance;
    }

    /** Counts what moves, of the tunnel that the visit began with. */
    public Traffic traffic() {
        return traffic;
    }

    /** The encoding that a place is likely to have. */
    public DataEncoding encoding() {
        return host.encoding();
    }

    /** The tunnel's memory. */
    public Ledger ledger() {
        return host.ledger();
    }

    /** All that visit the same. */
    public Visitors visitors() {
        return host.visitors();
    }

    /**
     * From now on bytes go both ways, and nobody knows for how long: a server that stops does not wait for that.
     *
     * @throws Refusal when there are too many sessions; it is still a request then
     */
    public void sessionBegins() throws Refusal {
        if (!session) {
            host.visitors().sessionBegins(share);
            session = true;
        }
    }

    /**
     * The same for a request that is answered with a 101, whose memory is a session's from now on.
     *
     * @throws Refusal when there are too many sessions, or there is no memory for another
     */
    public void sessionBegins(Exchange exchange) throws Refusal {
        sessionBegins();
        if (!exchange.chargeTo(host.connections())) {
            throw Refusal.passing(TunnelError.OVERLOADED, "this server has no memory left for another session");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            host.visitors().leave(share, session);
            allowance.leave();
        }
    }
}
