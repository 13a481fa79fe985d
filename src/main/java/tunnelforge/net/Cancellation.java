package tunnelforge.net;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a waiting task is given, so that another task can end its wait: a visitor that has left, a tunnel that was closed. It is cancelled once and
 * stays so.
 */
public final class Cancellation {
    private final ReentrantLock lock = new ReentrantLock();
    private Set<Hook> hooks = Set.of();
    private volatile boolean cancelled;

    /** A wake-up that waits for the cancellation, until it is closed. */
    public interface Registration extends AutoCloseable {
        /** Takes the wake-up back. One that runs at this moment may still be running when this returns. */
        @Override
        void close();
    }

    private final class Hook implements Registration {
        private final Runnable wake;

        Hook(Runnable wake) {
            this.wake = wake;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (!cancelled) {
                    hooks.remove(this);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    public boolean cancelled() {
        return cancelled;
    }

    /**
     * Registers what ends a wait. It runs once, on the task that cancels, or at once and on this task when that has happened already.
     *
     * @param wake must neither block nor throw
     */
    public Registration onCancel(Runnable wake) {
        Hook hook = new Hook(wake);
        lock.lock();
        try {
            if (!cancelled) {
                if (hooks.isEmpty()) {
                    hooks = new LinkedHashSet<>();
                }
                hooks.add(hook);
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
        Set<Hook> registered;
        lock.lock();
        try {
            if (cancelled) {
                return;
            }
            cancelled = true;
            registered = hooks;
            hooks = Set.of();
        } finally {
            lock.unlock();
        }
        registered.forEach(hook -> hook.wake.run());
    }
}
