package tunnelforge.mux;

import java.util.concurrent.locks.ReentrantLock;

/**
 * What is to happen when an exchange ends early. It runs once at most, on the task that ends the exchange. After {@link #close} has returned it neither
 * runs nor is running, so what it would hit may then be given to another exchange.
 */
public final class EndHook implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private Runnable action;

    EndHook(Runnable action) {
        this.action = action;
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
