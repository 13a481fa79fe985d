package tunnelforge.server.edge;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Supplier;
import tunnelforge.log.Log;
import tunnelforge.mux.Meter;
import tunnelforge.mux.ResetException;
import tunnelforge.mux.Session;
import tunnelforge.net.Cancellation;
import tunnelforge.net.ClientHello;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.net.Listener;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.Figures;
import tunnelforge.server.access.Network;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.TurnedAway;
import tunnelforge.server.access.VisitorRules;
import tunnelforge.server.tunnel.Place;
import tunnelforge.server.tunnel.Ports;
import tunnelforge.server.tunnel.ServerLimits;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.server.tunnel.Visit;
import tunnelforge.text.Addresses;
import tunnelforge.wire.SessionOpen;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.TunnelProtocol;

/**
 * Visitors of {@code tcp} and {@code tls} tunnels: each gets a data connection of its own until its session is over. It runs on the task of
 * the visitor's connection; {@link Session} says who waits for whom.
 */
public final class SessionEdge implements Ports {
    /** Visitors on one port at once: each waits for a data connection, or has one, and there is room to reset those that are too many. */
    private static final int MAX_VISITORS = ServerLimits.MAX_SESSIONS + ServerLimits.MAX_WAITING + 1_000;
    /** What is looked for before a session begins. */
    private static final int FIRST_BYTES = 4 * 1024;
    private static final byte[] NOTHING = {};

    private final InetAddress bind;
    private final LoadBalancers loadBalancers;
    private final Callers callers;
    private final Duration idleLimit;
    private final Tasks tasks;
    private final Ticker ticker;
    private final Ledger ledger;
    private final Figures figures;
    private final TurnedAway turnedAway;
    private final ServedListener served;
    private final Log log;

    /**
     * @param idleLimit a session on which nothing goes either way for this long is ended
     * @param served is told what became of each session; null for nobody
     */
    public SessionEdge(InetAddress bind, LoadBalancers loadBalancers, Callers callers, Duration idleLimit, Tasks tasks, Ticker ticker, Ledger ledger, Figures figures,
            TurnedAway turnedAway, ServedListener served, Log log) {
        this.bind = bind;
        this.loadBalancers = loadBalancers;
        this.callers = callers;
        this.idleLimit = idleLimit;
        this.tasks = tasks;
        this.ticker = ticker;
        this.ledger = ledger;
        this.figures = figures;
        this.turnedAway = turnedAway;
        this.served = served;
        this.log = log;
    }

    @Override
    public Listener listen(Supplier<Tunnel> tunnel, int port) throws IOException {
        Listener listener = new Listener("tcp visitor", bind, port, MAX_VISITORS, tasks, ticker, ledger, log);
        listener.start(visitor -> loadBalancers.serve(visitor, each -> callers.serve(each, caller -> serve(tunnel.get(), caller, null, NOTHING))));
        return listener;
    }

    /**
     * Serves a visitor to the end of its session; the caller closes its connection.
     *
     * @param sni the name in its ClientHello; null for none
     * @param first what was read of it already
     */
    void serve(Tunnel found, Caller caller, String sni, byte[] first) {
        Connection visitor = caller.connection();
        visitor.breakWhenKilled(true);
        SessionNotes notes = new SessionNotes(figures, served, found, visitor.peer().getAddress());
        try {
            serve(found, caller, sni, first, notes);
        } catch (Refusal e) {
            refuse(found, visitor, e, ClientHello.ALERT_UNRECOGNIZED_NAME, notes);
        } catch (ResetException e) {
            log.debug("session_reset", "a session has ended early", "peer", peer(visitor), "reason", e.getMessage());
        } finally {
            notes.over();
        }
    }

    private void serve(Tunnel found, Caller caller, String sni, byte[] first, SessionNotes notes) throws Refusal, ResetException {
        Connection visitor = caller.connection();
        Network network = caller.share().network();
        try (Cancellation.Registration watch = visitor.watch()) {
            Tunnel tunnel = caller.whenJudged(found, visitor.gone());
            VisitorRules rules = tunnel.rules();
            if (rules != null && !rules.admits(visitor.peer().getAddress())) {
                refuse(tunnel, visitor, Refusal.lasting(TunnelError.VISITOR_REFUSED, "visitors from this address are not admitted at " + tunnel.address()), ClientHello.ALERT_ACCESS_DENIED, notes);
                return;
            }
            try (Visit visit = tunnel.enter(rules, caller.share(), network, visitor.gone())) {
                caller.becomesSession();
                visit.sessionBegins();
                Meter meter = new VisitorMeter(visit, network, visitor.gone(), e -> tell(e.getMessage(), visitor));
                open(visit, visitor, sni, first, meter, notes).run(visitor, idleLimit, meter);
                notes.completed();
                visitor.close();
            }
        }
    }

    private static Session open(Visit visit, Connection visitor, String sni, byte[] read, Meter meter, SessionNotes notes) throws Refusal {
        InetSocketAddress from = visitor.peer();
        InetSocketAddress to = visitor.local();
        SessionOpen open = new SessionOpen(Addresses.text(from.getAddress()), from.getPort(), Addresses.text(to.getAddress()), to.getPort(), sni);
        byte[] first = read;
        while (true) {
            try (Place place = visit.place()) {
                // In most protocols the visitor speaks first, and its words leave together with OPEN.
                first = first.length == 0 ? atHand(visitor) : first;
                Session session = place.openSession(open, first);
                notes.opened(session, first.length);
                if (first.length > 0) {
                    count(first.length, meter);
                }
                return session;
            } catch (IOException e) {
                // It has ended between being chosen and being used: nothing has left. After too many of them place() refuses.
            }
        }
    }

    /** What has left together with OPEN. What comes next waits for it; where no more may move it is that which breaks the session off. */
    private static void count(int bytes, Meter meter) {
        try {
            meter.comes(bytes);
        } catch (IOException e) {
            // The meter has told of it.
        }
    }

    /** What the visitor has sent already, up to a piece. */
    private static byte[] atHand(Connection visitor) {
        try {
            return visitor.in().readNBytes(Math.min(FIRST_BYTES, visitor.in().available()));
        } catch (IOException e) {
            // It has left, as the session will find.
            return NOTHING;
        }
    }

    /** Nothing has been relayed; {@code alert} is for visitors of TLS. */
    private void refuse(Tunnel tunnel, Connection visitor, Refusal why, int alert, SessionNotes notes) {
        notes.refused(why.error());
        tell(why.getMessage(), visitor);
        if (tunnel.protocol() != TunnelProtocol.TLS) {
            visitor.abort();
            return;
        }
        try {
            visitor.out().write(ClientHello.alert(alert));
            visitor.close();
        } catch (IOException e) {
            visitor.abort();
        }
    }

    private void tell(String reason, Connection visitor) {
        turnedAway.tell("session_refused", reason, visitor.peer().getAddress());
    }

    private static String peer(Connection connection) {
        return Addresses.text(connection.peer().getAddress());
    }
}
