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
    /** Stands for one that has run for a request that came again, and must not run once more. */
    private static final Held GONE = new Held(null, null);

    private final String connectionId;
    /** Null where nothing is written down. */
    private final Journal.Record record;
    /** Whether it is the last process's, of which there is nothing but the record. */
    private final boolean ofLastProcess;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, Held> held = new HashMap<>();
    private Runnable kill = () -> { };
    private int highest;
    private boolean fenced;
    /** Whoever has found this one before that runs nothing again. */
    private boolean forgotten;
    /** When the connection was lost, by the clock; 0 while it lives. */
    private volatile long lostAt;

    /** {@code at}: the connection that carries it, or did so last. */
    private record Held(Exchange exchange, HeldExchanges at) {
    }

    /** {@code record}: for the agent's next process; null where it is to know nothing. */
    HeldExchanges(String connectionId, Journal.Record record) {
        this(connectionId, record, false);
    }

    private HeldExchanges(String connectionId, Journal.Record record, boolean ofLastProcess) {
        this.connectionId = connectionId;
        this.record = record;
        this.ofLastProcess = ofLastProcess;
    }

    /** Of a data connection that was lost with the agent's last process. */
    static HeldExchanges ofLastProcess(Journal.Record record) {
        return new HeldExchanges(record.connectionId(), record, true);
    }

    String connectionId() {
        return connectionId;
    }

    /** It has begun; {@code kill} ends the connection at once. */
    void of(Runnable kill) {
        boolean late;
        lock.lock();
        try {
            this.kill = kill;
            lostAt = 0;
            late = fenced;
        } finally {
            lock.unlock();
        }
        if (late) {
            kill.run();
        }
    }

    /**
     * A request is about to be served.
     *
     * @param exchange null where it is not sent again
     * @param at the connection that carries it: this one, or for a request that has come again another
     * @return false when it is not to be served: the server has lost the connection and has asked for it again, or it has been begun already
     */
    boolean begin(int id, Exchange exchange, HeldExchanges at) {
        lock.lock();
        try {
            boolean again = at != this;
            if (again ? hasBegun(id) : fenced) {
                return false;
            }
            if (!again) {
                highest = id;
            }
            if (exchange != null) {
                held.put(id, new Held(exchange, at));
            } else if (again) {
                held.put(id, GONE);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The server has its whole answer, or wants it no more. */
    private void release(int id, Exchange exchange) {
        lock.lock();
        try {
            if (exchange(id) != exchange) {
                return;
            }
            if (id > highest) {
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
        Runnable ends;
        lock.lock();
        try {
            fenced = true;
            ends = kill;
        } finally {
            lock.unlock();
        }
        ends.run();
    }

    /** Whether a request may have been served, as far as is known; fenced before. */
    boolean hasBegun(int id) {
        lock.lock();
        try {
            return forgotten || held.containsKey(id) || (ofLastProcess ? record.mayHaveBeenGiven(id) : id <= highest);
        } finally {
            lock.unlock();
        }
    }

    /** The local service is about to get it: the agent's next process is to know. */
    void given(int id) {
        if (record == null) {
            return;
        }
        lock.lock();
        try {
            record.given(id);
        } finally {
            lock.unlock();
        }
    }

    /** Tells what becomes of an exchange that is about to begin. */
    HeldAnswer.Keeper keeper(int id, Exchange exchange) {
        return new HeldAnswer.Keeper() {
            @Override
            public void given() {
                HeldExchanges.this.given(id);
            }

            @Override
            public void unneeded() {
                release(id, exchange);
            }
        };
    }

    /** Null when nothing is held of it. */
    Exchange exchange(int id) {
        lock.lock();
        try {
            return held.getOrDefault(id, GONE).exchange;
        } finally {
            lock.unlock();
        }
    }

    /** A request that has come again was not served after all. */
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

    boolean isLost() {
        return lostAt != 0;
    }

    /** By the clock. */
    long lostAt() {
        return lostAt;
    }

    /** Whether it is lost for so long. */
    boolean isLost(long nanos, long now) {
        return isLost() && now - lostAt >= nanos;
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
            if (record != null) {
                record.free();
            }
            return all;
        } finally {
            lock.unlock();
        }
    }
}
