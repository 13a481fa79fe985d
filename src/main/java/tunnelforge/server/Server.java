package tunnelforge.server;

import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import tunnelforge.log.Log;
import tunnelforge.net.Descriptors;
import tunnelforge.net.Ledger;
import tunnelforge.net.Listener;
import tunnelforge.net.Pin;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.Figures;
import tunnelforge.server.access.Shares;
import tunnelforge.server.access.TurnedAway;
import tunnelforge.server.accesslog.AccessLog;
import tunnelforge.server.admin.Observed;
import tunnelforge.server.edge.Callers;
import tunnelforge.server.edge.Edge;
import tunnelforge.server.edge.Entrance;
import tunnelforge.server.edge.Http1Connection;
import tunnelforge.server.edge.LoadBalancers;
import tunnelforge.server.edge.Router;
import tunnelforge.server.edge.ServedListener;
import tunnelforge.server.edge.SessionEdge;
import tunnelforge.server.edge.TlsFront;
import tunnelforge.server.tls.Certificates;
import tunnelforge.server.tls.OwnCa;
import tunnelforge.server.tunnel.KeptTunnels;
import tunnelforge.server.tunnel.LocalTunnels;
import tunnelforge.server.tunnel.PublicAddresses;
import tunnelforge.server.tunnel.Registrar;
import tunnelforge.server.tunnel.Restoration;
import tunnelforge.server.tunnel.ResumeTokens;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.server.tunnel.TunnelDirectory;
import tunnelforge.server.tunnel.TunnelMeans;
import tunnelforge.server.tunnel.Unanswered;
import tunnelforge.text.Addresses;

/** A running server: its ports, its tunnels, and everything between. It owns every task below it, and {@link #close} ends them all. */
public final class Server implements AutoCloseable {
    /** Connections of visitors and agents at once, where there are memory and descriptors for them. */
    static final int MAX_CONNECTIONS = 20_000;
    /** A server that may have no more than this is warned of. */
    private static final int FEW_CONNECTIONS = 4_000;

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
    /** A server that stops goes on serving kept connections for so long. */
    private static final Duration LAST_REQUESTS = Duration.ofMillis(500);
    /** For visitors to close when they are told that nothing more is served. */
    private static final Duration LAST_WORDS = Duration.ofMillis(500);

    /** What everything in a server needs: its memory, its time and its tasks. */
    record Means(Log log, Tasks tasks, Ticker ticker, int maxConnections, Ledger program, Ledger connections, Ledger sessions, Ledger exchanges,
            Unanswered unanswered, Figures figures) {
        static Means of(Log log, Tasks tasks, Ticker ticker) {
            int maxConnections = Math.min(MAX_CONNECTIONS, Descriptors.forConnections());
            Ledger program = Ledger.ofProgram();
            // However many connect, some is left to serve them with.
            Ledger connections = program.part(program.capacity() / 4 * 3);
            // However many sessions there are, some is left for those who come to the TLS port.
            // What exchanges need leaves half of their own part free for others, not of what connections take as well.
            Ledger exchanges = program.part(program.capacity());
            return new Means(log, tasks, ticker, maxConnections, program, connections, connections.part(connections.capacity() / 2), exchanges, new Unanswered(),
                    Figures.begin(ticker.clock()));
        }
    }

    private final ServerConfig config;
    private final Means means;
    private final TunnelDirectory directory;
    private final Registrar registrar;
    private final KeptTunnels kept;
    private final ServerState state;
    private final OwnCa ownCa;
    private final Certificates certificates;
    private final Access access;
    /** Null when there is none. */
    private final AccessLog accessLog;
    private final PublicAddresses addresses;
    private final Announcement announcement;
    private final TurnedAway visitors;
    private final TurnedAway agents;
    private final Callers callers;
    /** Of TLS, and of plain HTTP where that is served. */
    private final List<Listener> listeners;
    private volatile boolean draining;

    private Server(ServerConfig config, Means means, ServerState state, SecureRandom random, OwnCa ownCa, Certificates certificates, Access access, AccessLog accessLog,
            List<Listener> listeners) throws IOException {
        this.config = config;
        this.means = means;
        this.state = state;
        this.ownCa = ownCa;
        this.certificates = certificates;
        this.access = access;
        this.accessLog = accessLog;
        this.listeners = listeners;
        Log log = means.log;
        Tasks tasks = means.tasks;
        Ticker ticker = means.ticker;
        ServerConfig.Listening listening = config.listening();
        directory = new LocalTunnels(ticker);
        addresses = new PublicAddresses(config.domain(), listening.publicPort() == 0 ? port() : listening.publicPort(), httpPort());
        visitors = new TurnedAway("visitors_refused", "visitors", ticker, log);
        agents = new TurnedAway("agents_refused", "agents", ticker, log);
        LoadBalancers loadBalancers = new LoadBalancers(listening.loadBalancers(), visitors);
        callers = new Callers(new Shares(), means.maxConnections, means.connections, means.sessions, config.tunnels().minRate(), ticker, visitors);
        ServedListener served = ServedListener.all(accessLog == null ? List.of() : List.of(accessLog));
        SessionEdge sessions = new SessionEdge(listening.bind(), loadBalancers, callers, config.tunnels().idleTimeout(), tasks, ticker, means.sessions, means.figures,
                visitors, served, log);
        registrar = new Registrar(config.tunnels(), addresses, directory, new ResumeTokens(state.resumeKey()), certificates, sessions, access.accounts(), access.audit(),
                new TunnelMeans(means.connections, means.sessions, means.exchanges, means.unanswered, means.figures, random, ticker.clock()), log);
        access.onLook(registrar::review);
        kept = new KeptTunnels(state.tunnels(), config.domain(), directory, tasks, ticker, InstantSource.system(), log);
        Entrance entrance = new Entrance(registrar, directory, certificates, means.figures, tasks, ticker, agents, log);
        Edge edge = new Edge(new Router(directory, addresses), entrance, sessions, certificates, addresses, listening.believed(), listening.hsts(), config.tunnels().maxBody(),
                Edge.room(means.exchanges), means.figures, tasks, visitors, served, log);
        announcement = announce();
        if (listening.loadBalancers().stream().anyMatch(range -> range.contains(Addresses.parse("127.0.0.1")))) {
            log.warn("local_agents_shut_out", "--accept-proxy-protocol covers 127.0.0.1: agents on this machine cannot get in, since they send no PROXY header;"
                    + " have the load balancer connect from 127.0.0.2, for example, and name that");
        }
        if (means.maxConnections < FEW_CONNECTIONS) {
            log.warn("few_descriptors", "this system lets the server have few files open: raise that (ulimit -n, or LimitNOFILE of systemd)", "connections", means.maxConnections);
        }
        if (certificates.asksAgents()) {
            log.info("client_ca", "agents must show a certificate from " + config.keys().clientCa() + ": they need --cert and --key");
        }
        ticker.add(certificates);
        new Restoration(registrar, config.tunnels(), addresses, access.accounts(), log).restore(kept);
        kept.begin();
        listeners.getFirst().start(connection -> loadBalancers.serve(connection, each -> callers.serve(each, caller -> new TlsFront(caller, edge).run())));
        if (listening.hasHttp()) {
            listeners.getLast().start(connection -> loadBalancers.serve(connection, each -> callers.serve(each, caller -> new Http1Connection(caller, edge).run(),
                    refused -> Http1Connection.refuse(refused, means.figures, served))));
        }
    }

    /**
     * Starts a server; it serves when this returns.
     *
     * @param onDeath ends the program when an essential task is dead
     * @throws IOException when a port or the state directory cannot be had
     */
    static Server start(ServerConfig config, Log log, Consumer<Throwable> onDeath) throws IOException {
        return start(config, log, onDeath, Ticker::new);
    }

    /** {@code clock} makes the ticker, by whose clock all limits are judged. */
    static Server start(ServerConfig config, Log log, Consumer<Throwable> onDeath, BiFunction<Tasks, Log, Ticker> clock) throws IOException {
        SecureRandom random = new SecureRandom();
        ServerState state = ServerState.open(config.keys().stateDirectory(), random);
        Tasks tasks = new Tasks(log, onDeath);
        Means means = Means.of(log, tasks, clock.apply(tasks, log));
        List<Listener> listeners = new ArrayList<>();
        Access access = null;
        AccessLog accessLog = null;
        try {
            accessLog = config.accessLog() == null ? null : AccessLog.open(config.accessLog(), log);
            access = Access.open(config, state, tasks, means.ticker, log);
            OwnCa ownCa = OwnCa.open(config.keys().stateDirectory(), config.domain(), log);
            Certificates certificates = new Certificates(config.keys().certificates(), config.keys().clientCa(), config.domain(), ownCa, tasks, log);
            listeners.add(listen("visitor", config.listening(), "--port", config.listening().port(), means));
            if (config.listening().hasHttp()) {
                listeners.add(listen("http visitor", config.listening(), "--http-port", config.listening().httpPort(), means));
            }
            return new Server(config, means, state, random, ownCa, certificates, access, accessLog, listeners);
        } catch (IOException e) {
            listeners.forEach(Listener::close);
            if (access != null) {
                access.close();
            }
            if (accessLog != null) {
                accessLog.close();
            }
            means.ticker.close();
            state.close();
            throw e;
        }
    }

    private static Listener listen(String name, ServerConfig.Listening where, String option, int port, Means means) throws IOException {
        try {
            return new Listener(name, where.bind(), port, means.maxConnections, means.tasks, means.ticker, means.connections, means.log);
        } catch (SocketException e) {
            throw ListenFailure.of(e, option, where.bind(), port);
        }
    }

    /** Leaves in the state directory what agents need, and says what a person is to be told. */
    private Announcement announce() throws IOException {
        // Who connects to an address is shown the server's own certificate, whichever were loaded.
        Pin pin = Directions.isLocal(config.domain()) ? ownCa.pin() : certificates.pin(config.domain());
        Directions directions = new Directions(config.domain(), config.listening().bind(), publicPort(), access.token(), pin, config.keys().clientCa() != null);
        state.writeDirections(directions);
        boolean newToken = access.token() != null && config.keys().token() == null && state.showsToken();
        return new Announcement(directions, config.keys().stateDirectory(), newToken, state.writeAgentFile(config.listening().bind(), port(), access.token(), caFile(), ownCa.pin(), means.log));
    }

    /** The TLS port. */
    public int port() {
        return listeners.getFirst().port();
    }

    /** The TLS port that visitors see. */
    int publicPort() {
        return addresses.httpsPort();
    }

    /** 0 when plain HTTP is not served. */
    int httpPort() {
        return config.listening().hasHttp() ? listeners.getLast().port() : 0;
    }

    /** Connections to the TLS port: visitors', control and data connections. */
    int connections() {
        return listeners.getFirst().connections();
    }

    /** Null where there are accounts. */
    String token() {
        return access.token();
    }

    /** Whether visitors and agents are shown the certificate that the server made for itself, and not a loaded one. */
    boolean showsOwnCertificate() {
        return !certificates.loadedCovers(config.domain());
    }

    /** What its visitors and agents may trust. */
    public Path caFile() {
        return config.keys().stateDirectory().resolve("ca.pem");
    }

    /** What the person who started it is to be told. */
    Announcement announcement() {
        return announcement;
    }

    /** What an agent on this machine is given on its command line. */
    public List<String> agentOptions() {
        return List.of("--server", "127.0.0.1:" + port(), "--token", access.token(), "--ca", caFile().toString());
    }

    KeptTunnels kept() {
        return kept;
    }

    TunnelDirectory directory() {
        return directory;
    }

    Certificates certificates() {
        return certificates;
    }

    Means means() {
        return means;
    }

    /** What it shows whoever runs it. */
    public Observed observed() {
        return new Observed(directory, registrar::remove, means.figures, means.unanswered, callers, means.maxConnections,
                Map.of("visitors", visitors, "agents", agents), Map.of("program", means.program, "connections", means.connections, "sessions", means.sessions, "exchanges", means.exchanges),
                means.tasks, means.ticker, () -> !draining);
    }

    /** Stops accepting, tells the agents, and waits until what is in flight is served, at most {@code limit}; then {@link #close} is due. */
    void drain(Duration limit) {
        draining = true;
        listeners.forEach(Listener::stopAccepting);
        registrar.drain("shutdown");
        long begun = System.nanoTime();
        // What visitors send at this moment, who have kept their connections, is served, and told that nothing can follow.
        callers.awaitLeft(LAST_REQUESTS);
        // Of all tunnels at once, those too that are closing and have left the directory.
        means.unanswered.awaitNone(limit.minusNanos(System.nanoTime() - begun));
        callers.endResting(means.tasks);
        means.unanswered.awaitNone(limit.minusNanos(System.nanoTime() - begun));
        callers.awaitLeft(LAST_WORDS);
    }

    @Override
    public void close() {
        kept.close();
        listeners.forEach(Listener::close);
        for (Tunnel tunnel : directory.tunnels()) {
            directory.release(tunnel);
            tunnel.close();
        }
        try {
            if (!means.tasks.awaitNone(CLOSE_LIMIT)) {
                means.log.warn("tasks_left", "some tasks have not ended in time", "count", means.tasks.live());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (accessLog != null) {
            accessLog.close();
        }
        callers.close();
        visitors.close();
        agents.close();
        access.close();
        means.ticker.remove(certificates);
        means.ticker.close();
        state.close();
    }
}
