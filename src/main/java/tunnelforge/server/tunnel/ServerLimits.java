package tunnelforge.server.tunnel;

import tunnelforge.wire.Limits;
import tunnelforge.wire.TunnelLimits;

/** What this server grants each tunnel at most. */
public final class ServerLimits {
    /** Exchanges that share one data connection. */
    static final int MAX_EXCHANGES_PER_CONNECTION = 256;
    /** What one tunnel may use of this program's memory. */
    static final long TUNNEL_BYTES = 64L * 1024 * 1024;
    /** Exchanges of one tunnel at once: as many as there are initial windows in its memory. */
    static final int MAX_EXCHANGES = (int) (TUNNEL_BYTES / Limits.INITIAL_WINDOW);
    /** Data connections of a tunnel of sessions, idle ones included. */
    public static final int MAX_SESSIONS = 2_000;
    /** Visitors of one tunnel that wait for a data connection at once. */
    public static final int MAX_WAITING = 1_000;

    private ServerLimits() {
    }

    /** What both sides of a tunnel keep to. */
    public static TunnelLimits promised() {
        return new TunnelLimits(Limits.MAX_DATA, Limits.INITIAL_WINDOW, MAX_EXCHANGES_PER_CONNECTION, MAX_EXCHANGES);
    }
}
