package tunnelforge.server.access;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import tunnelforge.net.Ledger;

/** The one accounting of what visitors have, by address. It knows the addresses that have a connection, and no others. */
public final class Shares {
    private final ConcurrentHashMap<Network, VisitorShare> shares = new ConcurrentHashMap<>();

    /** The share of an address, for one connection, which gives it to {@link #leave} when it has ended. */
    public VisitorShare enter(InetAddress address) {
        return shares.compute(Network.of(address), (network, there) -> {
            VisitorShare share = there == null ? new VisitorShare(network) : there;
            share.holders++;
            return share;
        });
    }

    /** The connection has ended; nothing more is counted in its share. */
    public void leave(VisitorShare share) {
        shares.compute(share.network(), (network, there) -> --share.holders == 0 ? null : share);
    }

    /** Whether an address may have {@code bytes} of a ledger, of which {@code one} are asked for. */
    public static boolean isFair(long bytes, long one, Ledger ledger) {
        return FairCount.isFair(bytes, one, ledger.used(), ledger.capacity());
    }

    /** How many addresses have something. */
    public int size() {
        return shares.size();
    }
}
