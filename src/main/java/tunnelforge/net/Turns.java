package tunnelforge.net;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes a task that always finds input ready let the others run: virtual threads are never preempted, so that two such tasks on two cores would stop
 * everybody. For one connection's reading task.
 *
 * <p>A task that yields goes to the end of its carrier's own queue, where it meets the tasks that yield as well; those that were made runnable from
 * outside (by the poller, by platform threads) wait in another queue, which a carrier looks at only when its own is empty. Hence a task that has run for
 * long parks for a moment, which empties that queue.
 *
 * <p>A task that parks elsewhere looks as if it had run meanwhile. That costs it a yield too many, but no system call for each read.
 */
final class Turns {
    private static final int YIELD_BYTES = 64 * 1024;
    private static final long YIELD_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    /** A raw read that took this long has parked: what is ready is read faster. */
    private static final long PARKED_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private final Clock clock;
    private long parkedAt;
    private long yieldedAt;
    private int bytes;
    private boolean owesPark;

    Turns(Clock clock) {
        this.clock = clock;
        parked(clock.nanos());
    }

    private void parked(long now) {
        parkedAt = now;
        yieldedAt = now;
        bytes = 0;
        owesPark = false;
    }

    /** A raw read has taken {@code count} bytes. */
    void rawRead(int count, long began, long ended) {
        if (ended - began >= PARKED_NANOS) {
            parked(ended);
        } else {
            bytes += count;
        }
    }

    /** A read has returned: yields when the turn is over. */
    void afterRead() {
        long now = clock.nanos();
        if (bytes < YIELD_BYTES && now - yieldedAt < YIELD_NANOS) {
            return;
        }
        if (now - parkedAt < PARK_NANOS) {
            Thread.yield();
            now = clock.nanos();
        } else {
            owesPark = true;
        }
        yieldedAt = now;
        bytes = 0;
    }

    /** Whether {@link #beforeRead} wants to know if there is anything to read. */
    boolean owesPark() {
        return owesPark;
    }

    /** Parks, unless the next read does so by itself because nothing is {@code ready}. */
    void beforeRead(boolean ready) {
        if (ready) {
            LockSupport.parkNanos(this, 1);
        }
        parked(clock.nanos());
    }
}
