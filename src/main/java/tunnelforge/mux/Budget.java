package tunnelforge.mux;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The memory that one tunnel may use in one program: windows granted to peers and bodies kept. What is reserved is a promise,
 * not an allocation. Reserving and releasing cost one atomic step each while there is enough.
 */
public final class Budget {
    private final long capacity;
    private final AtomicLong used = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private volatile int waiting;

    /**
     * A budget of which nothing is used.
     *
     * @param capacity in bytes
     */
    public Budget(long capacity) {
        this.capacity = capacity;
    }

    /**
     * The budget of one tunnel: {@code bytes}, but never more than half of the heap.
     *
     * @param bytes what is wished for
     * @return the budget
     */
    public static Budget atMostHalfTheHeap(long bytes) {
        return new Budget(Math.min(bytes, Runtime.getRuntime().maxMemory() / 2));
    }

    /**
     * Reserves without waiting.
     *
     * @param bytes at least 0
     * @return whether they are reserved
     */
    public boolean tryReserve(long bytes) {
        if (used.addAndGet(bytes) <= capacity) {
            return true;
        }
        release(bytes);
        return false;
    }

    /**
     * Reserves, waiting for others to release.
     *
     * @param bytes at least 0
     * @param limit how long to wait at most
     * @return whether they are reserved
     * @throws InterruptedException when interrupted
     */
    public boolean reserve(long bytes, Duration limit) throws InterruptedException {
        if (tryReserve(bytes)) {
            return true;
        }
        long left = limit.toNanos();
        lock.lock();
        waiting++;
        try {
            while (!tryReserve(bytes)) {
                if (left <= 0) {
                    return false;
                }
                left = released.awaitNanos(left);
            }
            return true;
        } finally {
            waiting--;
            lock.unlock();
        }
    }

    /**
     * Gives back what was reserved.
     *
     * @param bytes at least 0
     */
    public void release(long bytes) {
        used.addAndGet(-bytes);
        if (waiting > 0 && !lock.isHeldByCurrentThread()) {
            lock.lock();
            try {
                released.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * What is reserved now.
     *
     * @return bytes; 0 when no exchange is open
     */
    public long used() {
        return used.get();
    }
}
