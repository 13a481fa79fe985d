package tunnelforge.mux;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.wire.Limits;

/**
 * What an agent remembers of the exchanges of one data connection, while it lives and for a while after: the highest request id that has come, and the exchanges whose
 * answer the server may not have got whole. Above the highest, a request has not come; at or below it, it has run, and is never run again.
 */
final class HeldExchanges {
    /** Stands for one that is over, and must not run again. */
    private static final Exchange GONE = null;

    private final String connectionId;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, Exchange> held = new HashMap<>();
    private volatile Runnable kill = () -> { };
    private int highest;
    private boolean fenced;
    /** When the connection was lost, by the clock; 0 while it lives. */
    private volatile long lostAt;

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

    /** It is being served. */
    void hold(int id, Exchange exchange) {
        lock.lock();
        try {
            held.put(id, exchange);
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
            boolean ran = id <= highest || held.containsKey(id);
            Exchange exchange = held.get(id);
            if (!ran) {
                held.put(id, GONE);
            }
            return new Found(ran, exchange);
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

    /** The connection is lost, or one that has carried an exchange after it. */
    void lost(long now) {
        lostAt = now == 0 ? 1 : now;
    }

    /** Whether nothing of it has been carried for so long. */
    boolean isOver(long nanos, long now) {
        if (lostAt == 0 || now - lostAt < nanos) {
            return false;
        }
        List<Exchange> all;
        lock.lock();
        try {
            all = all();
        } finally {
            lock.unlock();
        }
        return all.stream().noneMatch(Exchange::isCarried);
    }

    private List<Exchange> all() {
        return held.values().stream().filter(exchange -> exchange != GONE).toList();
    }

    /** Nobody will ask for them any more. */
    List<Exchange> takeAll() {
        lock.lock();
        try {
            fenced = true;
            // Whoever has found this one before it was forgotten runs nothing again.
            highest = Limits.MAX_REQUEST_ID;
            List<Exchange> all = all();
            held.clear();
            return all;
        } finally {
            lock.unlock();
        }
    }
}
