package tunnelforge.agent.tunnel;

import java.util.List;
import tunnelforge.agent.proxy.Proxy;
import tunnelforge.cli.HostPort;
import tunnelforge.net.Pin;
import tunnelforge.net.ServerTrust;

/**
 * The server, what opens tunnels there, and what its certificate must be.
 *
 * @param files the CAs that it may come from, and what this agent shows of itself
 * @param pins keys that it, or its CA, must have; empty for none
 * @param name that it must be for
 * @param proxy through which it is reached; null for none
 */
public record ServerAccess(HostPort address, String token, TrustFiles files, List<Pin> pins, String name, Proxy proxy) {
    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException when it is neither a host name nor an address
     */
    public ServerAccess {
        pins = List.copyOf(pins);
        ServerTrust.requireName(name);
    }

    /** The judge of its certificate. */
    public ServerTrust trust(TrustFiles.Loaded loaded) {
        return new ServerTrust(loaded.ca(), pins, name);
    }

    @Override
    public String toString() {
        return "ServerAccess[address=" + address + ", token hidden]";
    }
}
