package tunnelforge.server.tunnel;

import java.util.Collection;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.PublicAddress;

/** Which tunnel has which address: one name space for all protocols, claimed and released atomically. */
public interface TunnelDirectory {
    /**
     * Claims the tunnel's address; false when another has it.
     *
     * @throws Refusal when nobody has it, and there is no room for another tunnel
     */
    boolean claim(Tunnel tunnel) throws Refusal;

    /** Gives the holder's address, its port, and its room, to {@code tunnel} in one step, so that no visitor finds nobody; false when it is not the holder's any more. */
    boolean replace(Tunnel holder, Tunnel tunnel);

    /** Releases the tunnel's address at once; false when it does not have it any more. */
    boolean release(Tunnel tunnel);

    /** The tunnel at an address; null when there is none. */
    Tunnel find(PublicAddress address);

    /** The tunnel of a host name in lower case; null when there is none. */
    default Tunnel find(String host) {
        return find(new PublicAddress.Name(host));
    }

    /** The tunnel of an id; null when there is none. */
    Tunnel findById(String id);

    Collection<Tunnel> tunnels();
}
