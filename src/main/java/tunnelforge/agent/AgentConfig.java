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
 * @param target the local service
 * @param server where the server is
 * @param token opens tunnels there
 * @param protocol what visitors speak
 * @param remotePort the port asked for of the server; null for any
 * @param proxyProtocol what the local service learns of visitors
 * @param subdomain the label asked for; null for any
 * @param hostname the custom host name asked for; null for none
 * @param hostHeader what the local service gets to see as Host
 * @param verifyUpstream whether the certificate of an {@code https} target is judged
 * @param ca the CAs that the server's certificate may come from; null for the JDK's
 * @param pins keys that the server, or its CA, must have; empty for none
 * @param serverName the name that the server's certificate must be for
 * @param agentId proves to the server that this is the agent that had the name before; null to prove nothing
 */
public record AgentConfig(Target target, HostPort server, String token, TunnelProtocol protocol, Integer remotePort, ProxyProtocol proxyProtocol, String subdomain, String hostname,
        HostHeader hostHeader, boolean verifyUpstream, List<X509Certificate> ca, List<Pin> pins, String serverName,
        AgentId agentId) {

    /** Whether visitors' bytes are carried as they are. */
    boolean ofSessions() {
        return protocol.carriesSessions();
    }

    @Override
    public String toString() {
        return "AgentConfig[target=" + target + ", server=" + server + ", token hidden]";
    }
}
