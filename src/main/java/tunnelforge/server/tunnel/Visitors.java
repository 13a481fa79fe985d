package tunnelforge.server.tunnel;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.TunnelError;

/** How many visitors a tunnel has, and whether those are served that a tunnel waits for before it ends. */
final class Visitors {
    private final int most;
    /** All of them. */
    private final AtomicInteger here = new AtomicInteger();
    /** Those that have asked for something and have no answer yet; sessions are not among them. */
    private final AtomicInteger unanswered = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition quiet = lock.newCondition();
    private volatile boolean quietAwaited;

    Visitors(int most) {
        this.most = most;
    }

    void enter() throws Refusal {
        if (here.incrementAndGet() > most) {
            here.decrementAndGet();
            throw Refusal.passing(TunnelError.OVERLOADED, "this tunnel serves as much as it can");
        }
        unanswered.incrementAndGet();
    }

    void sessionBegins() {
        answered();
    }

    void leave(boolean session) {
        here.decrementAndGet();
        if (!session) {
            answered();
        }
    }

    private void answered() {
        if (unanswered.decrementAndGet() == 0 && quietAwaited) {
            lock.lock();
            try {
                quiet.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Waits until no request is being answered, or {@code limit} is over. */
    void awaitQuiet(Duration limit) {
        lock.lock();
        try {
            quietAwaited = true;
            for (long left = limit.toNanos(); unanswered.get() > 0 && left > 0;) {
                left = quiet.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
