package tunnelforge.mux;

import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where at most one task waits for what another will bring. All calls are made under the owner's lock, except that the task which {@link #take}
 * returned may be woken after it: so the one who brings much wakes nobody under the lock. Wake-ups may come without cause; whoever waits looks again.
 */
final class Waiter {
    private final ReentrantLock lock;
    private Thread waiting;

    Waiter(ReentrantLock lock) {
        this.lock = lock;
    }

    /** Waits, without the lock meanwhile. */
    void await() {
        waiting = Thread.currentThread();
        lock.unlock();
        try {
            LockSupport.park(this);
        } finally {
            lock.lock();
        }
    }

    /** The task to wake, or null; it is the caller's to do so. */
    Thread take() {
        Thread taken = waiting;
        waiting = null;
        return taken;
    }

    void wake() {
        LockSupport.unpark(take());
    }
}
