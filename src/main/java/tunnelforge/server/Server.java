package tunnelforge.server;

import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import tunnelforge.log.Log;
import tunnelforge.net.Ledger;
import tunnelforge.net.Listener;
import tunnelforge.net.Pin;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.server.edge.Edge;
import tunnelforge.server.edge.Entrance;
import tunnelforge.server.edge.Http1Connection;
import tunnelforge.server.edge.LoadBalancers;
import tunnelforge.server.edge.Router;
import tunnelforge.server.edge.SessionEdge;
import tunnelforge.server.edge.TlsFront;
import tunnelforge.server.tls.Certificates;
import tunnelforge.server.tls.OwnCa;
import tunnelforge.server.tunnel.LocalTunnels;
import tunnelforge.server.tunnel.PublicAddresses;
import tunnelforge.server.tunnel.Registrar;
import tunnelforge.server.tunnel.ResumeTokens;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.server.tunnel.TunnelDirectory;

/** A running server: its ports, its tunnels, and everything between. It owns every task below it, and {@link #close} ends them all. */
public final class Server implements AutoCloseable {
    /** Connections of visitors and agents at once, where there is memory for them. */
    static final int MAX_CONNECTIONS = 20_000;

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final ServerConfig config;
    private final Log log;
    private final Ticker ticker;
    private final Tasks tasks;
    private final TunnelDirectory directory;
    private final ServerState state;
    private final OwnCa ownCa;
    private final Certificates certificates;
    private final String token;
    private final Listener https;
    private final Listener http;
    private final Ledger memory;

    private Server(ServerConfig config, ServerState state, SecureRandom random, Ticker ticker, Tasks tasks, Ledger program, Ledger connections, OwnCa ownCa, Certificates certificates,
            Listener https, Listener http, Log log) throws IOException {
        this.config = config;
        this.state = state;
        this.ticker = ticker;
        this.tasks = tasks;
        this.ownCa = ownCa;
        this.certificates = certificates;
        this.https = https;
        this.http = http;
        this.log = log;
        memory = program;
        token = config.token() == null ? state.token() : config.token();
        directory = new LocalTunnels(ticker);
        PublicAddresses addresses = new PublicAddresses(config.domain(),
                config.publicPort() == 0 ? https.port() : config.publicPort(), http == null ? 0 : http.port());
        LoadBalancers loadBalancers = new LoadBalancers(config.loadBalancers(), log);
        SessionEdge tcpEdge = new SessionEdge(config.bind(), loadBalancers, config.idleTimeout(), tasks, ticker, connections, log);
        // What exchanges need leaves half of their own part free for others, not of what connections take as well.
        Ledger exchanges = program.part(program.capacity());
        Registrar registrar = new Registrar(config.tunnels(), addresses, directory, new ResumeTokens(state.resumeKey()), certificates, tcpEdge, token,
                exchanges, random, ticker.clock(), log);
        Entrance entrance = new Entrance(registrar, directory, tasks, ticker, log);
        Edge edge = new Edge(new Router(directory, addresses), entrance, tcpEdge, certificates, addresses, Edge.room(exchanges), tasks, log);
        state.writeAgentFile(https.port(), token, caFile(), log);
        ticker.add(certificates);
        https.start(connection -> loadBalancers.serve(connection, each -> new TlsFront(each, edge).run()));
        if (http != null) {
            http.start(connection -> loadBalancers.serve(connection, each -> new Http1Connection(each, edge).run()));
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
        ServerState state = ServerState.open(config.stateDirectory(), random);
        Tasks tasks = new Tasks(log, onDeath);
        Ticker ticker = clock.apply(tasks, log);
        Ledger program = Ledger.ofProgram();
        // However many connect, some is left to serve them with.
        Ledger connections = program.part(program.capacity() / 4 * 3);
        Listener https = null;
        Listener http = null;
        try {
            OwnCa ownCa = OwnCa.open(config.stateDirectory(), config.domain(), log);
            Certificates certificates = new Certificates(config.certificates(), ownCa, tasks, log);
            https = listen("visitor", config, config.port(), tasks, ticker, connections, log);
            http = config.httpPort() == ServerConfig.NO_HTTP ? null : listen("http visitor", config, config.httpPort(), tasks, ticker, connections, log);
            return new Server(config, state, random, ticker, tasks, program, connections, ownCa, certificates, https, http, log);
        } catch (IOException e) {
            if (https != null) {
                https.close();
            }
            if (http != null) {
                http.close();
            }
            ticker.close();
            state.close();
            throw e;
        }
    }

    private static Listener listen(String name, ServerConfig config, int port, Tasks tasks, Ticker ticker, Ledger ledger, Log log) throws IOException {
        int ports = config.httpPort() == ServerConfig.NO_HTTP ? 1 : 2;
        try {
            return new Listener(name, config.bind(), port, MAX_CONNECTIONS / ports, tasks, ticker, ledger, log);
        } catch (BindException e) {
            throw new IOException("port " + port + " cannot be listened on (" + e.getMessage() + "); choose another, or end what uses it"
                    + (port < 1024 ? "; ports below 1024 need root or CAP_NET_BIND_SERVICE" : ""), e);
        }
    }

    int port() {
        return https.port();
    }

    /** 0 when plain HTTP is not served. */
    int httpPort() {
        return http == null ? 0 : http.port();
    }

    /** Connections to the TLS port: visitors', control and data connections. */
    int connections() {
        return https.connections();
    }

    String token() {
        return token;
    }

    /** Of the certificate that the server made for itself; null when a loaded one is shown to agents instead. */
    Pin pin() {
        return certificates.loadedCovers(config.domain()) ? null : ownCa.pin();
    }

    Path caFile() {
        return config.stateDirectory().resolve("ca.pem");
    }

    TunnelDirectory directory() {
        return directory;
    }

    Tasks tasks() {
        return tasks;
    }

    /** What the program may use. */
    Ledger memory() {
        return memory;
    }

    Ticker ticker() {
        return ticker;
    }

    /** Stops accepting, tells the agents, and waits until what is in flight is served, at most {@code limit}; then {@link #close} is due. */
    void drain(Duration limit) {
        https.stopAccepting();
        if (http != null) {
            http.stopAccepting();
        }
        long end = System.nanoTime() + limit.toNanos();
        directory.tunnels().forEach(tunnel -> tunnel.drain("shutdown"));
        for (Tunnel tunnel : directory.tunnels()) {
            tunnel.awaitQuiet(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        }
    }

    @Override
    public void close() {
        https.close();
        if (http != null) {
            http.close();
        }
        for (Tunnel tunnel : directory.tunnels()) {
            directory.release(tunnel);
            tunnel.close();
        }
        try {
            if (!tasks.awaitNone(CLOSE_LIMIT)) {
                log.warn("tasks_left", "some tasks have not ended in time", "count", tasks.live());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ticker.remove(certificates);
        ticker.close();
        state.close();
    }
}
