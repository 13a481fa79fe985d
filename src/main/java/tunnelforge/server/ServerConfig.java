package tunnelforge.server;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import tunnelforge.net.AddressRange;
import tunnelforge.server.tls.CertificateFiles;
import tunnelforge.server.tunnel.PortRange;
import tunnelforge.server.tunnel.TunnelRules;

/**
 * What a server is told, complete before it starts.
 *
 * @param bind the address to listen on; null for all
 * @param port of TLS; 0 for any free one
 * @param httpPort of plain HTTP; 0 for any free one, -1 for none
 * @param publicPort the TLS port that visitors see; 0 for the one that is listened on
 * @param domain tunnels get names below it; lower case
 * @param stateDirectory keys, the CA and the token live there
 * @param token opens tunnels; null for the one in the state directory, made on first start
 * @param certificates loaded ones, which go before the own CA's
 * @param grace how long the name of a dropped tunnel is kept
 * @param tcpPorts what {@code tcp} tunnels get
 * @param idleTimeout how long a session of a {@code tcp} or {@code tls} tunnel may be silent both ways
 * @param loadBalancers where connections come from that begin with a header of the PROXY protocol; empty for none
 */
public record ServerConfig(InetAddress bind, int port, int httpPort, int publicPort, String domain, Path stateDirectory,
        String token, List<CertificateFiles> certificates, Duration grace, PortRange tcpPorts, Duration idleTimeout,
        List<AddressRange> loadBalancers) {

    /** No plain HTTP. */
    static final int NO_HTTP = -1;

    /** What its tunnels have in common. */
    TunnelRules tunnels() {
        return new TunnelRules(domain, tcpPorts, grace);
    }

    @Override
    public String toString() {
        return "ServerConfig[port=" + port + ", domain=" + domain + ", token hidden]";
    }
}
