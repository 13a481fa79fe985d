package tunnelforge.server.tunnel;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Clock;
import tunnelforge.net.Ledger;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.Allowance;
import tunnelforge.server.access.FairCount;
import tunnelforge.server.access.Grant;
import tunnelforge.server.access.Network;
import tunnelforge.server.access.Presented;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.Traffic;
import tunnelforge.server.access.VisitorRules;
import tunnelforge.server.access.VisitorShare;
import tunnelforge.text.Digests;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.TunnelProtocol;
import tunnelforge.wire.VisitorAccess;
import tunnelforge.wire.VisitorLeft;

/**
 * One public address bound to one local service, from its registration until it is closed or its agent has been away for longer
 * than the grace time. Meanwhile the data connections go on serving and new visitors wait.
 */
public final class Tunnel implements Ticker.Ticked, Visit.Host {
    /** 128 bits in hexadecimal digits; what is shorter proves nothing. */
    private static final int AGENT_ID_CHARS = 32;
    private static final Duration ADMISSION_LIMIT = Duration.ofSeconds(10);

    /** Who gives tunnels their addresses. */
    interface Owner {
        /** The agent has been away for longer than the grace time: the tunnel is to end. */
        void expired(Tunnel tunnel);

        /** The agent says that it is there, and now no data connection works, or one does again. */
        void carries(Tunnel tunnel, boolean again);

        /** What has the address of {@code ended} now, for the same visitors; null when nothing has. */
        Tunnel successor(Tunnel ended);
    }

    private final Owner owner;
    private final Ledger connections;
    private final Clock clock;
    private final Duration grace;
    private final String id;
    private final PublicAddress address;
    private final TunnelProtocol protocol;
    private final String url;
    private final String agentDigest;
    private volatile Grant grant;
    private final Ledger ledger;
    final Pool pool;
    private final Visitors visitors;
    private final Traffic traffic;
    private final long began;
    private volatile TunnelPort<Tunnel> port = new TunnelPort<>(this);
    private final AgentPresence presence;
    private final Unjudged unjudged = new Unjudged();
    /** When the server found it among those of its last run, by the clock. */
    private volatile long restored;
    /** Null while anybody may visit. */
    private volatile VisitorRules rules;
    /** What its agent has proved by a certificate, and its data connections must; null when none was asked for. */
    private volatile Presented presented;
    /** Told last; by the ticker alone. */
    private boolean carried = true;
    /** Why the agent is to register elsewhere; null while it is not. */
    private volatile String stopping;
    private volatile Long awayWhenStopped;

    /**
     * A tunnel whose agent is yet to be attached.
     *
     * @param grant by which its agent has it
     * @param agentDigest of the id of the agent that may take the address over, with the same account; null for none
     */
    Tunnel(Owner owner, TunnelMeans means, Duration grace, String id, PublicAddress address, TunnelProtocol protocol, String url, Grant grant, String agentDigest) {
        this.owner = owner;
        this.connections = protocol.carriesSessions() ? means.sessions() : means.connections();
        this.clock = means.clock();
        this.grace = grace;
        this.id = id;
        this.address = address;
        this.protocol = protocol;
        this.url = url;
        this.grant = grant;
        this.agentDigest = agentDigest;
        this.ledger = means.exchanges().part(ServerLimits.TUNNEL_BYTES);
        this.pool = new Pool(address, protocol, this::invite, connections, ledger, means.figures().waits(), means.random(), clock);
        this.traffic = means.figures().traffic().get(protocol).part();
        this.began = clock.nanos();
        this.visitors = protocol.carriesSessions()
                ? Visitors.ofSessions(new FairCount(ServerLimits.MAX_SESSIONS, ServerLimits.MAX_WAITING), connections, means.unanswered())
                : Visitors.ofRequests(new FairCount(ServerLimits.MAX_EXCHANGES), new FairCount(ServerLimits.MAX_UPGRADED), ledger, this::waiting, means.unanswered());
        this.presence = new AgentPresence(grace, clock);
    }

    String id() {
        return id;
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

    /** By which its agent has it. */
    Grant grant() {
        return grant;
    }

    /** Its agent has come again, and shown what it has now. */
    void grant(Grant shown) {
        grant = shown;
    }

    /** Whether {@code asking} is the digest of the agent that registered this tunnel, started anew, of the same account. */
    boolean belongsTo(String asking, Grant shown) {
        return grant.account().equals(shown.account()) && agentDigest != null && asking != null && Digests.same(agentDigest, asking);
    }

    /** What a tunnel remembers of its agent's id; null for one that is too short to prove anything, and for none. */
    static String digest(String agentId) {
        return agentId == null || agentId.length() < AGENT_ID_CHARS ? null : HexFormat.of().formatHex(Digests.sha256(agentId.getBytes(StandardCharsets.UTF_8)));
    }

    String agentDigest() {
        return agentDigest;
    }

    /** It is another run's: its agent has been away for so long, and nobody knows who may visit before it is back. Before anybody finds it. */
    void outlivesItsServer(Duration away) {
        presence.awayFor(away);
        restored = clock.nanos();
        unjudged.begin();
    }

    /** Whether it is another run's, and its agent has not been back: visitors wait for {@link #whenJudged}. */
    public boolean outlivesItsServer() {
        return !unjudged.isKnown();
    }

    // ---- Its agent. ----

    /**
     * An agent has registered or resumed the tunnel; one that was there before is displaced.
     *
     * @param admitted who may visit from now on
     * @return false when the tunnel has ended meanwhile
     */
    boolean attach(AgentHandle agent, VisitorAccess admitted) {
        return presence.attach(agent, () -> {
            presented = agent.presented();
            admit(admitted);
            unjudged.end();
            pool.restart();
        });
    }

    /** Those who have guessed passwords are known on where the agent asks for the same as before. */
    void admit(VisitorAccess admitted) {
        VisitorRules now = VisitorRules.of(admitted, clock);
        if (!Objects.equals(now, rules)) {
            rules = now;
        }
    }

    /** {@code agent}, which was attached, knows that it was: data connections may be asked for. */
    void ready(AgentHandle agent) {
        String reason = stopping;
        if (reason != null) {
            // It was not there, or knew of no tunnel, when the others were told.
            agent.drain(reason);
        }
        pool.fill();
    }

    /** {@code lost} has ended; unless another has taken its place, the grace time begins. */
    void detach(AgentHandle lost) {
        presence.detach(lost);
    }

    /** Its control connection has died of silence. */
    void agentIsSilent(long now) {
        pool.agentIsSilent(now);
    }

    /** Whether its agent has dropped, and the grace time runs. */
    public boolean isAway() {
        return presence.isAway();
    }

    /** Since when, by the clock; null while it is there, or has left because the server stops. */
    Long awaySince() {
        return isStopping() ? awayWhenStopped : presence.awaySince();
    }

    /** In the binary encoding visitors wait for the agent, and not for each other. */
    private int waiting() {
        return pool.encoding() == DataEncoding.JSON ? pool.waiting() : 0;
    }

    private boolean invite(String connectionId) {
        AgentHandle now = presence.agent();
        return now != null && now.invite(connectionId);
    }

    /**
     * A data connection of its agent asks to join, and shows the id that it was given.
     *
     * @param by what it has proved by a certificate; null when none is asked for
     * @throws Refusal when it was not asked for, is another agent's, or cannot be served
     */
    public Admission admit(String connectionId, DataEncoding encoding, Presented by) throws Refusal {
        if (!Presented.same(presented, by)) {
            throw Refusal.lasting(TunnelError.AUTH, "this connection has another client certificate than the tunnel's control connection");
        }
        return pool.admit(connectionId, encoding);
    }

    // ---- Its visitors. ----

    /** By which each visitor is to be judged, before it may {@link #enter}; null when anybody may. */
    @Override
    public VisitorRules rules() {
        return rules;
    }

    /**
     * The tunnel that a visitor has come for, when it is known who may visit it: this one, or the one that has followed meanwhile.
     *
     * @param share of its address
     * @param gone says when it has left
     * @throws Refusal when there are too many, too many of that address, or the agent does not come back
     */
    public Tunnel whenJudged(VisitorShare share, Cancellation gone) throws Refusal {
        if (unjudged.isKnown()) {
            return this;
        }
        visitors.enter(share);
        try {
            unjudged.await(clock.nanos() + grace.toNanos(), gone);
            return this;
        } catch (Refusal e) {
            Tunnel next = gone.cancelled() ? null : successor();
            if (next == null) {
                throw e;
            }
            return next.whenJudged(share, gone);
        } finally {
            visitors.leave(share, false);
        }
    }

    /** Waits for the agent of a tunnel that {@link #outlivesItsServer}, until the server has run for {@code limit} at most; throws {@link Refusal} when it does not come meanwhile. */
    public void awaitFirst(Duration limit, Cancellation gone) throws Refusal {
        if (clock.nanos() - restored < limit.toNanos()) {
            unjudged.await(restored + limit.toNanos(), gone);
        }
    }

    /** Visitors without a place. */
    int waitingVisitors() {
        return pool.waiting() + unjudged.waiting();
    }

    /**
     * A visitor comes; {@code gone} says when it has left.
     *
     * @param judgedBy the rules by which it may
     * @param share of the address that has connected
     * @param visitor for whom it asks
     * @throws Refusal when there are too many, or too many of that address
     */
    public Visit enter(VisitorRules judgedBy, VisitorShare share, Network visitor, Cancellation gone) throws Refusal {
        return Visit.begin(this, judgedBy, share, visitor, gone);
    }

    /** A visitor's connection on which a login was begun, named as in its requests, has ended. Never waits. */
    public void visitorHasLeft(String visitorConnection) {
        pool.tell(new VisitorLeft(visitorConnection));
    }

    @Override
    public Visitors visitors() {
        return visitors;
    }

    @Override
    public Allowance allowance() {
        return grant.allowance();
    }

    @Override
    public Traffic traffic() {
        return traffic;
    }

    /** As it is now, for whoever runs the server. */
    public TunnelStatus status() {
        AgentHandle now = presence.agent();
        return new TunnelStatus(id, url, protocol, grant.account(), now == null ? null : now.address(), Duration.ofNanos(clock.nanos() - began), pool.counts(), waitingVisitors(), traffic);
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
    public Ledger ledger() {
        return ledger;
    }

    @Override
    public Ledger connections() {
        return connections;
    }

    @Override
    public Place place(Cancellation gone, Place last) throws Refusal {
        if (presence.hasEnded()) {
            throw Refusal.passing(TunnelError.AGENT_AWAY, "this tunnel has just ended");
        }
        Reservation memory = new Reservation(protocol.carriesSessions() ? connections : ledger);
        DataConnection connection = null;
        try {
            Carriage likely = pool.carriage();
            if (likely.shares()) {
                // Of what has a connection for itself there is no more than there are connections: it need not wait for memory as well.
                memory.reserve(likely.placeBytes(), ADMISSION_LIMIT, gone);
            }
            connection = pool.take(grace, gone, last == null ? null : last.connection());
            memory.change(connection.carriage().placeBytes());
            if (gone.cancelled()) {
                throw Refusal.passing(TunnelError.AGENT_AWAY, "the visitor has left");
            }
            return new Place(connection, memory);
        } catch (Refusal e) {
            if (connection != null) {
                connection.giveBack();
            }
            memory.close();
            throw e;
        }
    }

    @Override
    public void tick(long now) {
        // While the server stops its agents are elsewhere, and the server's own limit says how long it waits.
        if (!isStopping() && presence.endWhenAwayTooLong(now)) {
            owner.expired(this);
        } else if (presence.hasEnded()) {
            return;
        } else if (isStopping() && pool.size() == 0) {
            // Nobody will come for the visitors that wait.
            stop();
        } else {
            unjudged.tick(now);
            pool.tick(now);
            judge(now);
        }
    }

    /** A tunnel is up when bytes have come on a data connection lately, whatever its control connection says. */
    private void judge(long now) {
        boolean carries = pool.isHeard(now);
        if (carries != carried && !isAway()) {
            carried = carries;
            owner.carries(this, carries);
        }
    }

    // ---- Its end. ----

    /** The port of a tcp tunnel; closed with it. */
    TunnelPort<Tunnel> port() {
        return port;
    }

    /** Takes the port over from {@code displaced}, which has had the same address so far; before anybody finds this one. */
    void follows(Tunnel displaced) {
        port = displaced.port;
        port.passTo(this);
    }

    /** Asks the agent to register elsewhere; what its data connections can serve is served on. */
    public void drain(String reason) {
        if (!isStopping()) {
            awayWhenStopped = presence.awaySince();
        }
        stopping = reason;
        port.stopAccepting(this);
        if (pool.size() == 0) {
            stop();
        }
        AgentHandle now = presence.agent();
        if (now != null) {
            now.drain(reason);
        }
    }

    /** Whether visitors' connections are not to be kept for further requests. */
    public boolean isStopping() {
        return stopping != null;
    }

    /** Waits until no request is being answered, or {@code limit} is over. Sessions are not waited for: nobody knows when they will end. */
    void awaitQuiet(Duration limit) {
        visitors.awaitQuiet(limit);
    }

    /** No further visitors. Returns the agent that has it, or null: there will be no other. */
    AgentHandle stop() {
        AgentHandle last = presence.end();
        unjudged.close();
        pool.stop();
        port.stopAccepting(this);
        return last;
    }

    /** Another run of the agent has taken the address: this one is told so, and its data connections are cut. */
    void displace() {
        revoke(AgentPresence.displaced());
    }

    /** Its agent may not have it any longer, and is told why; what is in flight is cut. */
    void revoke(Refusal why) {
        AgentHandle last = presence.end();
        if (last != null) {
            last.ended(why);
        }
        close();
    }

    /** Cuts what is in flight. */
    public void close() {
        stop();
        pool.close();
        port.close(this);
    }
}
