package tunnelforge.server.edge;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.net.Listener;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.FairCount;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.Shares;
import tunnelforge.server.access.TurnedAway;
import tunnelforge.server.access.VisitorShare;
import tunnelforge.server.tunnel.ServerLimits;
import tunnelforge.server.tunnel.Visitors;
import tunnelforge.wire.TunnelError;

/**
 * All connections that may be visitors', so that a few cannot keep the others out. An address may have its share of the connections, and of their
 * memory. While more than half of these is taken, those that say nothing make room for others; while more than half of a tunnel's places or memory is,
 * those whose body or answer goes more slowly than {@code minRate}. While there is enough nobody is judged.
 */
public final class Callers implements Ticker.Ticked, AutoCloseable {
    private static final int HALF = 4;
    private static final int THREE_QUARTERS = 6;
    /** Whoever has said nothing for so long goes first; the others may be on a slow line. */
    private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long MEASURED_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** An address with more connections gets small buffers: what its readers leave there is memory of the kernel's, which nobody here could charge. */
    private static final int MANY = 128;
    private static final int SMALL_BUFFER = 128 * 1024;
    private static final int SESSION_BYTES = Listener.CONNECTION_BYTES + ServerLimits.SESSION_BYTES;

    private final Shares shares;
    private final FairCount connections;
    private final Ledger memory;
    /** Half of the connections, with memory of their own: sessions never make room for others. */
    private final FairCount sessions;
    private final Ledger sessionMemory;
    private final int minRate;
    private final Ticker ticker;
    private final TurnedAway turnedAway;
    private final Set<Caller> all = ConcurrentHashMap.newKeySet();
    private final Caller.Judge judge = new Caller.Judge() {
        @Override
        public long now() {
            return now;
        }

        @Override
        public boolean ends() {
            return ending;
        }

        @Override
        public void admitSession(Caller caller) throws Refusal {
            Callers.this.admitSession(caller.share());
        }

        @Override
        public void forget(Caller caller) {
            Callers.this.forget(caller);
        }
    };
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
    private volatile boolean awaited;
    private volatile boolean ending;
    private volatile long now;
    private long measuredAt;

    /**
     * Watched by the ticker until it is closed.
     *
     * @param most connections, those of agents not counted
     * @param memory for connections
     * @param sessionMemory the part of it for {@code tcp} and {@code tls} tunnels
     * @param minRate bytes a second; 0 for any
     */
    public Callers(Shares shares, int most, Ledger memory, Ledger sessionMemory, int minRate, Ticker ticker, TurnedAway turnedAway) {
        this.shares = shares;
        this.connections = new FairCount(most);
        this.memory = memory;
        this.sessions = new FairCount(most / 2);
        this.sessionMemory = sessionMemory;
        this.minRate = minRate;
        this.ticker = ticker;
        this.turnedAway = turnedAway;
        now = ticker.clock().nanos();
        ticker.add(this);
    }

    // ---- Coming and going. ----

    /** Serves a connection, or closes it. */
    public void serve(Connection connection, Consumer<Caller> service) {
        serve(connection, service, refused -> { });
    }

    /** Serves a connection, or gives it to {@code refusal}, which may answer before it is closed. */
    public void serve(Connection connection, Consumer<Caller> service, Consumer<Connection> refusal) {
        VisitorShare share = shares.enter(connection.peer().getAddress());
        Caller caller = new Caller(judge, connection, share);
        if (!hasRoom(share)) {
            shares.leave(share);
            turnedAway.tell("connection_refused", "visitors from one address have too many connections", connection.peer().getAddress());
            refusal.accept(connection);
            return;
        }
        all.add(caller);
        if (share.connections().get() > MANY) {
            connection.limitSendBuffer(SMALL_BUFFER);
        }
        try {
            service.accept(caller);
        } finally {
            caller.leave();
        }
    }

    private boolean hasRoom(VisitorShare share) {
        if (connections.take(share.connections()) == FairCount.Answer.TAKEN) {
            if (isFair(share)) {
                return true;
            }
            connections.giveBack(share.connections());
        }
        // Of those that say nothing the newest may be the one that will.
        return endSilent(all.stream().filter(caller -> caller.share() == share).toList(), 0, 1) > 0 && takeAnyway(share);
    }

    private boolean isFair(VisitorShare share) {
        long bytes = (long) share.connections().get() * Listener.CONNECTION_BYTES + (long) share.sessions().get() * ServerLimits.SESSION_BYTES;
        return Shares.isFair(bytes, Listener.CONNECTION_BYTES, memory);
    }

    private boolean takeAnyway(VisitorShare share) {
        connections.takeAnyway(share.connections());
        return true;
    }

    private void admitSession(VisitorShare share) throws Refusal {
        FairCount.Answer answer = sessions.take(share.sessionConnections());
        if (answer == FairCount.Answer.NONE_LEFT) {
            throw Refusal.passing(TunnelError.OVERLOADED, "this server has as many sessions as it can");
        }
        long bytes = (long) share.sessionConnections().get() * SESSION_BYTES;
        if (answer == FairCount.Answer.TAKEN && Shares.isFair(bytes, SESSION_BYTES, sessionMemory)) {
            return;
        }
        if (answer == FairCount.Answer.TAKEN) {
            sessions.giveBack(share.sessionConnections());
        }
        throw Refusal.passing(TunnelError.RATE_LIMITED, "visitors from one address have too many sessions");
    }

    private void forget(Caller caller) {
        if (caller.isSession()) {
            sessions.giveBack(caller.share().sessionConnections());
        }
        connections.giveBack(caller.share().connections());
        // Behind that: who is counted, and is being ended, is known to be.
        all.remove(caller);
        shares.leave(caller.share());
        if (awaited) {
            lock.lock();
            try {
                left.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    // ---- A server that stops. ----

    /** Waits until all have left that ask for something, or might, but for sessions; {@code limit} at most. */
    public void awaitLeft(Duration limit) {
        lock.lock();
        try {
            awaited = true;
            for (long nanos = limit.toNanos(); nanos > 0 && all.stream().anyMatch(Caller::isAwaited);) {
                nanos = left.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /**
     * From now on whoever has been answered is told that nothing more is served, as a connection ends that both may have kept (RFC 9112 section 9.6): the sending direction
     * ends, and what still comes is read, so that what was said can be read as well.
     */
    public void endResting(Tasks tasks) {
        ending = true;
        for (Caller caller : all) {
            if (caller.endRest()) {
                tasks.start("visitor ended", () -> finish(caller.connection()));
            }
        }
    }

    private static void finish(Connection connection) {
        try {
            connection.finish();
        } catch (IOException e) {
            connection.kill();
        }
    }

    // ---- Asked by whoever runs the server. ----

    /** Connections that may be visitors'. */
    public int connections() {
        return connections.taken();
    }

    /** Those among them that are sessions. */
    public int sessions() {
        return sessions.taken();
    }

    // ---- Making room. ----

    @Override
    public void tick(long time) {
        now = time;
        endSilent(SILENT_NANOS, HALF);
        endSilent(0, THREE_QUARTERS);
        if (minRate > 0 && time - measuredAt >= MEASURED_EVERY_NANOS) {
            measuredAt = time;
            endSlow();
        }
    }

    /** How many connections there are above so many eighths of what there may be; 0 or less for none. */
    private int excess(int eighths) {
        long byMemory = (memory.used() - memory.capacity() / 8 * eighths) / Listener.CONNECTION_BYTES;
        return Math.max(connections.above(eighths), (int) Math.max(0, byMemory));
    }

    private void endSilent(long nanos, int eighths) {
        if (excess(eighths) > 0) {
            // Those that were ended a moment ago are still counted; they are looked for first, since they leave meanwhile.
            int ending = (int) all.stream().filter(Caller::isEnding).count();
            endSilent(all, nanos, excess(eighths) - ending);
        }
    }

    /** Ends {@code most} of them that have been silent for so long, those first that have been it for longest. Returns how many it has. */
    private int endSilent(Collection<Caller> callers, long nanos, int most) {
        /** As it was when it was looked at: it may change while they are sorted. */
        record Silent(Caller caller, long nanos) {
        }

        int ended = 0;
        for (Silent each : callers.stream().map(caller -> new Silent(caller, caller.silence(now))).filter(silent -> silent.nanos >= nanos)
                .sorted(Comparator.comparingLong(Silent::nanos).reversed()).toList()) {
            if (ended >= most) {
                break;
            }
            if (each.caller.endSilence()) {
                ended++;
                turnedAway.tell("silent_visitor", "it said nothing, and others need its place", each.caller.connection().peer().getAddress());
            }
        }
        return ended;
    }

    private void endSlow() {
        Map<Visitors, List<Caller>> slow = new HashMap<>();
        for (Caller caller : all) {
            caller.measure(minRate, now);
            Visitors keptOut = caller.keepsOut();
            if (keptOut != null) {
                slow.computeIfAbsent(keptOut, visitors -> new ArrayList<>()).add(caller);
            }
        }
        int excess = excess(HALF);
        slow.forEach((visitors, callers) -> endSlow(callers, Math.max(excess, visitors.excess())));
    }

    private void endSlow(List<Caller> callers, int excess) {
        long most = excess - callers.stream().filter(Caller::isEnding).count();
        Stream<Caller> slowest = callers.stream().filter(caller -> !caller.isEnding()).sorted(Comparator.comparingLong(Caller::behindNanos).reversed());
        slowest.limit(Math.max(0, most)).forEach(caller -> {
            turnedAway.tell("slow_visitor", "its body or its answer went more slowly than " + minRate + " bytes a second, or it had ended its stream, and others need its place",
                    caller.connection().peer().getAddress());
            caller.endSlowness();
        });
    }

    @Override
    public void close() {
        ticker.remove(this);
    }
}
