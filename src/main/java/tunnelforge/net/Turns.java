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
 * <p>What counts is the time that the task has run: from the end of one raw read to the beginning of the next, unless it says that it has waited meanwhile ({@link
 * #waitedElsewhere}). A raw read itself counts as little, for nobody can tell how much of it was waiting; one that took long was. A yield too many is not free: with
 * nothing else to run the JDK hands the task to another carrier, which has to be woken. One with every third request cost a single visitor a twentieth of them.
 */
final class Turns {
    private static final int YIELD_BYTES = 256 * 1024;
    private static final long YIELD_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    /** A raw read that took this long has parked: what is ready is read faster. */
    private static final long PARKED_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
    /** What a raw read counts for at most. */
    private static final long READ_NANOS = TimeUnit.MICROSECONDS.toNanos(25);

    private final Clock clock;
    /** When the last raw read ended. */
    private long lastRead;
    /** For how long it has run since it has parked, and up to its last yield. */
    private long ran;
    private long ranUntilYield;
    private int bytes;
    private boolean owesPark;

    Turns(Clock clock) {
        this.clock = clock;
        parked(clock.nanos());
    }

    private void parked(long now) {
        lastRead = now;
        ran = 0;
        ranUntilYield = 0;
        bytes = 0;
        owesPark = false;
    }

    /** The task has waited for something else since its last read, or is a new one. */
    void waitedElsewhere() {
        parked(clock.nanos());
    }

    /** A raw read has taken {@code count} bytes. */
    void rawRead(int count, long began, long ended) {
        if (ended - began >= PARKED_NANOS) {
            parked(ended);
            return;
        }
        ran += began - lastRead + Math.min(READ_NANOS, ended - began);
        lastRead = ended;
        bytes += count;
    }

    /** A read has returned: yields when the turn is over. */
    void afterRead() {
        if (bytes < YIELD_BYTES && ran - ranUntilYield < YIELD_NANOS) {
            return;
        }
        if (ran < PARK_NANOS) {
            Thread.yield();
            lastRead = clock.nanos();
        } else {
            owesPark = true;
        }
        ranUntilYield = ran;
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
