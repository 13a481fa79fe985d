package tunnelforge.net;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The memory of a program that is kept across a wait: connections, windows granted to peers, heads and bodies kept. There is one for the program, with
 * parts for tunnels and others; what is reserved in a part is reserved in the whole. What is reserved is a promise, not an allocation.
 *
 * <p>While there is enough, reserving and releasing cost one atomic step on each level. Those that wait stand in one queue for the whole and are served
 * in order: where one waits for a part, later ones must wait for that part too, and where it waits for the whole, all must.
 *
 * <p>Long, because what is reserved, what waits and what is claimed for those that wait can only be judged together.
 */
public final class Ledger {
    /** Of the whole: growth leaves this share of it free. */
    private static final int KEPT_OF_WHOLE = 8;

    private final Ledger parent;
    private final Queue queue;
    private final long capacity;
    private final AtomicLong used = new AtomicLong();
    /** Under the queue's lock. */
    private final LinkedHashSet<Waiter> waiters = new LinkedHashSet<>();
    /** Somebody waits for this one to have enough. */
    private volatile boolean claimed;

    /** One of which nothing is used. */
    public Ledger(long capacity) {
        this(null, new Queue(), capacity);
    }

    private Ledger(Ledger parent, Queue queue, long capacity) {
        this.parent = parent;
        this.queue = queue;
        this.capacity = capacity;
    }

    /** Half of the heap: the other half is for what is short-lived, and for what is too small to be counted. */
    public static Ledger ofProgram() {
        return new Ledger(Runtime.getRuntime().maxMemory() / 2);
    }

    /** An unused part, of {@code bytes} at most, even when there is more here. */
    public Ledger part(long bytes) {
        return new Ledger(this, queue, Math.min(bytes, capacity));
    }

    /** What this is a part of in the end; itself when it is a part of nothing. */
    public Ledger whole() {
        Ledger whole = this;
        while (whole.parent != null) {
            whole = whole.parent;
        }
        return whole;
    }

    /** The most bytes that can be reserved. */
    public long capacity() {
        return capacity;
    }

    /** The bytes that are reserved now; 0 when nothing is kept. */
    public long used() {
        return used.get();
    }

    // ---- Without waiting. ----

    /** Reserves unless it would have to wait; returns whether it has. */
    public boolean tryReserve(long bytes) {
        return bytes == 0 || !isClaimed() && take(bytes, false);
    }

    /**
     * Reserves more for what has been admitted already: before those that still wait to be, since they may wait for what that holds. Returns whether it
     * has.
     */
    public boolean tryExtend(long bytes) {
        return take(bytes, false);
    }

    /**
     * Reserves for something that can do without: only while more than half is free here and in what this is a part of, and an eighth of the whole, so
     * that what is needed to go on serving stays. Returns whether it has.
     */
    public boolean tryGrow(long bytes) {
        return !isClaimed() && take(bytes, true);
    }

    private boolean isClaimed() {
        for (Ledger each = this; each != null; each = each.parent) {
            if (each.claimed) {
                return true;
            }
        }
        return false;
    }

    private boolean isAmong(Set<Ledger> claims) {
        for (Ledger each = this; each != null; each = each.parent) {
            if (claims.contains(each)) {
                return true;
            }
        }
        return false;
    }

    private boolean take(long bytes, boolean growth) {
        Ledger lacking = lackingFor(bytes, growth);
        if (lacking != null && lacking != this) {
            // What was taken for a moment may have been what somebody was refused for.
            queue.serve();
        }
        return lacking == null;
    }

    /** Reserves, or says where there was not enough. */
    private Ledger lackingFor(long bytes, boolean growth) {
        for (Ledger each = this; each != null; each = each.parent) {
            long limit = !growth ? each.capacity : each.parent == null && each != this ? each.capacity - each.capacity / KEPT_OF_WHOLE : each.capacity / 2;
            if (!each.add(bytes, limit)) {
                giveBack(bytes, each);
                return each;
            }
        }
        return null;
    }

    private boolean add(long bytes, long limit) {
        long now;
        do {
            now = used.get();
            if (bytes > limit - now) {
                return false;
            }
        } while (!used.compareAndSet(now, now + bytes));
        return true;
    }

    private void giveBack(long bytes, Ledger end) {
        for (Ledger each = this; each != end; each = each.parent) {
            each.used.addAndGet(-bytes);
        }
    }

    /** Gives back what was reserved here. */
    public void release(long bytes) {
        giveBack(bytes, null);
        queue.serve();
    }

    // ---- Waiting. ----

    /**
     * Reserves, waiting for others to release, in the order in which they came.
     *
     * @param cancellation ends the wait
     * @return whether it has; false when the limit has passed, when the wait was cancelled, and at once when there can never be enough
     * @throws InterruptedException when interrupted while it waits, or before
     */
    public boolean reserve(long bytes, Duration limit, Cancellation cancellation) throws InterruptedException {
        if (tryReserve(bytes)) {
            return true;
        }
        // No part is larger than its whole.
        if (bytes > capacity) {
            return false;
        }
        Waiter waiter = new Waiter(this, bytes, Thread.currentThread());
        queue.enter(waiter);
        try (Cancellation.Registration registered = cancellation.onCancel(() -> LockSupport.unpark(waiter.thread))) {
            waiter.await(limit, cancellation);
        } finally {
            queue.leave(waiter);
        }
        if (Thread.interrupted()) {
            if (waiter.served) {
                release(bytes);
            }
            throw new InterruptedException();
        }
        return waiter.served;
    }

    /** How many wait, in the whole and all its parts. */
    int waiting() {
        return queue.waiting;
    }

    /** One that waits for {@code bytes} of {@code ledger}. */
    private static final class Waiter {
        private final Ledger ledger;
        private final long bytes;
        private final Thread thread;
        private long turn;
        private volatile boolean served;

        Waiter(Ledger ledger, long bytes, Thread thread) {
            this.ledger = ledger;
            this.bytes = bytes;
            this.thread = thread;
        }

        void await(Duration limit, Cancellation cancellation) {
            long end = System.nanoTime() + limit.toNanos();
            long left = limit.toNanos();
            while (!served && left > 0 && !thread.isInterrupted() && !cancellation.cancelled()) {
                LockSupport.parkNanos(this, left);
                left = end - System.nanoTime();
            }
        }
    }

    /** Who waits in a whole and its parts. What it costs to look after them grows with the ledgers that are waited for, not with those that wait. */
    private static final class Queue {
        private final ReentrantLock lock = new ReentrantLock();
        /** Those for which somebody waits. */
        private final Set<Ledger> waitedFor = new HashSet<>();
        private final Set<Ledger> claimed = new HashSet<>();
        private long lastTurn;
        private volatile int waiting;

        void enter(Waiter waiter) {
            lock.lock();
            try {
                waiter.turn = ++lastTurn;
                waiter.ledger.waiters.add(waiter);
                waitedFor.add(waiter.ledger);
                waiting++;
                serveInOrder();
            } finally {
                lock.unlock();
            }
        }

        void leave(Waiter waiter) {
            lock.lock();
            try {
                if (remove(waiter)) {
                    // It may have stood in the way of others.
                    serveInOrder();
                }
            } finally {
                lock.unlock();
            }
        }

        private boolean remove(Waiter waiter) {
            if (!waiter.ledger.waiters.remove(waiter)) {
                return false;
            }
            if (waiter.ledger.waiters.isEmpty()) {
                waitedFor.remove(waiter.ledger);
            }
            waiting--;
            return true;
        }

        /** Something was given back. */
        void serve() {
            if (waiting == 0) {
                return;
            }
            lock.lock();
            try {
                serveInOrder();
            } finally {
                lock.unlock();
            }
        }

        private void serveInOrder() {
            PriorityQueue<Waiter> next = new PriorityQueue<>(Comparator.comparingLong(waiter -> waiter.turn));
            waitedFor.forEach(each -> next.add(each.waiters.getFirst()));
            Set<Ledger> claims = new HashSet<>();
            boolean more = true;
            for (Waiter waiter; more && (waiter = next.poll()) != null;) {
                Ledger ledger = waiter.ledger;
                if (ledger.isAmong(claims)) {
                    continue;
                }
                Ledger lacking = ledger.lackingFor(waiter.bytes, false);
                if (lacking == null) {
                    remove(waiter);
                    waiter.served = true;
                    LockSupport.unpark(waiter.thread);
                    if (!ledger.waiters.isEmpty()) {
                        next.add(ledger.waiters.getFirst());
                    }
                } else {
                    claims.add(lacking);
                    claimed.add(lacking);
                    lacking.claimed = true;
                    more = lacking.parent != null;
                }
            }
            // Only now: what is still claimed must not be to be had meanwhile.
            claimed.forEach(each -> each.claimed = claims.contains(each));
            claimed.retainAll(claims);
        }
    }

    // ---- Piece by piece. ----

    /** What one owner reserves piece by piece and gives back all at once: nothing yet. */
    public Charge charge() {
        return new Charge(this);
    }

    /** Reserved by one owner; for one task. */
    public static final class Charge {
        private final Ledger ledger;
        private long bytes;

        private Charge(Ledger ledger) {
            this.ledger = ledger;
        }

        /** Reserves more as {@link #tryGrow} does: never of the half without which nothing can be served. Returns whether it has. */
        public boolean tryAdd(long more) {
            if (!ledger.tryGrow(more)) {
                return false;
            }
            bytes += more;
            return true;
        }

        /** Gives everything back. */
        public void release() {
            ledger.release(bytes);
            bytes = 0;
        }
    }
}
