package tunnelforge.server.tunnel;

import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import tunnelforge.net.Ticker;

/** Which tunnel has which name: one name space for all protocols, claimed and released atomically. */
public final class TunnelDirectory {
    private final ConcurrentHashMap<String, Tunnel> byHost = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Tunnel> byId = new ConcurrentHashMap<>();
    private final Ticker ticker;

    public TunnelDirectory(Ticker ticker) {
        this.ticker = ticker;
    }

    /** Claims the tunnel's name; false when another has it. */
    boolean claim(Tunnel tunnel) {
        // Before anybody can find it, and replace it.
        if (byId.putIfAbsent(tunnel.id(), tunnel) != null) {
            return false;
        }
        ticker.add(tunnel);
        if (byHost.putIfAbsent(tunnel.host(), tunnel) != null) {
            byId.remove(tunnel.id(), tunnel);
            ticker.remove(tunnel);
            return false;
        }
        return true;
    }

    /** Gives the holder's name to {@code tunnel} in one step, so that no visitor finds nobody; false when it is not the holder's any more. */
    boolean replace(Tunnel holder, Tunnel tunnel) {
        if (!byHost.replace(holder.host(), holder, tunnel)) {
            return false;
        }
        byId.remove(holder.id(), holder);
        ticker.remove(holder);
        byId.put(tunnel.id(), tunnel);
        ticker.add(tunnel);
        return true;
    }

    /** Releases the tunnel's name at once; nothing happens when it does not have it any more. */
    public void release(Tunnel tunnel) {
        byHost.remove(tunnel.host(), tunnel);
        byId.remove(tunnel.id(), tunnel);
        ticker.remove(tunnel);
    }

    /** The tunnel of a host name in lower case; null when there is none. */
    public Tunnel find(String host) {
        return byHost.get(host);
    }

    /** The tunnel of an id; null when there is none. */
    public Tunnel findById(String id) {
        return byId.get(id);
    }

    public Collection<Tunnel> tunnels() {
        return byHost.values();
    }

    public int size() {
        return byHost.size();
    }
}
