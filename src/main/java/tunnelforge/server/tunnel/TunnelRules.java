package tunnelforge.server.tunnel;

import java.time.Duration;
import tunnelforge.server.access.PortRange;

/**
 * What a server's tunnels have in common.
 *
 * @param domain they get names below it; lower case
 * @param tcpPorts what {@code tcp} tunnels get
 * @param grace how long the name of a dropped tunnel is kept
 * @param idleTimeout how long a session of a {@code tcp} or {@code tls} tunnel may be silent both ways
 * @param maxBody bytes of a request's body at most; {@link #ANY_BODY} for any number
 * @param minRate bytes a second that a visitor must send or take while others need its place; 0 for any
 */
public record TunnelRules(String domain, PortRange tcpPorts, Duration grace, Duration idleTimeout, long maxBody, int minRate) {
    /** No limit. */
    public static final long ANY_BODY = Long.MAX_VALUE;
}
