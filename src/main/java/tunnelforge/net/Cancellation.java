package tunnelforge.net;

import java.util.concurrent.locks.ReentrantLock;

/**
 * What a waiting task is given, so that another task can end its wait: a visitor that has left, a tunnel that was closed. It is cancelled once and
 * stays so.
 */
public final class Cancellation {
    private final ReentrantLock lock = new ReentrantLock();
    /** A ring of what is registered, in order, which begins and ends here: a hook leaves it in one step, however many there are. */
    private final Hook ring = new Hook(null);
    private volatile boolean cancelled;

    /** A wake-up that waits for the cancellation, until it is closed. */
    public interface Registration extends AutoCloseable {
        /** Takes the wake-up back. One that runs at this moment may still be running when this returns. */
        @Override
        void close();
    }

    private final class Hook implements Registration {
        private final Runnable wake;
        private Hook before = this;
        private Hook after = this;

        Hook(Runnable wake) {
            this.wake = wake;
        }

        void enter() {
            before = ring.before;
            after = ring;
            before.after = this;
            after.before = this;
        }

        void leave() {
            before.after = after;
            after.before = before;
            before = this;
            after = this;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                leave();
            } finally {
                lock.unlock();
            }
        }
    }

    public boolean cancelled() {
        return cancelled;
    }

    /**
     * Registers what ends a wait. It runs once, on the task that cancels, or at once and on this task when that has happened already. It must
     * neither block nor throw.
     */
    public Registration onCancel(Runnable wake) {
        Hook hook = new Hook(wake);
        lock.lock();
        try {
            if (!cancelled) {
                hook.enter();
                return hook;
            }
        } finally {
            lock.unlock();
        }
        wake.run();
        return hook;
    }

    /** Cancels, and runs what was registered, on this task and without a lock. Further calls do nothing. */
    public void cancel() {
        lock.lock();
        try {
            if (cancelled) {
                return;
            }
            cancelled = true;
        } finally {
            lock.unlock();
        }
        Hook first;
        while ((first = takeFirst()) != null) {
            first.wake.run();
        }
    }

    /** Nobody enters any more. */
    private Hook takeFirst() {
        lock.lock();
        try {
            Hook first = ring.after;
            first.leave();
            return first == ring ? null : first;
        } finally {
            lock.unlock();
        }
    }
}
