package tunnelforge.server.tunnel;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Ledger;
import tunnelforge.net.Listener;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.Refusal;
import tunnelforge.text.Digests;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.Limits;
import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.TunnelProtocol;

/**
 * One public address bound to one local service, from its registration until it is closed or its agent has been away for longer
 * than the grace time. Meanwhile the data connections go on serving and new visitors wait.
 *
 * <pre>
 *   ATTACHED ──control lost──▶ AWAY ──resumed──▶ ATTACHED
 *   ATTACHED ──close_tunnel──▶ ENDED ◀──grace over── AWAY
 * </pre>
 */
public final class Tunnel implements Ticker.Ticked, Visit.Host {
    /** 128 bits in hexadecimal digits; what is shorter proves nothing. */
    private static final int AGENT_ID_CHARS = 32;
    private static final Duration ADMISSION_LIMIT = Duration.ofSeconds(10);
    private static final Duration PORT_FREE_LIMIT = Duration.ofSeconds(2);

    /** Who gives tunnels their addresses. */
    interface Owner {
        /** The agent has been away for longer than the grace time: the tunnel is to end. */
        void expired(Tunnel tunnel);

        /** What has the address of {@code ended} now, for the same visitors; null when nothing has. */
        Tunnel successor(Tunnel ended);
    }

    private final String id;
    private final PublicAddress address;
    private final TunnelProtocol protocol;
    private final String url;
    private final String agentId;
    private final Duration grace;
    private final Owner owner;
    private final Ledger ledger;
    private final Pool pool;
    private final Visitors visitors;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean stopping;
    private volatile AgentHandle agent;
    private volatile long awaySince = System.nanoTime();
    private volatile boolean ended;
    /** Of a tcp tunnel. */
    private volatile Listener listener;

    /**
     * @param agentId who may take the address over; null for nobody
     * @param program the memory of which the tunnel gets a part
     */
    Tunnel(String id, PublicAddress address, TunnelProtocol protocol, String url, String agentId, Ledger program, Duration grace, SecureRandom random,
            Owner owner) {
        this.id = id;
        this.address = address;
        this.protocol = protocol;
        this.url = url;
        this.agentId = agentId;
        this.ledger = program.part(ServerLimits.TUNNEL_BYTES);
        this.grace = grace;
        this.owner = owner;
        this.pool = new Pool(protocol.carriesSessions(), this::invite, random);
        this.visitors = new Visitors(protocol.carriesSessions() ? pool.most(DataEncoding.BINARY) + ServerLimits.MAX_WAITING : ServerLimits.MAX_EXCHANGES);
    }

    String id() {
        return id;
    }

    /** The port of a tcp tunnel; closed with it. */
    public void listensOn(Listener opened) {
        listener = opened;
        if (ended) {
            opened.close();
        }
    }

    public PublicAddress address() {
        return address;
    }

    public TunnelProtocol protocol() {
        return protocol;
    }

    String url() {
        return url;
    }

    /** Whether {@code asking} is the agent that registered this tunnel, started anew. */
    boolean belongsTo(String asking) {
        return agentId != null && agentId.length() >= AGENT_ID_CHARS && asking != null && Digests.same(agentId, asking);
    }

    @Override
    public Ledger ledger() {
        return ledger;
    }

    public Pool pool() {
        return pool;
    }

    /**
     * An agent has registered or resumed the tunnel through {@code newAgent}; one that was there before is displaced.
     *
     * @return false when the tunnel has ended meanwhile
     */
    boolean attach(AgentHandle newAgent) {
        AgentHandle before;
        lock.lock();
        try {
            if (ended) {
                return false;
            }
            before = agent;
            agent = newAgent;
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
    void detach(AgentHandle lost) {
        lock.lock();
        try {
            if (agent == lost) {
                awaySince = System.nanoTime();
                agent = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether its agent has dropped, and the grace time runs. */
    public boolean isAway() {
        return agent == null;
    }

    /** Whether visitors' connections are not to be kept for further requests. */
    public boolean isStopping() {
        return stopping;
    }

    private boolean endWhenAwayTooLong(long now) {
        lock.lock();
        try {
            ended |= agent == null && now - awaySince > grace.toNanos();
            return ended;
        } finally {
            lock.unlock();
        }
    }

    private boolean invite(String connectionId) {
        AgentHandle now = agent;
        return now != null && now.invite(connectionId);
    }

    /**
     * A visitor comes; {@code gone} says when it has left.
     *
     * @throws Refusal when there are too many
     */
    public Visit enter(Cancellation gone) throws Refusal {
        return Visit.begin(this, gone);
    }

    @Override
    public Visitors visitors() {
        return visitors;
    }

    @Override
    public Tunnel successor() {
        return owner.successor(this);
    }

    @Override
    public DataEncoding encoding() {
        return pool.encoding();
    }

    @Override
    public Place place(Cancellation gone) throws Refusal {
        if (ended) {
            throw Refusal.passing(TunnelError.AGENT_AWAY, "this tunnel has just ended");
        }
        if (protocol.carriesSessions()) {
            return new Place(pool.acquire(grace), null);
        }
        try {
            if (!ledger.reserve(Limits.INITIAL_WINDOW, ADMISSION_LIMIT)) {
                throw Refusal.passing(TunnelError.OVERLOADED, "this tunnel has no memory left for another request");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Refusal.passing(TunnelError.OVERLOADED, "the server is stopping");
        }
        try {
            return new Place(pool.acquire(grace), ledger);
        } catch (Refusal e) {
            ledger.release(Limits.INITIAL_WINDOW);
            throw e;
        }
    }

    /** Waits until no request is being answered, or {@code limit} is over. Sessions are not waited for: nobody knows when they will end. */
    public void awaitQuiet(Duration limit) {
        visitors.awaitQuiet(limit);
    }

    @Override
    public void tick(long now) {
        if (ended) {
            return;
        }
        if (agent == null && endWhenAwayTooLong(now)) {
            owner.expired(this);
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
        AgentHandle now = agent;
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
        AgentHandle now = agent;
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
