package tunnelforge.server.tunnel;

import java.net.InetAddress;
import java.time.Duration;
import tunnelforge.server.access.Traffic;
import tunnelforge.wire.TunnelProtocol;

/**
 * One tunnel at a moment, for whoever runs the server.
 *
 * @param agent where its control connection comes from; null while its agent is away
 * @param age since it was registered, or restored after a restart of the server
 * @param pool its data connections and what they carry
 * @param waiting visitors without a place
 * @param traffic what has moved so far; goes on counting
 */
public record TunnelStatus(String id, String url, TunnelProtocol protocol, String account, InetAddress agent, Duration age, PoolCounts pool, int waiting, Traffic traffic) {
}
