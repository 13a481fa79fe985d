package tunnelforge.net;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The memory that one tunnel, or a whole program, may use: windows granted to peers and bodies kept. What is reserved is a promise,
 * not an allocation. Reserving and releasing cost one atomic step each while there is enough.
 */
public final class Ledger {
    private static final long LOOK_AGAIN_NANOS = 50_000_000L;

    private final Ledger whole;
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
    public Ledger(long capacity) {
        this(null, capacity);
    }

    private Ledger(Ledger whole, long capacity) {
        this.whole = whole;
        this.capacity = capacity;
    }

    /**
     * The budget of a whole program.
     *
     * @return half of the heap
     */
    public static Ledger ofProgram() {
        return new Ledger(Runtime.getRuntime().maxMemory() / 2);
    }

    /**
     * How many of something there may be, so that all of them take half of the heap at most.
     *
     * @param most even when there is more memory
     * @param least even when there is less
     * @param bytesForEach what one costs at worst
     * @return from {@code least} to {@code most}
     */
    public static int affordable(int most, int least, int bytesForEach) {
        return (int) Math.max(least, Math.min(most, Runtime.getRuntime().maxMemory() / 2 / bytesForEach));
    }

    /**
     * A part of this budget: what is reserved there is reserved here too.
     *
     * @param bytes what the part may use at most, even when there is more here
     * @return an unused budget
     */
    public Ledger part(long bytes) {
        return new Ledger(this, Math.min(bytes, capacity));
    }

    /** The budget that this one is a part of; itself when it is a part of none. */
    public Ledger whole() {
        return whole == null ? this : whole;
    }

    /**
     * Reserves without waiting.
     *
     * @param bytes at least 0
     * @return whether they are reserved
     */
    public boolean tryReserve(long bytes) {
        return reserveWithin(bytes, 1);
    }

    /**
     * Reserves for something that can do without: only while more than half is free here and in the whole, so that what is needed for
     * further exchanges stays.
     *
     * @param bytes at least 0
     * @return whether they are reserved
     */
    public boolean tryGrow(long bytes) {
        return reserveWithin(bytes, 2);
    }

    /**
     * What one owner reserves piece by piece and gives back all at once.
     *
     * @return an empty one
     */
    public Charge charge() {
        return new Charge(this);
    }

    /** Reserved by one owner; for one task. */
    public static final class Charge {
        private final Ledger budget;
        private long bytes;

        private Charge(Ledger budget) {
            this.budget = budget;
        }

        /**
         * Reserves more, without waiting; never of the half that is for windows alone, without which nothing can be served.
         *
         * @param more at least 0
         * @return whether they are reserved
         */
        public boolean tryAdd(long more) {
            if (!budget.tryGrow(more)) {
                return false;
            }
            bytes += more;
            return true;
        }

        /** Gives everything back. */
        public void release() {
            budget.release(bytes);
            bytes = 0;
        }
    }

    private boolean reserveWithin(long bytes, int share) {
        long now;
        do {
            now = used.get();
            if (now + bytes > capacity / share) {
                return false;
            }
        } while (!used.compareAndSet(now, now + bytes));
        if (whole != null && !whole.reserveWithin(bytes, share)) {
            used.addAndGet(-bytes);
            return false;
        }
        return true;
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
        return reserve(bytes, limit, null);
    }

    /**
     * Like {@link #reserve(long, Duration)}, until somebody cancels the wait.
     *
     * @return whether they are reserved; false also when the wait was cancelled
     * @throws InterruptedException when interrupted
     */
    public boolean reserve(long bytes, Duration limit, Cancellation cancellation) throws InterruptedException {
        if (tryReserve(bytes)) {
            return true;
        }
        long left = limit.toNanos();
        lock.lock();
        waiting++;
        try {
            while (!tryReserve(bytes)) {
                if (left <= 0 || cancellation != null && cancellation.cancelled()) {
                    return false;
                }
                // What another part of the whole gives back is not signalled here: hence not the whole wait at once.
                left -= Math.min(left, LOOK_AGAIN_NANOS) - Math.max(0, released.awaitNanos(Math.min(left, LOOK_AGAIN_NANOS)));
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
        if (whole != null) {
            whole.release(bytes);
        }
        used.addAndGet(-bytes);
        if (waiting > 0) {
            lock.lock();
            try {
                released.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** The most bytes that can be reserved. */
    public long capacity() {
        return capacity;
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
