package tunnelforge.server.tunnel;

import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import tunnelforge.net.Ticker;
import tunnelforge.wire.PublicAddress;

/** The tunnels of this program, in memory. The ticker looks at a tunnel for as long as it is in here. */
public final class LocalTunnels implements TunnelDirectory {
    private final ConcurrentHashMap<PublicAddress, Tunnel> byAddress = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Tunnel> byId = new ConcurrentHashMap<>();
    private final Ticker ticker;

    public LocalTunnels(Ticker ticker) {
        this.ticker = ticker;
    }

    @Override
    public boolean claim(Tunnel tunnel) {
        // Before anybody can find it, and replace it.
        if (byId.putIfAbsent(tunnel.id(), tunnel) != null) {
            return false;
        }
        ticker.add(tunnel);
        if (byAddress.putIfAbsent(tunnel.address(), tunnel) != null) {
            byId.remove(tunnel.id(), tunnel);
            ticker.remove(tunnel);
            return false;
        }
        return true;
    }

    @Override
    public boolean replace(Tunnel holder, Tunnel tunnel) {
        if (!byAddress.replace(holder.address(), holder, tunnel)) {
            return false;
        }
        byId.remove(holder.id(), holder);
        ticker.remove(holder);
        byId.put(tunnel.id(), tunnel);
        ticker.add(tunnel);
        return true;
    }

    @Override
    public void release(Tunnel tunnel) {
        byAddress.remove(tunnel.address(), tunnel);
        byId.remove(tunnel.id(), tunnel);
        ticker.remove(tunnel);
    }

    @Override
    public Tunnel find(PublicAddress address) {
        return byAddress.get(address);
    }

    @Override
    public Tunnel findById(String id) {
        return byId.get(id);
    }

    @Override
    public Collection<Tunnel> tunnels() {
        return byAddress.values();
    }

    @Override
    public int size() {
        return byAddress.size();
    }
}
