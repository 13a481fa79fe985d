package tunnelforge.net;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** Ends a wait from outside: whoever waits for something is given one, and whoever knows that nobody wants it any more cancels it. */
public final class Cancellation {
    /** Ends the interest in a cancellation. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Runnable> wakes = new ArrayList<>();
    private volatile boolean cancelled;

    public boolean cancelled() {
        return cancelled;
    }

    /** Runs {@code wake} when this is cancelled, at once when it has been. It must not block, and may run without cause. */
    public Registration onCancel(Runnable wake) {
        boolean late;
        lock.lock();
        try {
            late = cancelled;
            if (!late) {
                wakes.add(wake);
            }
        } finally {
            lock.unlock();
        }
        if (late) {
            wake.run();
        }
        return () -> forget(wake);
    }

    private void forget(Runnable wake) {
        lock.lock();
        try {
            wakes.remove(wake);
        } finally {
            lock.unlock();
        }
    }

    /** Never blocks; once is enough. */
    public void cancel() {
        List<Runnable> run;
        lock.lock();
        try {
            cancelled = true;
            run = List.copyOf(wakes);
            wakes.clear();
        } finally {
            lock.unlock();
        }
        run.forEach(Runnable::run);
    }
}
