package tunnelforge.server.tunnel;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.net.Ledger;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.Refusal;
import tunnelforge.text.Ids;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.Limits;
import tunnelforge.wire.TunnelError;

/**
 * The data connections of one tunnel. A visitor's task takes an idle one from a lock-free queue; when none is idle it asks the agent for
 * another and meanwhile shares the one with the fewest exchanges. Only when there is nothing to share does it wait. TCP and TLS sessions, and
 * exchanges in the JSON encoding, share with nobody: for sessions as many are kept idle as have lately begun within one tick.
 *
 * <p>Connections are asked for by a connection id that is good for one use within {@link Limits#CONNECTION_ID_LIFE}; an agent that does not
 * come is asked again after a growing pause. The lock guards growing and waiting, never I/O.
 */
public final class Pool implements Ticker.Ticked {
    /** Data connections in the JSON encoding, which carry one exchange each, where there is memory for them. */
    static final int MAX_JSON = 100;
    /** What one of them costs at worst: a message, its text, and a body taken out of it. */
    static final int BYTES_PER_JSON = 8 * 1024 * 1024;
    /** What a session costs, the visitor's connection included. */
    static final int BYTES_PER_SESSION = 256 * 1024;
    /** Data connections kept idle for sessions to come, at most. */
    static final int MAX_SPARE = 64;

    private static final long SHRINK_AFTER_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Asks the agent for a data connection. */
    interface Inviter {
        /**
         * Sends {@code open_data_connection}; must not block.
         *
         * @return false when the control connection is away
         */
        boolean invite(String connectionId);
    }

    private final boolean forSessions;
    private final SecureRandom random;
    private final Inviter inviter;
    private final ConcurrentLinkedDeque<DataConnection> idle = new ConcurrentLinkedDeque<>();
    private final List<DataConnection> all = new CopyOnWriteArrayList<>();
    /** Those that serve what they have and get nothing new. */
    private final List<DataConnection> retiring = new CopyOnWriteArrayList<>();
    /** Connection ids that were given out, with the time until which they are good. */
    private final ConcurrentHashMap<String, Long> invited = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile int waiting;
    private volatile DataEncoding encoding = DataEncoding.BINARY;
    private volatile boolean closed;
    private volatile long nextInvitation = System.nanoTime();
    private long pause;
    /** Sessions that have begun since the last tick. */
    private final AtomicInteger begun = new AtomicInteger();
    /** How many idle ones the sessions to come are likely to need. */
    private volatile int spare = Limits.POOL_MIN;

    /** {@code forSessions}: of a tcp or tls tunnel. */
    Pool(boolean forSessions, Inviter inviter, SecureRandom random) {
        this.forSessions = forSessions;
        this.inviter = inviter;
        this.random = random;
    }

    /**
     * A data connection with a place claimed on it; waits while there is none.
     *
     * @throws Refusal when none comes within {@code limit}, or the tunnel ends
     */
    DataConnection acquire(Duration limit) throws Refusal {
        if (forSessions) {
            begun.incrementAndGet();
        }
        DataConnection connection = tryAcquire();
        return connection != null ? connection : awaitOne(limit.toNanos());
    }

    private DataConnection tryAcquire() {
        DataConnection connection;
        while ((connection = idle.pollFirst()) != null) {
            connection.queued().set(false);
            if (connection.claim()) {
                return connection;
            }
        }
        grow();
        return isExclusive() ? null : share();
    }

    private DataConnection share() {
        while (true) {
            DataConnection best = null;
            int least = ServerLimits.MAX_EXCHANGES_PER_CONNECTION;
            for (DataConnection candidate : all) {
                int load = candidate.load();
                if (load < least) {
                    best = candidate;
                    least = load;
                }
            }
            if (best == null || best.claim()) {
                return best;
            }
        }
    }

    private DataConnection awaitOne(long nanos) throws Refusal {
        lock.lock();
        try {
            if (waiting >= ServerLimits.MAX_WAITING) {
                throw Refusal.passing(TunnelError.OVERLOADED, "too many visitors wait for this tunnel");
            }
            waiting++;
            try {
                long left = nanos;
                while (!closed && left > 0) {
                    DataConnection connection = tryAcquire();
                    if (connection != null) {
                        return connection;
                    }
                    left = changed.awaitNanos(left);
                }
                // A signal may have come at the same moment as the end of the time.
                DataConnection last = closed ? null : tryAcquire();
                if (last != null) {
                    return last;
                }
            } finally {
                waiting--;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        throw Refusal.passing(TunnelError.AGENT_AWAY, "the agent of this tunnel is away");
    }

    /** Something has become free, or gone: whoever waits looks again. */
    void changed() {
        if (waiting > 0) {
            lock.lock();
            try {
                if (isExclusive()) {
                    changed.signal();
                } else {
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** A connection has no exchanges: it goes to the front of the queue, so that what was used last is used next. */
    void becameIdle(DataConnection connection) {
        if (!connection.isGone() && connection.queued().compareAndSet(false, true)) {
            idle.addFirst(connection);
            if (connection.isGone()) {
                // It has ended meanwhile, perhaps after remove() had looked.
                idle.remove(connection);
            }
        }
    }

    /** Asks for what is missing up to the minimum, and for more where visitors wait. */
    void fill() {
        int missing = forSessions ? spare + waiting - idle.size() - invited.size() : Limits.POOL_MIN - count();
        if (waiting > 0 && !forSessions) {
            missing = Math.max(1, missing);
        }
        for (; missing > 0 && mayInvite(); missing--) {
            invite();
        }
    }

    /** None is idle: asks for one more, unless as many are on their way as are waited for. */
    private void grow() {
        if (mayInvite() && (!isExclusive() || invited.size() < Math.max(1, waiting))) {
            invite();
        }
    }

    private boolean isExclusive() {
        return forSessions || encoding == DataEncoding.JSON;
    }

    /** How many there may be. */
    int most(DataEncoding of) {
        if (forSessions) {
            return Ledger.affordable(ServerLimits.MAX_SESSIONS, Limits.POOL_MIN, BYTES_PER_SESSION);
        }
        return of == DataEncoding.JSON ? Ledger.affordable(MAX_JSON, Limits.POOL_MIN, BYTES_PER_JSON) : Limits.POOL_MAX;
    }

    private int count() {
        return all.size() + invited.size();
    }

    private boolean mayInvite() {
        return !closed && invited.size() < Limits.POOL_MAX && count() < most(encoding) && System.nanoTime() - nextInvitation >= 0;
    }

    private void invite() {
        lock.lock();
        try {
            if (!mayInvite()) {
                return;
            }
            long now = System.nanoTime();
            String id = Ids.secret(random);
            invited.put(id, now + Limits.CONNECTION_ID_LIFE.toNanos());
            if (!inviter.invite(id)) {
                invited.remove(id);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets the pause before the next invitation grow, unless what came of the last was {@code worthwhile}. */
    private void judgeInvitation(boolean worthwhile) {
        lock.lock();
        try {
            long now = System.nanoTime();
            if (worthwhile) {
                pause = 0;
            } else if (now - nextInvitation >= 0) {
                pause = Math.min(LONGEST_PAUSE_NANOS, Math.max(FIRST_PAUSE_NANOS, 2 * pause));
                nextInvitation = now + pause;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@code connectionId} was asked for and not used; it is used up by this. */
    public boolean redeem(String connectionId) {
        Long until = invited.remove(connectionId);
        return until != null && System.nanoTime() - until <= 0;
    }

    /**
     * Adds a data connection whose agent has been accepted.
     *
     * @return false when the tunnel has ended, or has enough
     */
    boolean add(DataConnection connection) {
        lock.lock();
        try {
            if (closed || all.size() >= most(connection.encoding())) {
                return false;
            }
            encoding = connection.encoding();
            nextInvitation = System.nanoTime();
            all.add(connection);
        } finally {
            lock.unlock();
        }
        becameIdle(connection);
        changed();
        if (waiting > 0) {
            fill();
        }
        return true;
    }

    /** A data connection has ended. */
    void remove(DataConnection connection) {
        connection.gone();
        all.remove(connection);
        retiring.remove(connection);
        idle.remove(connection);
        judgeInvitation(connection.wasWorthwhile(System.nanoTime()));
        if (!closed) {
            fill();
        }
        changed();
    }

    /** The agent wishes to stop using a connection: another one is asked for, and this one ends when it is empty. */
    void replace(DataConnection connection) {
        retire(connection);
        fill();
    }

    private void retire(DataConnection connection) {
        // In this order, so that remove(), which may run at the same time, leaves it in neither.
        retiring.add(connection);
        if (all.remove(connection)) {
            idle.remove(connection);
            connection.retire();
        } else {
            retiring.remove(connection);
        }
    }

    /** The control connection is a new one: what was asked for on the old one will not come. */
    void forgetInvitations() {
        lock.lock();
        try {
            pause = 0;
            nextInvitation = System.nanoTime();
            invited.clear();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void tick(long now) {
        if (invited.values().removeIf(until -> now - until > 0)) {
            judgeInvitation(false);
        }
        int lately = begun.getAndSet(0);
        // Slowly down: sessions come in bursts.
        spare = Math.min(MAX_SPARE, Math.max(Limits.POOL_MIN, Math.max(lately, spare * 15 / 16)));
        fill();
        retiring.forEach(connection -> connection.judgeSettling(now));
        int surplus = forSessions ? idle.size() - spare : all.size() - Limits.POOL_MIN;
        for (DataConnection connection : all) {
            connection.judgeSettling(now);
            if (surplus > 0 && connection.idleLongerThan(SHRINK_AFTER_NANOS, now)) {
                retire(connection);
                surplus--;
            }
        }
    }

    /** No further visitors are served; those being served go on. */
    void stop() {
        lock.lock();
        try {
            closed = true;
            invited.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the tunnel's data connections, and with them what is in flight. */
    void close() {
        stop();
        all.forEach(DataConnection::kill);
        retiring.forEach(DataConnection::kill);
    }

    public int size() {
        return all.size();
    }

    boolean forSessions() {
        return forSessions;
    }

    /** Of the connections, as far as is known. */
    DataEncoding encoding() {
        return encoding;
    }

    /** Exchanges under way. */
    public int exchanges() {
        return exchanges(all) + exchanges(retiring);
    }

    private static int exchanges(List<DataConnection> connections) {
        int sum = 0;
        for (DataConnection connection : connections) {
            sum += connection.placesTaken();
        }
        return sum;
    }
}
