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
 * @param minRate bytes a second that a visitor must send or take while others need its place; 0 for any
 */
public record TunnelRules(String domain, PortRange tcpPorts, Duration grace, Duration idleTimeout, int minRate) {
}
