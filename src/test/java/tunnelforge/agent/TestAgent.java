package tunnelforge.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tunnelforge.agent.local.HostHeader;
import tunnelforge.agent.local.ProxyProtocol;
import tunnelforge.agent.local.Target;
import tunnelforge.agent.proxy.Proxy;
import tunnelforge.agent.traffic.Traffic;
import tunnelforge.agent.tunnel.AgentId;
import tunnelforge.agent.tunnel.ServerAccess;
import tunnelforge.agent.tunnel.TrustFiles;
import tunnelforge.cli.ExitException;
import tunnelforge.cli.HostPort;
import tunnelforge.cli.UsageException;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.ManualClock;
import tunnelforge.net.Pin;
import tunnelforge.net.Ticker;
import tunnelforge.text.AddressRange;
import tunnelforge.wire.TunnelProtocol;
import tunnelforge.wire.VisitorAccess;

/** An agent in this process, for tests of any package. */
public final class TestAgent implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** How an agent differs from the usual one, which opens an https tunnel with a random name. */
    public static final class Options {
        private String serverHost = "127.0.0.1";
        private String protocol = "https";
        private Integer remotePort;
        private int proxyProtocol;
        private int failuresToSpare;
        private Traffic traffic = Traffic.UNCHANGED;
        private String subdomain;
        private String hostname;
        private String hostHeader;
        private boolean onceRefused;
        private boolean verifyUpstream = true;
        private VisitorAccess visitors = VisitorAccess.ANYBODY;
        private Path ca;
        private Path certificate;
        private List<Pin> pins = List.of();
        private String serverName;
        private Proxy proxy;
        private Path idDirectory;
        private AgentConfig.Tells tells = AgentConfig.Tells.LITTLE;
        private ManualClock clock;

        /** Where the server is, also the name that its certificate must be for. */
        public Options serverHost(String host) {
            serverHost = host;
            return this;
        }

        public Options protocol(String name) {
            protocol = name;
            return this;
        }

        /** The server's port for a tcp tunnel. */
        public Options remotePort(int port) {
            remotePort = port;
            return this;
        }

        /** 1 or 2; nothing is told unless given. */
        public Options proxyProtocol(int version) {
            proxyProtocol = version;
            return this;
        }

        /** So many failures in a row of the local service open the circuit breaker; none unless given. */
        public Options circuitBreaker(int failures) {
            failuresToSpare = failures;
            return this;
        }

        /** What is done to requests and responses; nothing unless given. */
        public Options traffic(Traffic changes) {
            traffic = changes;
            return this;
        }

        public Options subdomain(String label) {
            subdomain = label;
            return this;
        }

        public Options hostname(String name) {
            hostname = name;
            return this;
        }

        /** What the local service sees as Host; preserved unless given. */
        public Options hostHeader(String value) {
            hostHeader = value;
            return this;
        }

        /** As with {@code --dev}: this when the local service refuses the visitor's. */
        public Options dev(String value) {
            hostHeader = value;
            onceRefused = true;
            return this;
        }

        /** Who may visit; anybody unless given. */
        public Options visitors(List<String> users, List<String> allow, List<String> deny) {
            visitors = new VisitorAccess(users, allow.stream().map(AddressRange::parse).toList(), deny.stream().map(AddressRange::parse).toList());
            return this;
        }

        /** Takes any certificate of an https target. */
        public Options upstreamInsecure() {
            verifyUpstream = false;
            return this;
        }

        /** Trusts this CA alone; the JDK's when neither this nor a pin is given. */
        public Options ca(Path file) {
            ca = file;
            return this;
        }

        /** What it shows a server that asks for one: a PEM file with the chain and its key. */
        public Options certificate(Path file) {
            certificate = file;
            return this;
        }

        public Options pin(String pin) {
            pins = List.of(Pin.parse(pin));
            return this;
        }

        /** As with {@code --proxy}; none unless given. */
        public Options proxy(String url) {
            try {
                proxy = Proxy.parse(url, "--proxy");
            } catch (UsageException e) {
                throw new IllegalArgumentException(e);
            }
            return this;
        }

        public Options serverName(String name) {
            serverName = name;
            return this;
        }

        /** A person watches at a terminal. */
        public Options attended() {
            tells = new AgentConfig.Tells(true, true);
            return this;
        }

        /** By which all its limits are judged; the system's unless given. */
        public Options clock(ManualClock manual) {
            clock = manual;
            return this;
        }

        /** Keeps its id there, so that a next agent of the same kind may take the name over. */
        public Options idIn(Path stateDirectory) {
            idDirectory = stateDirectory;
            return this;
        }
    }

    /** The control connection's. */
    public static final int TASKS_AT_REST = 1;

    private final RecordingLog log = new RecordingLog();
    private final AgentId id;
    private final Agent agent;
    private final CompletableFuture<ExitException> ended = new CompletableFuture<>();

    private TestAgent(String target, int serverPort, String token, Options options) throws IOException {
        ServerAccess server = new ServerAccess(new HostPort(options.serverHost, serverPort), token,
                new TrustFiles(options.ca, options.certificate, options.certificate), options.pins, options.serverName == null ? options.serverHost : options.serverName, options.proxy);
        AgentConfig.Asked asked = new AgentConfig.Asked(TunnelProtocol.of(options.protocol), options.subdomain, options.hostname, options.remotePort,
                options.visitors);
        AgentConfig.Tunnel tunnel = new AgentConfig.Tunnel(null, asked, target(target),
                new AgentConfig.Local(new HostHeader(options.hostHeader, options.onceRefused), options.verifyUpstream, ProxyProtocol.values()[options.proxyProtocol], options.failuresToSpare, options.traffic), options.tells);
        id = options.idDirectory == null ? null : AgentId.own(options.idDirectory, AgentOptions.identity(server.address(), tunnel), log.log());
        agent = new Agent(new AgentConfig(server, List.of(tunnel)), each -> id, log.log(), death -> { },
                options.clock == null ? Ticker::new : options.clock::ticker);
        Thread.ofPlatform().name("test agent").daemon().start(this::run);
    }

    private void run() {
        try {
            agent.run();
            ended.complete(null);
        } catch (ExitException e) {
            ended.complete(e);
        } catch (RuntimeException | Error bug) {
            ended.completeExceptionally(bug);
        }
    }

    /**
     * Starts an agent; {@link #url} waits for its tunnel.
     *
     * @param target as on the command line
     */
    public static TestAgent start(String target, int serverPort, String token, Options options) throws IOException {
        return new TestAgent(target, serverPort, token, options);
    }

    private static Target target(String text) {
        try {
            return Target.parse(text);
        } catch (UsageException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** What the agent logs. */
    public RecordingLog log() {
        return log;
    }

    /** The public address, once there is one. */
    public String url() throws InterruptedException {
        log.await("tunnel_registered", LIMIT);
        return (String) log.entries("tunnel_registered").getLast().fields().get("url");
    }

    public int liveTasks() {
        return agent.program().tasks().live();
    }

    public int tickerSize() {
        return agent.program().ticker().size();
    }

    /** By the tunnels: what the connections themselves need is the program's. */
    public long budgetUsed() {
        return agent.keepers().stream().mapToLong(keeper -> keeper.memory().used() - keeper.answersKept()).sum();
    }

    /** By the whole program, idle connections included. */
    public long memoryUsed() {
        return agent.program().memory().used();
    }

    /** Asks the agent to close its tunnel and end. */
    public void stop() {
        agent.stop();
    }

    /** As if the process were gone, for the next agent with the same id; its connections are the test's to cut. */
    public void releaseId() {
        id.close();
    }

    /** Waits for the end that comes by itself, or after {@link #stop}; the exit code that the program would have. */
    public int awaitExit(Duration limit) throws InterruptedException {
        ExitException exit = awaitEnd(limit);
        return exit == null ? 0 : exit.code();
    }

    /** The same; null, or why it ended. */
    public ExitException awaitEnd(Duration limit) throws InterruptedException {
        try {
            return ended.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("the agent failed", e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("the agent has not ended within " + limit + "; logged: " + log.entries(), e);
        }
    }

    /** Stops the agent and waits for its end. */
    @Override
    public void close() {
        stop();
        try {
            awaitEnd(LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
