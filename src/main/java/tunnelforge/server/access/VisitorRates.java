package tunnelforge.server.access;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import tunnelforge.net.Clock;

/** How fast visitors of each address go in each account's tunnels. An address is forgotten when it has rested, so that nobody gains by connecting anew. */
final class VisitorRates {
    /** Of all accounts together. Those for whom there is no room are limited by the account's own rates. */
    static final int MAX_ADDRESSES = 20_000;

    private static final long SWEEP_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Of one address at one account, or of all of them there. */
    record Buckets(TokenBucket requests, TokenBucket bytes) {
        /** Full at {@code now}. */
        Buckets(long now) {
            this(new TokenBucket(now), new TokenBucket(now));
        }

        boolean isRested(long now) {
            return requests.isFull(now) && bytes.isFull(now);
        }
    }

    private record Visitor(String account, Network network) {
    }

    private final ConcurrentHashMap<Visitor, Buckets> all = new ConcurrentHashMap<>();
    private final AtomicLong swept;

    VisitorRates(Clock clock) {
        swept = new AtomicLong(clock.nanos());
    }

    /** Null when too many addresses are known. */
    Buckets of(String account, Network network, long now) {
        Visitor visitor = new Visitor(account, network);
        Buckets there = all.get(visitor);
        if (there != null) {
            return there;
        }
        sweep(now);
        return all.mappingCount() >= MAX_ADDRESSES ? null : all.computeIfAbsent(visitor, unknown -> new Buckets(now));
    }

    /** Forgets what an account's visitors owe: its rates are others. */
    void forget(String account) {
        all.keySet().removeIf(visitor -> visitor.account.equals(account));
    }

    /** Forgets those that have rested, at most once a second. */
    void sweep(long now) {
        long last = swept.get();
        if (now - last >= SWEEP_EVERY_NANOS && swept.compareAndSet(last, now)) {
            all.values().removeIf(buckets -> buckets.isRested(now));
        }
    }

    int size() {
        return all.size();
    }
}
