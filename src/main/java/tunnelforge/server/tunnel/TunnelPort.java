package tunnelforge.server.tunnel;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.net.Listener;

/** The port of a {@code tcp} tunnel. It closes with its tunnel, also when it was not open by then. */
final class TunnelPort {
    private final ReentrantLock lock = new ReentrantLock();
    /** It is open, or never will be. */
    private final CountDownLatch decided = new CountDownLatch(1);
    private Listener listener;
    private boolean accepting = true;
    private boolean closed;

    void opened(Listener opened) {
        lock.lock();
        try {
            listener = opened;
            if (closed) {
                opened.close();
            } else if (!accepting) {
                opened.stopAccepting();
            }
        } finally {
            lock.unlock();
        }
        decided.countDown();
    }

    /** It cannot be opened. */
    void failed() {
        decided.countDown();
    }

    void stopAccepting() {
        lock.lock();
        try {
            accepting = false;
            if (listener != null) {
                listener.stopAccepting();
            }
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            accepting = false;
            closed = true;
            if (listener != null) {
                listener.close();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits after {@link #close} until another may listen on the port, {@code limit} at most for each of the two that have to come to an end. */
    void awaitFree(Duration limit) {
        try {
            if (!decided.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        lock.lock();
        Listener opened = listener;
        lock.unlock();
        if (opened != null) {
            opened.awaitFree(limit);
        }
    }
}
