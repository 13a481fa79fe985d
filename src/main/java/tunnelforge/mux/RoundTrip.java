package tunnelforge.mux;

import java.util.concurrent.TimeUnit;

/**
 * The round trip of a data connection: the least of what was measured in the last half to whole minute, since whatever is more than the
 * least was spent in queues. Written by the reading task, read by anyone.
 */
final class RoundTrip {
    /** Never taken to be shorter: below this, what is measured is how busy the machine is. */
    static final long LEAST_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(30);

    private long periodStart;
    private long before = Long.MAX_VALUE;
    private long current = Long.MAX_VALUE;
    private volatile long nanos;

    /** Takes a measurement made at {@code now}. */
    void measured(long sample, long now) {
        if (now - periodStart > PERIOD_NANOS) {
            before = now - periodStart > 2 * PERIOD_NANOS ? Long.MAX_VALUE : current;
            current = Long.MAX_VALUE;
            periodStart = now;
        }
        current = Math.min(current, Math.max(LEAST_NANOS, sample));
        nanos = Math.min(before, current);
    }

    /** In nanoseconds; 0 before the first measurement. */
    long nanos() {
        return nanos;
    }
}
