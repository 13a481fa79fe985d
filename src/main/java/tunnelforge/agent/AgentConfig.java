package tunnelforge.agent;

import java.security.cert.X509Certificate;
import java.util.List;
import tunnelforge.agent.local.HostHeader;
import tunnelforge.agent.local.ProxyProtocol;
import tunnelforge.agent.local.Target;
import tunnelforge.agent.tunnel.AgentId;
import tunnelforge.cli.HostPort;
import tunnelforge.net.Pin;
import tunnelforge.wire.TunnelProtocol;

/**
 * What an agent is told, complete before it starts.
 *
 * @param tunnels at least one
 */
record AgentConfig(Server server, List<Tunnel> tunnels) {
    AgentConfig {
        tunnels = List.copyOf(tunnels);
    }

    record Server(HostPort address, String token, Trust trust) {
        @Override
        public String toString() {
            return "Server[address=" + address + ", token hidden]";
        }
    }

    /**
     * What the server's certificate must be.
     *
     * @param ca the CAs that it may come from; null for the JDK's
     * @param pins keys that it, or its CA, must have; empty for none
     * @param name that it must be for
     */
    record Trust(List<X509Certificate> ca, List<Pin> pins, String name) {
    }

    /**
     * One tunnel.
     *
     * @param id proves to the server that this is the agent that had the name before; null to prove nothing
     */
    record Tunnel(Asked asked, Target target, Local local, AgentId id) {
        /** Whether visitors' bytes are carried as they are. */
        boolean carriesSessions() {
            return asked.protocol().carriesSessions();
        }
    }

    /**
     * The public address that a tunnel asks for.
     *
     * @param subdomain the label asked for; null for any
     * @param hostname the custom host name asked for; null for none
     * @param remotePort the port asked for; null for any
     */
    record Asked(TunnelProtocol protocol, String subdomain, String hostname, Integer remotePort) {
    }

    /**
     * How the local service is spoken to.
     *
     * @param hostHeader what it sees as Host
     * @param verify whether the certificate of an {@code https} target is judged
     * @param proxyProtocol what it learns of visitors where it gets no heads
     */
    record Local(HostHeader hostHeader, boolean verify, ProxyProtocol proxyProtocol) {
    }
}
