package tunnelforge.server.tunnel;

import tunnelforge.wire.Limits;
import tunnelforge.wire.TunnelLimits;

/** What this server grants each tunnel at most. */
public final class ServerLimits {
    /** Tunnels of one server at once. */
    static final int MAX_TUNNELS = 1_000;
    /** Exchanges that share one data connection. */
    static final int MAX_EXCHANGES_PER_CONNECTION = 1_024;
    /** What one tunnel may use of this program's memory. */
    static final long TUNNEL_BYTES = 64L * 1024 * 1024;
    /** Exchanges of one tunnel at once: as many as there are initial windows in its memory. */
    static final int MAX_EXCHANGES = (int) (TUNNEL_BYTES / Limits.INITIAL_WINDOW);
    /** Sessions of one HTTP tunnel that began with a 101: as many as its data connections have places for, beside the exchanges. */
    static final int MAX_UPGRADED = 8_192;
    /** What a data connection costs beyond its TLS and its frames, which charge themselves. */
    static final int DATA_CONNECTION_BYTES = 16 * 1024;
    /** What a session costs beyond its two connections: a piece in each direction. */
    public static final int SESSION_BYTES = 128 * 1024;
    /** What an exchange in the JSON encoding costs beyond its messages: what of its answer waits for the visitor. */
    static final int TURN_BYTES = 256 * 1024;
    /** Data connections in the JSON encoding, which carry one exchange each. */
    static final int MAX_JSON = 100;
    /** Data connections kept idle for sessions to come. */
    static final int MAX_SPARE = 64;
    /** Data connections of a tunnel of sessions, idle ones included. */
    public static final int MAX_SESSIONS = 2_000;
    /** Visitors of one tunnel that wait for a data connection at once. */
    public static final int MAX_WAITING = 1_000;

    private ServerLimits() {
    }

    /** What both sides of a tunnel keep to. */
    public static TunnelLimits promised() {
        return new TunnelLimits(Limits.MAX_DATA, Limits.INITIAL_WINDOW, MAX_EXCHANGES_PER_CONNECTION, MAX_EXCHANGES + MAX_UPGRADED);
    }
}
