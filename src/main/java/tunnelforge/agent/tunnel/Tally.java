package tunnelforge.agent.tunnel;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Counts what is under way, for one task that waits until nothing is. */
final class Tally {
    private final AtomicInteger count = new AtomicInteger();
    private volatile Thread waiter;

    void enter() {
        count.incrementAndGet();
    }

    void leave() {
        if (count.decrementAndGet() == 0) {
            LockSupport.unpark(waiter);
        }
    }

    /** Whether nothing is under way within {@code limit}. */
    boolean awaitNone(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        waiter = Thread.currentThread();
        for (long left = limit.toNanos(); count.get() > 0 && left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return count.get() == 0;
    }
}
