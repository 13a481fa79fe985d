package tunnelforge.server.tunnel;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import tunnelforge.net.Ledger;
import tunnelforge.net.Listener;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.Limits;
import tunnelforge.wire.Protocols;
import tunnelforge.wire.TunnelError;

/**
 * One public address bound to one local service, from its registration until it is closed or its agent has been away for longer
 * than the grace time. Meanwhile the data connections go on serving and new visitors wait.
 *
 * <pre>
 *   ATTACHED ──control lost──▶ AWAY ──resumed──▶ ATTACHED
 *   ATTACHED ──close_tunnel──▶ ENDED ◀──grace over── AWAY
 * </pre>
 */
public final class Tunnel implements Ticker.Ticked {
    /** What one tunnel may use of this program's memory for windows. */
    static final long BUDGET_BYTES = 64L * 1024 * 1024;
    /** Exchanges of one tunnel at once: as many as there are initial windows in its budget. */
    static final int MAX_EXCHANGES = (int) (BUDGET_BYTES / Limits.INITIAL_WINDOW);

    /** 128 bits in hexadecimal digits; what is shorter proves nothing. */
    private static final int AGENT_ID_CHARS = 32;
    private static final Duration ADMISSION_LIMIT = Duration.ofSeconds(10);
    private static final Duration PORT_FREE_LIMIT = Duration.ofSeconds(2);

    private final String id;
    private final String host;
    private final String protocol;
    private final String url;
    private final String agentId;
    private final Duration grace;
    private final Runnable onGraceOver;
    private final Ledger budget;
    private final Pool pool;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition quiet = lock.newCondition();
    private final AtomicInteger visitors = new AtomicInteger();
    /** Visitors that go on after a 101. */
    private final AtomicInteger sessions = new AtomicInteger();
    private volatile boolean stopping;
    private volatile boolean quietAwaited;
    private volatile ControlConnection control;
    private volatile long awaySince = System.nanoTime();
    private volatile boolean ended;
    /** Of a tcp tunnel. */
    private volatile Listener listener;

    /**
     * @param agentId who may take the name over; null for nobody
     * @param program the budget of which the tunnel gets a part
     */
    Tunnel(String id, String host, String protocol, String url, String agentId, Ledger program, Duration grace,
            SecureRandom random,
            Consumer<Tunnel> onGraceOver) {
        this.id = id;
        this.host = host;
        this.protocol = protocol;
        this.url = url;
        this.agentId = agentId;
        this.budget = program.part(BUDGET_BYTES);
        this.grace = grace;
        this.onGraceOver = () -> onGraceOver.accept(this);
        this.pool = new Pool(Protocols.isOfSessions(protocol), this::invite, random);
    }

    String id() {
        return id;
    }

    /** Whether its visitors' bytes are carried as they are, and not as HTTP. */
    public boolean isOfSessions() {
        return Protocols.isOfSessions(protocol);
    }

    /** The port of a tcp tunnel; closed with it. */
    public void listensOn(Listener opened) {
        listener = opened;
        if (ended) {
            opened.close();
        }
    }

    /** The name in the public address, lower case; with its port for a tcp tunnel, which no name of another can be. */
    public String host() {
        return host;
    }

    public String protocol() {
        return protocol;
    }

    String url() {
        return url;
    }

    /** Whether {@code asking} is the agent that registered this tunnel, started anew. */
    boolean belongsTo(String asking) {
        return agentId != null && agentId.length() >= AGENT_ID_CHARS && asking != null && MessageDigest.isEqual(agentId.getBytes(StandardCharsets.UTF_8),
                asking.getBytes(StandardCharsets.UTF_8));
    }

    public Ledger budget() {
        return budget;
    }

    public Pool pool() {
        return pool;
    }

    /**
     * An agent has registered or resumed the tunnel through {@code newControl}; one that was there before is displaced.
     *
     * @return false when the tunnel has ended meanwhile
     */
    boolean attach(ControlConnection newControl) {
        ControlConnection before;
        lock.lock();
        try {
            if (ended) {
                return false;
            }
            before = control;
            control = newControl;
            pool.forgetInvitations();
        } finally {
            lock.unlock();
        }
        if (before != null) {
            before.displaced();
        }
        return true;
    }

    /** {@code lost} has ended; unless another has taken its place, the grace time begins. */
    void detach(ControlConnection lost) {
        lock.lock();
        try {
            if (control == lost) {
                awaySince = System.nanoTime();
                control = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether its agent has dropped, and the grace time runs. */
    public boolean isAway() {
        return control == null;
    }

    /** Whether visitors' connections are not to be kept for further requests. */
    public boolean isStopping() {
        return stopping;
    }

    private boolean endWhenAwayTooLong(long now) {
        lock.lock();
        try {
            ended |= control == null && now - awaySince > grace.toNanos();
            return ended;
        } finally {
            lock.unlock();
        }
    }

    private boolean invite(String connectionId) {
        ControlConnection now = control;
        return now != null && now.invite(id, connectionId);
    }

    /**
     * A visitor's request comes in; {@link #leave} follows when it is answered.
     *
     * @throws Refusal when there are too many
     */
    public void enter() throws Refusal {
        if (visitors.incrementAndGet() > (isOfSessions() ? pool.most(false) + Pool.MAX_WAITING : MAX_EXCHANGES)) {
            leave();
            throw Refusal.passing(TunnelError.OVERLOADED, "this tunnel serves as much as it can");
        }
    }

    /** A visitor's request has been answered, or given up. */
    public void leave() {
        visitors.decrementAndGet();
        judgeQuiet();
    }

    public void sessionBegins() {
        sessions.incrementAndGet();
        judgeQuiet();
    }

    public void sessionEnds() {
        sessions.decrementAndGet();
    }

    private void judgeQuiet() {
        if (quietAwaited && visitors.get() <= sessions.get()) {
            lock.lock();
            try {
                quiet.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Waits until no request is being answered, or {@code limit} is over. Sessions after a 101 are not waited for: nobody knows when they
     * will end.
     */
    public void awaitQuiet(Duration limit) {
        lock.lock();
        try {
            quietAwaited = true;
            for (long left = limit.toNanos(); visitors.get() > sessions.get() && left > 0;) {
                left = quiet.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /**
     * A data connection with a place and an initial window reserved for one exchange.
     *
     * @throws Refusal when there is none in time
     */
    public DataConnection admit() throws Refusal {
        if (ended) {
            throw Refusal.passing(TunnelError.AGENT_AWAY, "this tunnel has just ended");
        }
        try {
            if (!budget.reserve(Limits.INITIAL_WINDOW, ADMISSION_LIMIT)) {
                throw Refusal.passing(TunnelError.OVERLOADED, "this tunnel has no memory left for another request");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Refusal.passing(TunnelError.OVERLOADED, "the server is stopping");
        }
        try {
            return pool.acquire(grace);
        } catch (Refusal e) {
            budget.release(Limits.INITIAL_WINDOW);
            throw e;
        }
    }

    /**
     * A data connection for one session alone.
     *
     * @throws Refusal when there is none in time
     */
    public DataConnection admitSession() throws Refusal {
        return pool.acquire(grace);
    }

    /** Takes back {@link #admit} when no exchange was opened. */
    public void dismiss(DataConnection connection) {
        connection.unclaim();
        budget.release(Limits.INITIAL_WINDOW);
    }

    @Override
    public void tick(long now) {
        if (ended) {
            return;
        }
        if (control == null && endWhenAwayTooLong(now)) {
            onGraceOver.run();
        } else {
            pool.tick(now);
        }
    }

    /** Asks the agent to register elsewhere; what its data connections can serve is served on. */
    public void drain(String reason) {
        stopping = true;
        stopAccepting();
        if (pool.size() == 0) {
            // Nobody will come for the visitors that wait.
            stop();
        }
        ControlConnection now = control;
        if (now != null) {
            now.drain(reason);
        }
    }

    /** No further visitors. */
    void stop() {
        lock.lock();
        try {
            ended = true;
        } finally {
            lock.unlock();
        }
        pool.stop();
        stopAccepting();
    }

    private void stopAccepting() {
        Listener opened = listener;
        if (opened != null) {
            opened.stopAccepting();
        }
    }

    /** Another run of the agent takes the name: this one is told so, and its data connections are cut. May wait for its port to be free. */
    void displace() {
        ControlConnection now = control;
        if (now != null) {
            now.displaced();
        }
        close();
        Listener opened = listener;
        if (opened != null) {
            opened.awaitFree(PORT_FREE_LIMIT);
        }
    }

    /** Cuts what is in flight. */
    public void close() {
        stop();
        pool.close();
        Listener opened = listener;
        if (opened != null) {
            opened.close();
        }
    }
}
