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
 */
final class Turns {
    private static final int YIELD_BYTES = 64 * 1024;
    private static final long YIELD_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    /** A read that took this long has parked: what is ready is read faster. */
    private static final long PARKED_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private long parkedAt;
    private long yieldedAt;
    private int bytes;

    /** A turn begins at {@code now}: the task has parked. */
    Turns(long now) {
        parked(now);
    }

    /** Whether the task has run for long enough to be asked to yield if the next read finds input ready; {@code now} is before that read. */
    boolean isOver(long now) {
        return bytes >= YIELD_BYTES || now - yieldedAt >= YIELD_NANOS;
    }

    /** A read has taken {@code count} bytes. */
    void read(int count, long began, long ended) {
        if (ended - began >= PARKED_NANOS) {
            parked(ended);
        } else {
            bytes += count;
        }
    }

    /** Nothing is ready: the next read parks. */
    void parked(long now) {
        parkedAt = now;
        yieldedAt = now;
        bytes = 0;
    }

    /** Lets others run. */
    void yield(Clock clock) {
        long now = clock.nanos();
        if (now - parkedAt >= PARK_NANOS) {
            LockSupport.parkNanos(this, 1);
            parked(clock.nanos());
        } else {
            Thread.yield();
            yieldedAt = clock.nanos();
            bytes = 0;
        }
    }
}
