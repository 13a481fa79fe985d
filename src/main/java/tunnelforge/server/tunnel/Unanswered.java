package tunnelforge.server.tunnel;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Visits that have asked for something and have no answer yet, of a tunnel or of the whole program; sessions are not among them. Whoever ends waits for them. */
public final class Unanswered {
    private final Unanswered whole;
    private final AtomicInteger count = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition none = lock.newCondition();
    private volatile boolean awaited;

    /** A program's. */
    public Unanswered() {
        this(null);
    }

    private Unanswered(Unanswered whole) {
        this.whole = whole;
    }

    /** A tunnel's, which counts here as well. */
    Unanswered part() {
        return new Unanswered(this);
    }

    /** A request whose body is awaited before it becomes a visit. By one task. */
    public final class Arrival implements AutoCloseable {
        private boolean closed;

        private Arrival() {
            count.incrementAndGet();
        }

        /** It has become a visit, or will not. */
        @Override
        public void close() {
            if (!closed) {
                closed = true;
                countDown();
            }
        }
    }

    /** A request of the program has begun to come, whatever becomes of its tunnel meanwhile. */
    Arrival arrives() {
        return (whole == null ? this : whole).new Arrival();
    }

    /** How many there are. */
    public int count() {
        return count.get();
    }

    void begin() {
        for (Unanswered each = this; each != null; each = each.whole) {
            each.count.incrementAndGet();
        }
    }

    void end() {
        for (Unanswered each = this; each != null; each = each.whole) {
            each.countDown();
        }
    }

    private void countDown() {
        if (count.decrementAndGet() == 0 && awaited) {
            lock.lock();
            try {
                none.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Waits until there is none, or {@code limit} is over. */
    public void awaitNone(Duration limit) {
        lock.lock();
        try {
            awaited = true;
            for (long left = limit.toNanos(); count.get() > 0 && left > 0;) {
                left = none.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
