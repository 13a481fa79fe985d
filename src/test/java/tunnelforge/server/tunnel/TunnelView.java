package tunnelforge.server.tunnel;

import tunnelforge.net.Ledger;
import tunnelforge.server.access.FairCount;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.VisitorShare;

/** What tests see of a tunnel that nobody else asks for. */
public final class TunnelView {
    private TunnelView() {
    }

    /** Exchanges and sessions under way. */
    public static int exchanges(Tunnel tunnel) {
        return tunnel.pool.exchanges();
    }

    /** Visitors that wait for a place on a data connection. */
    public static int waiting(Tunnel tunnel) {
        return tunnel.waitingVisitors();
    }

    /** Those of a tunnel that has so many places and so much memory. */
    public static Visitors visitors(int places, Ledger memory) {
        return Visitors.ofRequests(new FairCount(places), new FairCount(places), memory, () -> 0, new Unanswered());
    }

    /** One of them comes. */
    public static void enter(Visitors visitors, VisitorShare share) throws Refusal {
        visitors.enter(share);
    }

    /** It goes. */
    public static void leave(Visitors visitors, VisitorShare share) {
        visitors.leave(share, false);
    }

    /** By which its agent names it. */
    public static String id(Tunnel tunnel) {
        return tunnel.id();
    }

    /** Data connections that take visitors. */
    public static int dataConnections(Tunnel tunnel) {
        return tunnel.pool.size();
    }
}
