package tunnelforge.mux;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What an agent remembers of the exchanges of one data connection, while it lives and for a while after: the highest request id that has come, and the exchanges whose
 * answer the server may not have got whole. Above the highest, a request has not come; at or below it, it has run, and is never run again.
 */
final class HeldExchanges {
    /** Stands for one that is over, and must not run again. */
    private static final Held GONE = new Held(null, null);

    private final String connectionId;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, Held> held = new HashMap<>();
    private volatile Runnable kill = () -> { };
    private int highest;
    private boolean fenced;
    /** Whoever has found this one before that runs nothing again. */
    private boolean forgotten;
    /** When the connection was lost, by the clock; 0 while it lives. */
    private volatile long lostAt;

    /** {@code at}: the connection that carries it, or did so last. */
    private record Held(Exchange exchange, HeldExchanges at) {
    }

    /** What is known of a request that is sent again. */
    record Found(boolean hasRun, Exchange exchange) {
    }

    HeldExchanges(String connectionId) {
        this.connectionId = connectionId;
    }

    String connectionId() {
        return connectionId;
    }

    /** It has begun; {@code kill} ends the connection at once. */
    void of(Runnable kill) {
        this.kill = kill;
        lostAt = 0;
    }

    /** A request has come; false when it is to be dropped, because the server has lost the connection and has asked for it again. */
    boolean comes(int id) {
        lock.lock();
        try {
            if (fenced) {
                return false;
            }
            highest = id;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** It is being served, and {@code at} carries it from now on. False when nobody will ask here for its answer. */
    boolean hold(int id, Exchange exchange, HeldExchanges at) {
        lock.lock();
        try {
            if (!forgotten) {
                held.put(id, new Held(exchange, at));
            }
            return !forgotten;
        } finally {
            lock.unlock();
        }
    }

    /** The server has its whole answer, or wants it no more. */
    void release(int id) {
        lock.lock();
        try {
            if (id > highest) {
                // It has run for a request that came again, and that may yet come once more.
                held.put(id, GONE);
            } else {
                held.remove(id);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The server has lost the connection: nothing that still comes on it is heeded. */
    void fence() {
        lock.lock();
        try {
            fenced = true;
        } finally {
            lock.unlock();
        }
        kill.run();
    }

    /** What became of a request; fenced before. One that has not run is the caller's to run now, and counts as run from now on. */
    Found find(int id) {
        lock.lock();
        try {
            boolean ran = forgotten || id <= highest || held.containsKey(id);
            Held known = held.getOrDefault(id, GONE);
            if (!ran) {
                held.put(id, GONE);
            }
            return new Found(ran, known.exchange);
        } finally {
            lock.unlock();
        }
    }

    /** A request that was found not to have run was not run after all. */
    void hasNotRun(int id) {
        lock.lock();
        try {
            held.remove(id);
        } finally {
            lock.unlock();
        }
    }

    /** Another connection carries it from now on; nothing when it is held no more. */
    void goesOn(int id, HeldExchanges at) {
        lock.lock();
        try {
            held.computeIfPresent(id, (same, known) -> known == GONE ? GONE : new Held(known.exchange, at));
        } finally {
            lock.unlock();
        }
    }

    /** The connection is lost. */
    void lost(long now) {
        lostAt = now == 0 ? 1 : now;
    }

    /** Whether it is lost for so long. */
    boolean isLost(long nanos, long now) {
        return lostAt != 0 && now - lostAt >= nanos;
    }

    /** Those whose connection, which need not be this one, is lost for so long: nobody will ask for them any more. */
    List<Exchange> lostFor(long nanos, long now) {
        lock.lock();
        try {
            return held.values().stream().filter(each -> each != GONE && each.at.isLost(nanos, now)).map(Held::exchange).toList();
        } finally {
            lock.unlock();
        }
    }

    /** It need not be remembered any more, unless something is held. */
    boolean forget() {
        lock.lock();
        try {
            return held.values().stream().allMatch(each -> each == GONE) && takeAll().isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Nobody will ask for them any more. */
    List<Exchange> takeAll() {
        lock.lock();
        try {
            fenced = true;
            forgotten = true;
            List<Exchange> all = held.values().stream().filter(each -> each != GONE).map(Held::exchange).toList();
            held.clear();
            return all;
        } finally {
            lock.unlock();
        }
    }
}
