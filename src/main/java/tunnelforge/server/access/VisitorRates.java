package tunnelforge.server.access;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** How fast visitors of each address go in an account's tunnels. An address is forgotten when it has rested, so that nobody gains by connecting anew. */
final class VisitorRates {
    /** Of as many the rates are known. Those of others are limited by the account's own. */
    static final int MAX_ADDRESSES = 10_000;

    private static final long SWEEP_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Of one address. */
    record Buckets(TokenBucket requests, TokenBucket bytes) {
        boolean isRested(long now) {
            return requests.isFull(now) && bytes.isFull(now);
        }
    }

    private final ConcurrentHashMap<Network, Buckets> all = new ConcurrentHashMap<>();
    private final AtomicLong swept;

    VisitorRates(long now) {
        swept = new AtomicLong(now);
    }

    /** Null when too many addresses are known. */
    Buckets of(Network network, long now) {
        Buckets there = all.get(network);
        if (there != null) {
            return there;
        }
        if (all.mappingCount() >= MAX_ADDRESSES && !sweep(now)) {
            return null;
        }
        return all.computeIfAbsent(network, unknown -> new Buckets(new TokenBucket(now), new TokenBucket(now)));
    }

    /** Whether there is room afterwards. */
    private boolean sweep(long now) {
        long last = swept.get();
        if (now - last >= SWEEP_EVERY_NANOS && swept.compareAndSet(last, now)) {
            all.values().removeIf(buckets -> buckets.isRested(now));
        }
        return all.mappingCount() < MAX_ADDRESSES;
    }
}
