package tunnelforge.server.tunnel;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.Allowance;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelError;

/** The tunnels of this program, in memory. The ticker looks at a tunnel for as long as it is in here. */
public final class LocalTunnels implements TunnelDirectory {
    private final ConcurrentHashMap<PublicAddress, Tunnel> byAddress = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Tunnel> byId = new ConcurrentHashMap<>();
    private final Ticker ticker;
    /** For whoever changes the maps. */
    private final ReentrantLock lock = new ReentrantLock();

    public LocalTunnels(Ticker ticker) {
        this.ticker = ticker;
    }

    @Override
    public boolean claim(Tunnel tunnel) throws Refusal {
        lock.lock();
        try {
            if (byId.containsKey(tunnel.id()) || byAddress.containsKey(tunnel.address())) {
                return false;
            }
            if (byId.size() >= ServerLimits.MAX_TUNNELS) {
                throw Refusal.passing(TunnelError.LIMIT, "this server has " + ServerLimits.MAX_TUNNELS + " tunnels, which is its limit");
            }
            Allowance account = tunnel.allowance();
            List<Tunnel> others = byId.values().stream().filter(other -> other.allowance() == account).toList();
            account.requireRoomFor(others.size() + 1, others.stream().anyMatch(Tunnel::isAway));
            add(tunnel);
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean replace(Tunnel holder, Tunnel tunnel) {
        lock.lock();
        try {
            if (byAddress.get(holder.address()) != holder) {
                return false;
            }
            byId.remove(holder.id());
            ticker.remove(holder);
            tunnel.follows(holder);
            add(tunnel);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void add(Tunnel tunnel) {
        byAddress.put(tunnel.address(), tunnel);
        byId.put(tunnel.id(), tunnel);
        ticker.add(tunnel);
    }

    @Override
    public boolean release(Tunnel tunnel) {
        lock.lock();
        try {
            byId.remove(tunnel.id(), tunnel);
            ticker.remove(tunnel);
            return byAddress.remove(tunnel.address(), tunnel);
        } finally {
            lock.unlock();
        }
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
}
