package tunnelforge.agent.doctor;

import java.security.cert.X509Certificate;
import java.util.List;
import tunnelforge.agent.tunnel.ServerLink;
import tunnelforge.cli.HostPort;
import tunnelforge.net.Ledger;
import tunnelforge.net.Pin;
import tunnelforge.net.Resolver;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;

/**
 * What an agent has to reach its server with.
 *
 * @param link judges the server as the agent does
 */
public record Means(Server server, ServerLink link, Resolver resolver, Ticker ticker, Tasks tasks, Ledger memory) {
    /**
     * The server, and what its certificate must be.
     *
     * @param token opens tunnels there
     * @param ca the CAs that it may come from; null for the JDK's
     * @param pins keys that it, or its CA, must have; empty for none
     * @param name that it must be for
     */
    public record Server(HostPort address, String token, List<X509Certificate> ca, List<Pin> pins, String name) {
        @Override
        public String toString() {
            return "Server[address=" + address + ", token hidden]";
        }
    }
}
