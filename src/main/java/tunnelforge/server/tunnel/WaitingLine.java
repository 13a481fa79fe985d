package tunnelforge.server.tunnel;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import tunnelforge.net.Cancellation;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.TunnelError;

/**
 * Visitors that wait for a place (a {@code P}), served in the order in which they came. Whoever frees a place hands it to the first of them; whoever has waited for
 * too long, or has left, is out of the line at once. The lock is held for a few instructions.
 */
final class WaitingLine<P> {
    private static final String AWAY = "the agent of this tunnel is away";

    /** One visitor's task. */
    final class Waiter {
        private final Thread task = Thread.currentThread();
        private final long until;
        private P given;

        private Waiter(long until) {
            this.until = until;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final LinkedHashSet<Waiter> line = new LinkedHashSet<>();
    private volatile int length;
    private boolean closed;

    int length() {
        return length;
    }

    /**
     * Takes the last place in the line, for the calling task, which calls {@link #await} next.
     *
     * @param until when it is refused, by the clock of {@link #expire}
     */
    Waiter join(long until) throws Refusal {
        Waiter waiter = new Waiter(until);
        lock.lock();
        try {
            if (closed) {
                throw Refusal.passing(TunnelError.AGENT_AWAY, AWAY);
            }
            if (line.size() >= ServerLimits.MAX_WAITING) {
                throw Refusal.passing(TunnelError.OVERLOADED, "too many visitors wait for this tunnel");
            }
            line.add(waiter);
            length = line.size();
        } finally {
            lock.unlock();
        }
        return waiter;
    }

    /** Gives what {@code places} finds to those that wait, the first one first, until it finds nothing more. */
    void serve(Supplier<P> places) {
        if (length == 0) {
            return;
        }
        lock.lock();
        try {
            Iterator<Waiter> waiting = line.iterator();
            P place;
            while (waiting.hasNext() && (place = places.get()) != null) {
                Waiter first = waiting.next();
                first.given = place;
                waiting.remove();
                LockSupport.unpark(first.task);
            }
            length = line.size();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the waiter is served. What it was given when its visitor left at the same moment is the caller's to give back. */
    P await(Waiter waiter, Cancellation gone) throws Refusal {
        Cancellation.Registration leaving = gone.onCancel(() -> leave(waiter));
        try {
            while (waits(waiter)) {
                LockSupport.park(this);
                if (Thread.interrupted()) {
                    leave(waiter);
                    Thread.currentThread().interrupt();
                }
            }
        } finally {
            leaving.close();
        }
        if (waiter.given == null) {
            throw Refusal.passing(TunnelError.AGENT_AWAY, gone.cancelled() ? "the visitor has left" : AWAY);
        }
        return waiter.given;
    }

    private boolean waits(Waiter waiter) {
        lock.lock();
        try {
            return line.contains(waiter);
        } finally {
            lock.unlock();
        }
    }

    private void leave(Waiter waiter) {
        lock.lock();
        try {
            line.remove(waiter);
            length = line.size();
        } finally {
            lock.unlock();
        }
        LockSupport.unpark(waiter.task);
    }

    /** Refuses those whose time is over. */
    void expire(long now) {
        if (length == 0) {
            return;
        }
        lock.lock();
        try {
            line.removeIf(waiter -> {
                boolean late = now - waiter.until >= 0;
                if (late) {
                    LockSupport.unpark(waiter.task);
                }
                return late;
            });
            length = line.size();
        } finally {
            lock.unlock();
        }
    }

    /** Refuses all, and whoever still comes. */
    void close() {
        lock.lock();
        try {
            closed = true;
            line.forEach(waiter -> LockSupport.unpark(waiter.task));
            line.clear();
            length = 0;
        } finally {
            lock.unlock();
        }
    }
}
