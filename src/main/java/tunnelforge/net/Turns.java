package tunnelforge.net;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes a task that always finds input ready let the others run: virtual threads are never preempted, so that two such tasks on two cores
 * would stop everybody. For one connection's reading task.
 *
 * <p>A task that yields goes to the end of its carrier's own queue, where it meets the tasks that yield as well; those that were made
 * runnable from outside (by the poller, by platform threads) wait in another queue, which a carrier looks at only when its own is empty.
 * Hence a task that has run for long parks for a moment, which empties that queue.
 *
 * <p>A task that parks elsewhere between two reads looks as if it had run. So reads in a row that found something at once count as well. A
 * yield too many is not free: with nothing else to run the JDK hands the task to another carrier, which has to be woken. One with every
 * third request cost a single visitor a twentieth of them.
 */
final class Turns {
    private static final int YIELD_BYTES = 256 * 1024;
    private static final long YIELD_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    /** At the latest, also where every read seems to have waited: what is ready may take that long as well, on a busy machine. */
    private static final long LATEST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int YIELD_READS = 4;
    private static final long PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int PARK_YIELDS = 4;
    /** A raw read that took this long has parked: what is ready is read faster. */
    private static final long PARKED_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
    /** A raw read that took this long has most likely parked, unless the system gave the processor to another program. */
    private static final long WAITED_NANOS = TimeUnit.MICROSECONDS.toNanos(25);

    private final Clock clock;
    private long parkedAt;
    private long yieldedAt;
    private long lastRead;
    private int bytes;
    private int reads;
    private int yields;
    private boolean owesPark;

    Turns(Clock clock) {
        this.clock = clock;
        parked(clock.nanos());
    }

    private void parked(long now) {
        parkedAt = now;
        yields = 0;
        owesPark = false;
        begins(now);
    }

    private void begins(long now) {
        yieldedAt = now;
        lastRead = now;
        bytes = 0;
        reads = 0;
    }

    /** A raw read has taken {@code count} bytes. */
    void rawRead(int count, long began, long ended) {
        long took = ended - began;
        if (took >= PARKED_NANOS) {
            parked(ended);
            return;
        }
        bytes += count;
        lastRead = ended;
        if (took >= WAITED_NANOS) {
            reads = 0;
        }
    }

    /** A read has returned: yields when the turn is over. */
    void afterRead() {
        if (++reads < YIELD_READS && bytes < YIELD_BYTES && lastRead - yieldedAt < LATEST_NANOS) {
            return;
        }
        long now = clock.nanos();
        if (bytes < YIELD_BYTES && now - yieldedAt < YIELD_NANOS) {
            return;
        }
        if (yields < PARK_YIELDS || now - parkedAt < PARK_NANOS) {
            yields++;
            Thread.yield();
            now = clock.nanos();
        } else {
            owesPark = true;
        }
        begins(now);
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
