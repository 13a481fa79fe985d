package tunnelforge.server.access;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A token bucket that any task may take from, without a lock. It is kept as the moment at which it will be full (the generic cell rate algorithm), so it needs nobody to
 * fill it. Moments are nanoseconds of a {@link tunnelforge.net.Clock}.
 */
final class TokenBucket {
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final AtomicLong fullAt;

    /** Full at {@code now}. */
    TokenBucket(long now) {
        fullAt = new AtomicLong(now);
    }

    /** How long it takes to fill in so many, at so many a second; nanoseconds. */
    static long nanos(long count, long perSecond) {
        return count > Long.MAX_VALUE / SECOND_NANOS ? Long.MAX_VALUE / 4 : count * SECOND_NANOS / perSecond;
    }

    /**
     * Takes one, if there is one.
     *
     * @param burst so many are in it when it is full
     * @return 0, or after how many nanoseconds there will be one
     */
    long take(long perSecond, long burst, long now) {
        long depth = nanos(burst, perSecond);
        long cost = nanos(1, perSecond);
        while (true) {
            long before = fullAt.get();
            long after = fill(before, now) + cost;
            if (after - now > depth) {
                return after - now - depth;
            }
            if (fullAt.compareAndSet(before, after)) {
                return 0;
            }
        }
    }

    /**
     * Takes so many, those too that are not there yet.
     *
     * @param ahead how many nanoseconds may be taken ahead at once
     * @return how many nanoseconds it takes until all of them are there
     */
    long spend(long count, long perSecond, long ahead, long now) {
        long cost = nanos(count, perSecond);
        return Math.max(0, fullAt.updateAndGet(before -> fill(before, now) + cost) - now - ahead);
    }

    private static long fill(long before, long now) {
        return before - now < 0 ? now : before;
    }

    boolean isFull(long now) {
        return fullAt.get() - now <= 0;
    }
}
