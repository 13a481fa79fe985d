package tunnelforge.server.tunnel;

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
        return tunnel.pool.waiting();
    }

    /** Data connections that take visitors. */
    public static int dataConnections(Tunnel tunnel) {
        return tunnel.pool.size();
    }
}
