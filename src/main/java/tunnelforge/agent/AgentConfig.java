package tunnelforge.agent;

import java.util.List;
import tunnelforge.agent.local.HostHeader;
import tunnelforge.agent.local.ProxyProtocol;
import tunnelforge.agent.local.Target;
import tunnelforge.agent.traffic.Traffic;
import tunnelforge.agent.tunnel.ServerAccess;
import tunnelforge.text.HostNames;
import tunnelforge.wire.TunnelProtocol;
import tunnelforge.wire.VisitorAccess;

/**
 * What an agent is told, complete before it starts.
 *
 * @param tunnels at least one
 */
record AgentConfig(ServerAccess server, List<Tunnel> tunnels) {
    AgentConfig {
        tunnels = List.copyOf(tunnels);
    }

    /**
     * One tunnel. Two that are equal are told the same: where a file has changed, those that are not are replaced.
     *
     * @param name by which a file has it; null for the only one of a command line
     */
    record Tunnel(String name, Asked asked, Target target, Local local, Tells tells) {
        /** Whether visitors' bytes are carried as they are. */
        boolean carriesSessions() {
            return asked.protocol().carriesSessions();
        }
    }

    /**
     * What is told of it beside its own state.
     *
     * @param requests a line for each
     * @param upstream whether the local service can be connected to, before a visitor comes
     */
    record Tells(boolean requests, boolean upstream) {
        /** To nobody who watches. */
        static final Tells LITTLE = new Tells(false, false);
    }

    /**
     * The public address that a tunnel asks for, and who may visit it there.
     *
     * @param subdomain the label asked for; null for any
     * @param hostname the custom host name asked for; null for none
     * @param remotePort the port asked for; null for any
     */
    record Asked(TunnelProtocol protocol, String subdomain, String hostname, Integer remotePort, VisitorAccess visitors) {
        /** What no two tunnels can have: the name, or {@code :port}; null where any will do. */
        String address() {
            String name = hostname != null ? hostname : subdomain;
            return name != null ? HostNames.normalise(name) : remotePort != null ? ":" + remotePort : null;
        }
    }

    /**
     * How the local service is spoken to.
     *
     * @param hostHeader what it sees as Host
     * @param verify whether the certificate of an {@code https} target is judged
     * @param proxyProtocol what it learns of visitors where it gets no heads
     * @param failuresToSpare how often in a row it may fail before visitors are answered in its place for a while; 0 for any number
     * @param traffic what is done to requests and responses on their way
     */
    record Local(HostHeader hostHeader, boolean verify, ProxyProtocol proxyProtocol, int failuresToSpare, Traffic traffic) {
    }
}
