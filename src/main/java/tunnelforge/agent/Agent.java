package tunnelforge.agent;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import tunnelforge.agent.files.FileResponder;
import tunnelforge.agent.local.FrameBuffers;
import tunnelforge.agent.local.LocalExchange;
import tunnelforge.agent.local.LocalService;
import tunnelforge.agent.local.LocalSessions;
import tunnelforge.agent.local.Target;
import tunnelforge.agent.tunnel.Backoff;
import tunnelforge.agent.tunnel.ControlListener;
import tunnelforge.agent.tunnel.ControlSession;
import tunnelforge.agent.tunnel.DataConnector;
import tunnelforge.agent.tunnel.Responder;
import tunnelforge.cli.ExitException;
import tunnelforge.cli.Launch;
import tunnelforge.log.Log;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.net.Resolver;
import tunnelforge.net.ServerTrust;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.wire.AgentMessage;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ServerMessage;
import tunnelforge.wire.TunnelOptions;

/**
 * A running agent: {@link #run} is its control task, which keeps one tunnel open until {@link #stop}, reconnecting for as long as it takes.
 * Data connections outlive the control connection they were asked for on, so that a drop of that one harms no visitor.
 */
public final class Agent {
    /** Data connections that are open or being opened at once: the pool, those that drain, and as many again. */
    static final int MAX_DATA_CONNECTIONS = 64;
    /** The same where each session has one, and there is memory for them. */
    static final int MAX_SESSIONS = 2_200;
    /** What a session costs, its local connection included. */
    static final int BYTES_PER_SESSION = 256 * 1024;
    /** What the tunnel may use of this program's memory for windows. */
    static final long BUDGET_BYTES = 64L * 1024 * 1024;

    private static final Duration LOOK_EVERY = Duration.ofMillis(500);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
    private static final Duration SAY_AGAIN_AFTER = Duration.ofSeconds(30);

    private final AgentConfig config;
    private final Log log;
    private final Ticker ticker;
    private final Tasks tasks;
    private final Resolver resolver = new Resolver();
    private final ExecutorService callbacks = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client;
    private final Responder responder;
    private final DataConnector connector;
    private final Ledger budget = Ledger.ofProgram().part(BUDGET_BYTES);
    private final Set<Connection> data = ConcurrentHashMap.newKeySet();
    private final AtomicInteger dataCount = new AtomicInteger();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final CountDownLatch registeredOnce = new CountDownLatch(1);
    private volatile ServerMessage.TunnelRegistered registered;
    private boolean everConnected;
    private String saidUnreachable;
    private long saidAt;

    Agent(AgentConfig config, Log log, Consumer<Throwable> onDeath) {
        this.config = config;
        this.log = log;
        this.tasks = new Tasks(log, onDeath);
        this.ticker = new Ticker(tasks, log);
        SSLContext trust = ServerTrust.context(new ServerTrust(config.ca(), config.pins(), config.serverName()), null);
        this.client = HttpClient.newBuilder().sslContext(trust).sslParameters(ServerTrust.parameters()).executor(callbacks)
                .version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();
        this.responder = switch (config.target()) {
            case Target.Service service when config.ofSessions() -> new LocalSessions(
                    new LocalService(service, config.verifyUpstream(), resolver, ticker), config.proxyProtocol(), log);
            case Target.Service service -> new LocalExchange.Setting(new LocalService(service, config.verifyUpstream(), resolver, ticker),
                    new FrameBuffers(), config.hostHeader(), tasks, log);
            case Target.Directory directory -> new FileResponder(directory.path(), budget, log);
        };
        this.connector = new DataConnector(config.server(), trust, resolver, ticker, budget, responder, tasks);
    }

    /**
     * Keeps the tunnel open until {@link #stop}.
     *
     * @throws ExitException when trying again is of no use
     */
    void run() throws ExitException {
        Backoff backoff = new Backoff(ThreadLocalRandom.current());
        try {
            while (!isStopping()) {
                long started = System.nanoTime();
                try (ControlSession session = ControlSession.open(client, controlUri())) {
                    everConnected = true;
                    serve(session);
                } catch (IOException e) {
                    failed(e);
                }
                if (System.nanoTime() - started > Limits.RECONNECT_STABLE.toNanos()) {
                    backoff.reset();
                }
                pause(backoff);
            }
            log.info("stopped", "stopped");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end();
        }
    }

    private URI controlUri() {
        return URI.create("wss://" + config.server() + "/_tunnelforge/control");
    }

    private void pause(Backoff backoff) throws InterruptedException {
        if (!isStopping()) {
            Duration pause = backoff.next();
            log.debug("reconnecting", "trying again soon", "pause_ms", pause.toMillis());
            stopping.await(pause.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void failed(IOException e) throws ExitException {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException && !everConnected) {
                throw new ExitException(ExitException.UNTRUSTED, "the server " + config.server() + " is not trusted: "
                        + cause.getMessage() + (config.ca() == null && config.pins().isEmpty() ? "; --pin or --ca says what to trust" : ""));
            }
        }
        unreachable(reason(e));
    }

    /** Says so once, and again after a while: the attempts come thick and fast at first. */
    private void unreachable(String reason) {
        String message = "the server " + config.server() + " cannot be reached; trying again until it can";
        long now = System.nanoTime();
        if (reason.equals(saidUnreachable) && now - saidAt < SAY_AGAIN_AFTER.toNanos()) {
            log.debug("server_unreachable", message, "error", reason);
            return;
        }
        saidUnreachable = reason;
        saidAt = now;
        log.warn("server_unreachable", message, "error", reason);
    }

    private static String reason(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return "no address is known for this name";
            }
        }
        Throwable deepest = e;
        while (deepest.getCause() != null && deepest.getMessage() == null) {
            deepest = deepest.getCause();
        }
        String message = deepest.getMessage();
        return message == null ? "nothing accepts connections there" : message;
    }

    private void serve(ControlSession session) throws IOException, ExitException, InterruptedException {
        session.send(register());
        long deadline = System.nanoTime() + Limits.REGISTER_WITHIN.toNanos();
        long keptAlive = System.nanoTime();
        boolean open = false;
        boolean closing = false;
        long closeBy = 0;
        while (true) {
            ControlListener.Event event = session.next(LOOK_EVERY);
            switch (event) {
                case null -> { }
                case ControlListener.Event.Ended(String reason) -> {
                    if (!closing) {
                        log.warn("control_lost", "the connection to the server has ended; reconnecting", "reason", reason);
                    }
                    return;
                }
                case ControlListener.Event.Received(ServerMessage.TunnelRegistered message) -> {
                    open = true;
                    opened(message);
                }
                case ControlListener.Event.Received(ServerMessage.Error error) -> refused(error, open);
                case ControlListener.Event.Received(ServerMessage.OpenDataConnection ask) -> openData(ask);
                case ControlListener.Event.Received(ServerMessage.Drain drain) -> {
                    log.info("draining", "the server is stopping; reconnecting", "reason", drain.reason());
                    return;
                }
                case ControlListener.Event.Received(ServerMessage.KeepAlive answer) -> learnRoundTrip(answer);
                case ControlListener.Event.Received(ServerMessage.Unknown unknown) -> { }
            }
            if (config.agentId() != null) {
                config.agentId().adopt();
            }
            long now = System.nanoTime();
            if (!open && now - deadline > 0) {
                throw new IOException("the server did not answer within " + Limits.REGISTER_WITHIN.toSeconds() + " s");
            }
            if (session.silent() && !closing) {
                throw new IOException("the server has been silent for " + Limits.DEAD_AFTER.toSeconds() + " s");
            }
            if (closing && now - closeBy > 0) {
                log.warn("close_unanswered", "the server has not closed the tunnel in time");
                return;
            }
            if (open && isStopping() && !closing) {
                closing = true;
                closeBy = now + Limits.DRAIN_WITHIN.plus(CLOSE_LIMIT).toNanos();
                log.info("stopping", "stopping; what is in flight is finished first");
                session.send(new AgentMessage.CloseTunnel(registered.tunnelId()));
            }
            if (open && !closing && now - keptAlive > TimeUnit.SECONDS.toNanos(registered.keepAliveSeconds())) {
                keptAlive = now;
                session.send(new AgentMessage.KeepAlive(registered.tunnelId(), System.currentTimeMillis()));
            }
            if (!open && isStopping()) {
                return;
            }
        }
    }

    private AgentMessage register() {
        ServerMessage.TunnelRegistered before = registered;
        TunnelOptions options = new TunnelOptions(config.subdomain(), config.hostname(), null, config.remotePort(), null);
        return new AgentMessage.RegisterTunnel(config.token(), config.protocol(), config.target().port(), options, config.agentId() == null ? null : config.agentId().value(),
                Launch.version(), before == null ? null : before.tunnelId(), before == null ? null : before.resumeToken());
    }

    private void opened(ServerMessage.TunnelRegistered message) {
        registered = message;
        saidUnreachable = null;
        log.info("tunnel_registered", message.url() + " -> " + config.target(), "url", message.url(), "tunnel_id",
                message.tunnelId(), "target", config.target());
        registeredOnce.countDown();
    }

    private void refused(ServerMessage.Error error, boolean open) throws IOException, ExitException {
        if (!error.retry() && (!open || "TF-NAME-TAKEN".equals(error.name()))) {
            throw new ExitException(ExitException.REFUSED, "refused by " + config.server() + ": " + error.message() + " ("
                    + error.name() + ")");
        }
        if (!open) {
            throw new IOException(error.message() + " (" + error.name() + ")");
        }
        log.warn("server_error", error.message(), "error", error.name());
    }

    private void learnRoundTrip(ServerMessage.KeepAlive answer) {
        if (answer.sentAt() != null) {
            log.debug("keep_alive", "the server answered", "round_trip_ms", System.currentTimeMillis() - answer.sentAt());
        }
    }

    private void openData(ServerMessage.OpenDataConnection ask) {
        int most = mostDataConnections();
        if (dataCount.incrementAndGet() > most) {
            dataCount.decrementAndGet();
            log.warn("data_limit", "the server asks for more data connections than " + most);
            return;
        }
        tasks.start("data connection", () -> serveData(ask));
    }

    private int mostDataConnections() {
        return config.ofSessions() ? Ledger.affordable(MAX_SESSIONS, MAX_DATA_CONNECTIONS, BYTES_PER_SESSION) : MAX_DATA_CONNECTIONS;
    }

    private void serveData(ServerMessage.OpenDataConnection ask) {
        Connection connection = null;
        try {
            connection = connector.connect();
            data.add(connection);
            if (!isEnded()) {
                connector.agree(connection, ask.tunnelId(), ask.connectionId()).run(tasks, ticker);
            }
        } catch (IOException e) {
            if (!isStopping()) {
                log.debug("data_lost", "a data connection has ended", "error", reason(e));
            }
        } finally {
            dataCount.decrementAndGet();
            if (connection != null) {
                data.remove(connection);
                connection.kill();
            }
        }
    }

    /** Asks {@link #run} to close the tunnel and return; what is in flight is served first, for 30 seconds at most. */
    void stop() {
        stopping.countDown();
    }

    /** Waits until {@link #run} has returned, or for {@code limit}. */
    boolean awaitEnd(Duration limit) throws InterruptedException {
        return ended.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The tunnel's address, once the server has given one; null when it has not within {@code limit}. */
    String awaitUrl(Duration limit) throws InterruptedException {
        return registeredOnce.await(limit.toNanos(), TimeUnit.NANOSECONDS) ? registered.url() : null;
    }

    Tasks tasks() {
        return tasks;
    }

    Ticker ticker() {
        return ticker;
    }

    Ledger budget() {
        return budget;
    }

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    private boolean isEnded() {
        return ended.getCount() == 0;
    }

    private void end() {
        stop();
        ended.countDown();
        data.forEach(Connection::kill);
        responder.close();
        resolver.close();
        client.shutdownNow();
        callbacks.shutdownNow();
        try {
            if (!tasks.awaitNone(CLOSE_LIMIT)) {
                log.warn("tasks_left", "some tasks have not ended in time", "count", tasks.live());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ticker.close();
        if (config.agentId() != null) {
            config.agentId().close();
        }
    }
}
