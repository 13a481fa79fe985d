package tunnelforge.mux;

import java.util.concurrent.locks.ReentrantLock;

/**
 * What is to happen when an exchange ends early. It runs once at most, on the task that ends the exchange. After {@link #close} has returned it neither
 * runs nor is running, so what it would hit may then be given to another exchange.
 */
public final class EndHook implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    /** The one that was added to the exchange before. */
    private final EndHook next;
    private Runnable action;

    EndHook(Runnable action, EndHook next) {
        this.action = action;
        this.next = next;
    }

    /** Runs {@code first} and those behind it; null for none. */
    static void runAll(EndHook first) {
        for (EndHook hook = first; hook != null; hook = hook.next) {
            hook.run();
        }
    }

    void run() {
        lock.lock();
        try {
            if (action != null) {
                Runnable once = action;
                action = null;
                once.run();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        action = null;
        lock.unlock();
    }
}
