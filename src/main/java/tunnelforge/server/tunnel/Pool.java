package tunnelforge.server.tunnel;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import tunnelforge.metrics.Histogram;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Clock;
import tunnelforge.net.Ledger;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.Limits;
import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.TunnelProtocol;
import tunnelforge.wire.VisitorLeft;

/**
 * The data connections of one tunnel's epoch. A visitor's task takes a place on the one with the fewest exchanges, of as many as the exchanges need: few connections that carry many combine more into each write. Only when
 * none has room does it wait. TCP and TLS sessions, and exchanges in the JSON encoding, have a connection for themselves. {@link Carriage} says how many connections there should be;
 * {@link Invitations} asks the agent for them.
 *
 * <p>The lock guards who belongs to the pool, never I/O. Long, because visitors that want places and connections that have them meet here.
 */
final class Pool implements DataConnection.Owner {
    private static final long SHRINK_AFTER_NANOS = TimeUnit.SECONDS.toNanos(60);
    /** For a connection's agent to show that it is still there. */
    private static final Duration SUSPECT_LIMIT = Duration.ofSeconds(5);

    private final PublicAddress tunnel;
    private final Ledger ledger;
    private final Histogram waits;
    private final Clock clock;
    private final Invitations invitations;
    private final Carriage inBinary;
    private final Seats seats;
    private final WaitingLine<DataConnection> line = new WaitingLine<>();
    private final IdleQueue idle = new IdleQueue();
    private final List<DataConnection> all = new CopyOnWriteArrayList<>();
    /** Those that serve what they have and get nothing new. */
    private final List<DataConnection> retiring = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    /** When something last came on a connection, or the agent came. */
    private volatile long heard;
    private volatile boolean closed;

    /**
     * @param tunnel for those who are told of waits
     * @param inviter as of {@link Invitations}
     * @param connections covers what each connection costs
     * @param ledger covers what the connections carry
     * @param waits how long visitors have waited for a connection
     */
    Pool(PublicAddress tunnel, TunnelProtocol protocol, Predicate<String> inviter, Ledger connections, Ledger ledger, Histogram waits, SecureRandom random, Clock clock) {
        this.tunnel = tunnel;
        this.ledger = ledger;
        this.waits = waits;
        this.clock = clock;
        this.invitations = new Invitations(inviter, random, clock);
        this.inBinary = Carriage.of(protocol);
        this.seats = new Seats(connections);
        this.heard = clock.nanos();
    }

    // ---- For visitors. ----

    /**
     * A data connection with a place taken on it; waits while there is none.
     *
     * @param avoid has refused this visitor's request, and is taken only when there is no other; null for none
     * @throws Refusal when none comes within {@code limit}, {@code gone} is cancelled, or the tunnel ends
     */
    DataConnection take(Duration limit, Cancellation gone, DataConnection avoid) throws Refusal {
        inBinary.visitorComes();
        if (line.length() == 0) {
            DataConnection connection = tryTake(avoid);
            if (connection != null) {
                waits.record(0);
                return connection;
            }
        }
        long began = clock.nanos();
        WaitingLine<DataConnection>.Waiter waiter = line.join(began + limit.toNanos());
        PoolWaitEvent wait = new PoolWaitEvent();
        wait.begin();
        DataConnection given = null;
        try {
            serveWaiting();
            fill();
            given = line.await(waiter, gone);
            return given;
        } finally {
            waits.record(clock.nanos() - began);
            wait.over(tunnel, given != null);
        }
    }

    private DataConnection tryTake(DataConnection avoid) {
        Carriage carriage = carriage();
        if (!carriage.shares()) {
            return idle.take();
        }
        DataConnection shared = share(avoid);
        if (shared != null && shared.placesTaken() > Carriage.Shared.LOADED && all.size() < carriage.most()) {
            fill();
        }
        return shared;
    }

    /** One that another task was faster to fill, or that has ended, does not come into question again: each round leaves fewer. */
    private DataConnection share(DataConnection avoid) {
        for (int rounds = all.size(); rounds >= 0; rounds--) {
            DataConnection best = leastLoaded(avoid);
            if (best == null || best.take()) {
                return best;
            }
        }
        return null;
    }

    /** Of no more connections than the exchanges need, in the order in which they came: what was too many stays idle, and goes. */
    private DataConnection leastLoaded(DataConnection avoid) {
        int enough = Carriage.Shared.sharedBy(exchanges(all) + 1);
        DataConnection best = null;
        int least = DataConnection.FULL;
        for (DataConnection candidate : all) {
            int load = candidate.load();
            if (load == DataConnection.FULL) {
                continue;
            }
            if (candidate == avoid) {
                best = best == null ? candidate : best;
                continue;
            }
            if (load < least) {
                best = candidate;
                least = load;
            }
            if (--enough == 0) {
                break;
            }
        }
        return best;
    }

    /** How its connections, as far as is known, carry what they carry. */
    Carriage carriage() {
        return inBinary.in(seats.encoding());
    }

    /** Tells the agent on any connection; it is not told when there is none. Never waits. */
    void tell(VisitorLeft message) {
        for (DataConnection connection : all) {
            if (!connection.isSuspect() && connection.tell(message)) {
                return;
            }
        }
    }

    private void serveWaiting() {
        line.serve(() -> tryTake(null));
    }

    // ---- For data connections. ----

    /**
     * A data connection whose agent shows {@code connectionId}.
     *
     * @throws Refusal when it was not asked for, or is not to join
     */
    Admission admit(String connectionId, DataEncoding encoding) throws Refusal {
        if (!invitations.redeem(connectionId)) {
            throw Refusal.lasting(TunnelError.AUTH, "this connection_id is not known, was used, or is too old");
        }
        try {
            Carriage carriage = inBinary.in(encoding);
            return new Admission(this, seats.take(encoding, most(carriage) + retiring.size()), carriage, ledger, clock);
        } catch (Refusal e) {
            invitations.failed();
            throw e;
        }
    }

    @Override
    public boolean joined(DataConnection connection) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            all.add(connection);
        } finally {
            lock.unlock();
        }
        invitations.arrived();
        freed(connection);
        if (line.length() > 0) {
            fill();
        }
        return true;
    }

    @Override
    public void freed(DataConnection connection) {
        idle.add(connection);
        serveWaiting();
    }

    @Override
    public void wantsReplacement(DataConnection connection) {
        retire(connection);
        fill();
    }

    private void retire(DataConnection connection) {
        // In this order, so that ended(), which may run at the same time, leaves it in neither.
        retiring.add(connection);
        if (all.remove(connection)) {
            idle.remove(connection);
            connection.retire();
        } else {
            retiring.remove(connection);
        }
    }

    @Override
    public void ended(DataConnection connection) {
        all.remove(connection);
        retiring.remove(connection);
        idle.remove(connection);
        if (connection.wasWorthwhile(clock.nanos())) {
            invitations.succeeded();
        } else {
            invitations.failed();
        }
        fill();
        serveWaiting();
    }

    // ---- How many there are. ----

    /** Asks the agent for what is missing. */
    void fill() {
        if (!closed && invitations.allowed()) {
            invitations.ask(this::missing);
        }
    }

    private int missing() {
        Carriage carriage = carriage();
        return Math.min(carriage.missing(census(lasting(clock.nanos()), invitations.outstanding())), most(carriage) - all.size() - invitations.outstanding());
    }

    private Carriage.Census census(Predicate<DataConnection> counted, int invited) {
        int exchanges = 0;
        int connections = 0;
        int free = 0;
        for (DataConnection connection : all) {
            exchanges += connection.placesTaken();
            boolean counts = !connection.isSuspect() && counted.test(connection);
            connections += counts ? 1 : 0;
            free += counts && connection.isIdle() ? 1 : 0;
        }
        return new Carriage.Census(connections, free, invited, exchanges, line.length());
    }

    /** Those that are to go are not counted, so that others are asked for in their place. */
    private static Predicate<DataConnection> lasting(long now) {
        return connection -> !connection.isDue(now);
    }

    /** Whether there are enough without it; and not too many of those that have gone still serve something. */
    private boolean isReplaced(DataConnection leaving) {
        return retiring.size() < Limits.POOL_MAX && carriage().missing(census(connection -> connection != leaving, 0)) <= 0;
    }

    /** Of those that may turn out to be dead so many are replaced before that is known. */
    private static int most(Carriage carriage) {
        return carriage.most() + Limits.POOL_MIN;
    }

    /** The control connection is a new one: what has ended the old one may have ended the data connections, too, and nobody has noticed. */
    void restart() {
        invitations.restart();
        heard = clock.nanos();
        all.forEach(connection -> connection.suspect(SUSPECT_LIMIT));
        retiring.forEach(connection -> connection.suspect(SUSPECT_LIMIT));
    }

    /** The control connection has died of silence. */
    void agentIsSilent(long now) {
        all.forEach(connection -> connection.agentIsSilent(now));
        retiring.forEach(connection -> connection.agentIsSilent(now));
    }

    void tick(long now) {
        line.expire(now);
        invitations.tick(now);
        inBinary.tick();
        fill();
        int surplus = carriage().surplus(census(lasting(now), invitations.outstanding()));
        // Suspects that have turned out to be alive, beside those that were asked for in their place, may be more than there are to be.
        long shrinkAfter = all.size() > carriage().most() ? 0 : SHRINK_AFTER_NANOS;
        for (DataConnection connection : all) {
            if (connection.isDue(now) && isReplaced(connection)) {
                retire(connection);
            } else if (surplus > 0 && connection.idleLongerThan(shrinkAfter, now)) {
                retire(connection);
                surplus--;
            } else {
                // It may have been a suspect, and have left the queue.
                idle.add(connection);
            }
        }
        serveWaiting();
    }

    /** No further visitors are served; those being served go on. */
    void stop() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        invitations.close();
        line.close();
    }

    /** Ends the tunnel's data connections, and with them what is in flight. */
    void close() {
        stop();
        all.forEach(DataConnection::kill);
        retiring.forEach(DataConnection::kill);
    }

    /** By the ticker: whether something has come on a connection lately, or may still be about to. */
    boolean isHeard(long now) {
        for (DataConnection connection : all) {
            long at = now - connection.silence(now);
            if (at - heard > 0) {
                heard = at;
            }
        }
        return now - heard <= Limits.DEAD_AFTER.toNanos();
    }

    int size() {
        return all.size();
    }

    PoolCounts counts() {
        int free = 0;
        for (DataConnection connection : all) {
            free += connection.isIdle() ? 1 : 0;
        }
        return new PoolCounts(all.size() - free, free, retiring.size(), exchanges());
    }

    /** Of the connections, as far as is known. */
    DataEncoding encoding() {
        return seats.encoding();
    }

    /** Visitors without a place. */
    int waiting() {
        return line.length();
    }

    /** Exchanges and sessions under way. */
    int exchanges() {
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
