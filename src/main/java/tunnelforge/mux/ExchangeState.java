package tunnelforge.mux;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Whether an exchange goes on, and who waits for what in it. Its lock is the exchange's only one; methods are called under it where nothing else is said.
 *
 * <pre>
 *   OPEN ──both ENDs, or without a 101 the response's──▶ over
 *        ──RESET either way, or a lost connection──────▶ over, with a failure; hooks run
 * </pre>
 */
final class ExchangeState {
    private final ReentrantLock lock = new ReentrantLock();
    /** The task that waits for heads or data. */
    final Waiter receiver = new Waiter(lock);
    /** The task that waits for credit. */
    final Waiter sender = new Waiter(lock);
    /** The reading task, where no windows keep the peer from sending more than is taken. */
    final Waiter deliverer = new Waiter(lock);
    private volatile boolean over;
    private volatile boolean peerEnded;
    private volatile ResetException failure;
    private EndHook hooks;

    /** Another task that may wait. */
    Waiter newWaiter() {
        return new Waiter(lock);
    }

    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    /** Also without the lock. */
    boolean isOver() {
        return over;
    }

    /** Nothing more is sent or wanted: it is complete. */
    void complete() {
        over = true;
        wakeAll();
    }

    /**
     * It ends early, unless it is over; takes the lock itself, and runs the hooks without it.
     *
     * @param byPeer nothing more of it will come
     * @return false when it was over
     */
    boolean fail(ResetException cause, boolean byPeer) {
        EndHook first;
        lock.lock();
        try {
            peerEnded |= byPeer;
            if (over) {
                return false;
            }
            failure = cause;
            over = true;
            wakeAll();
            first = hooks;
        } finally {
            lock.unlock();
        }
        EndHook.runAll(first);
        return true;
    }

    private void wakeAll() {
        receiver.wake();
        sender.wake();
        deliverer.wake();
    }

    /** Null unless it has ended early; also without the lock. */
    ResetException failure() {
        return failure;
    }

    void requireNoFailure() throws ResetException {
        if (failure != null) {
            throw failure;
        }
    }

    /** The peer will send nothing more of it. */
    void peerEnds() {
        peerEnded = true;
    }

    /** Also without the lock. */
    boolean peerEnded() {
        return peerEnded;
    }

    /** Keeps a hook for when it ends early; takes the lock itself, and runs the hook at once when it has ended so. */
    EndHook onEnd(Runnable action) {
        EndHook added;
        lock.lock();
        try {
            added = new EndHook(action, hooks);
            if (failure == null) {
                hooks = added;
                return added;
            }
        } finally {
            lock.unlock();
        }
        added.run();
        return added;
    }

    void forgetHooks() {
        hooks = null;
    }
}
