package tunnelforge.server;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import tunnelforge.Eventually;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.Ledger;
import tunnelforge.net.ManualClock;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.PortRange;
import tunnelforge.server.admin.AdminConfig;
import tunnelforge.server.admin.AdminPort;
import tunnelforge.server.accesslog.AccessLogOptions;
import tunnelforge.server.tls.CertificateFiles;
import tunnelforge.server.tunnel.TunnelRules;
import tunnelforge.server.tunnel.TunnelView;
import tunnelforge.text.AddressRange;
import tunnelforge.wire.Limits;
import tunnelforge.wire.PublicAddress;

/** A server in this process, for tests of any package: it listens on loopback, on free ports, and its state is a copy of a prepared directory. */
public final class TestServer implements AutoCloseable {
    /** What the server serves names below, unless told otherwise. */
    public static final String DOMAIN = "tunnel.localhost";

    private static final Duration LONG = Duration.ofHours(1);
    private static final int MIN_RATE = 256;
    private static final int PORTS = 20;
    private static final AtomicInteger NEXT_PORTS = new AtomicInteger(20_000 + ThreadLocalRandom.current().nextInt(400) * PORTS);
    private static final Map<String, Path> PREPARED = new ConcurrentHashMap<>();

    /** How a server differs from the usual one. */
    public static final class Options {
        private String domain = DOMAIN;
        private boolean http;
        private Duration grace = Limits.GRACE;
        private int port;
        private Path stateDirectory;
        private PortRange tcpPorts = freePorts();
        private Duration idleTimeout = LONG;
        private long maxBody = TunnelRules.ANY_BODY;
        private List<AddressRange> loadBalancers = List.of();
        private List<AddressRange> believed = List.of();
        private String hsts;
        private List<CertificateFiles> certificates = List.of();
        private Path clientCa;
        private ManualClock clock;
        private Path accounts;
        private AccessLogOptions accessLog;

        public Options domain(String name) {
            domain = name;
            return this;
        }

        /** Serves plain HTTP too, on a free port. */
        public Options http() {
            http = true;
            return this;
        }

        public Options grace(Duration time) {
            grace = time;
            return this;
        }

        /** What tcp tunnels get. */
        public Options tcpPorts(int first, int last) {
            tcpPorts = new PortRange(first, last);
            return this;
        }

        /** Connections from there begin with a header of the PROXY protocol. */
        public Options acceptProxyFrom(String range) {
            loadBalancers = List.of(AddressRange.parse(range));
            return this;
        }

        /** What requests from there say in X-Forwarded fields is true. */
        public Options trustForwarded(String range) {
            believed = List.of(AddressRange.parse(range));
            return this;
        }

        /** So many ports for tcp tunnels, that nobody uses. */
        public Options tcpPorts(int count) {
            tcpPorts = freePorts();
            tcpPorts = new PortRange(tcpPorts.first(), tcpPorts.first() + count - 1);
            return this;
        }

        /** At most this much time without a byte in a session. */
        public Options idleTimeout(Duration time) {
            idleTimeout = time;
            return this;
        }

        /** The Strict-Transport-Security of answers over https. */
        public Options hsts(String value) {
            hsts = value;
            return this;
        }

        /** Loads these too; each file holds a chain and its key. */
        public Options certificates(Path... files) {
            certificates = Stream.of(files).map(file -> new CertificateFiles(file, file)).toList();
            return this;
        }

        /** Agents need a certificate from there. */
        public Options clientCa(Path file) {
            clientCa = file;
            return this;
        }

        /** A line for each request goes there. */
        public Options accessLog(Path file, AccessLogOptions.Format format) {
            accessLog = new AccessLogOptions(file, format);
            return this;
        }

        /** A request's body may have so many bytes. */
        public Options maxBody(long bytes) {
            maxBody = bytes;
            return this;
        }

        /** The TLS port, for a server that takes another one's place. */
        public Options port(int tlsPort) {
            port = tlsPort;
            return this;
        }

        /** Who may open tunnels. */
        public Options accounts(Path file) {
            accounts = file;
            return this;
        }

        /** The test moves the server's time. */
        public Options clock(ManualClock manual) {
            clock = manual;
            return this;
        }

        /** The state of a server before it; not deleted in the end. */
        public Options stateDirectory(Path existing) {
            stateDirectory = existing;
            return this;
        }
    }

    private final RecordingLog log = new RecordingLog();
    private final Path stateDirectory;
    private final boolean ownsState;
    private final Server server;
    private final int ticked;
    private final PortRange tcpPorts;
    private AdminPort admin;

    private TestServer(Options options) throws IOException {
        ownsState = options.stateDirectory == null;
        stateDirectory = ownsState ? copyOfPrepared(options.domain) : options.stateDirectory;
        tcpPorts = options.tcpPorts;
        ticked = options.accounts == null ? 6 : 7;
        server = Server.start(config(options, stateDirectory), log.log(), death -> { }, options.clock == null ? Ticker::new : options.clock::ticker);
    }

    /** Some that are below those of outgoing connections; a server passes over any that is taken. */
    private static PortRange freePorts() {
        int first = NEXT_PORTS.getAndUpdate(last -> last + 2 * PORTS > 32_000 ? 20_000 : last + PORTS);
        return new PortRange(first, first + PORTS - 1);
    }

    /** A server with the usual settings. */
    public static TestServer start() throws IOException {
        return start(new Options());
    }

    public static TestServer start(Options options) throws IOException {
        return new TestServer(options);
    }

    private static ServerConfig config(Options options, Path state) {
        return new ServerConfig(
                new ServerConfig.Listening(InetAddress.getLoopbackAddress(), options.port, options.http ? 0 : ServerConfig.Listening.NO_HTTP, 0, options.loadBalancers,
                        options.believed, options.hsts),
                new ServerConfig.Keys(state, null, options.accounts, options.certificates, options.clientCa),
                new TunnelRules(options.domain, options.tcpPorts, options.grace, options.idleTimeout, options.maxBody, MIN_RATE),
                options.accessLog);
    }

    /** Making keys costs seconds: once for each domain in this JVM. Also for tests that start the server as a program. */
    public static Path copyOfPrepared(String domain) throws IOException {
        Path prepared = PREPARED.computeIfAbsent(domain, TestServer::prepare);
        Path copy = Files.createTempDirectory("tunnelforge-test-");
        try (Stream<Path> files = Files.walk(prepared)) {
            for (Path file : files.toList()) {
                if (!file.equals(prepared)) {
                    Files.copy(file, copy.resolve(prepared.relativize(file)), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
        return copy;
    }

    private static Path prepare(String domain) {
        try {
            Path directory = Files.createTempDirectory("tunnelforge-prepared-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
            Server.start(config(new Options().domain(domain), directory), new RecordingLog().log(), death -> { }).close();
            return directory;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Deletes a directory and what is in it; what cannot be deleted stays. */
    public static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            // It is below the temporary directory.
        }
    }

    /** What the server logs. */
    public RecordingLog log() {
        return log;
    }

    /** Of TLS. */
    public int port() {
        return server.port();
    }

    /** Of plain HTTP; 0 when that is not served. */
    public int httpPort() {
        return server.httpPort();
    }

    /** The lowest port that a tcp tunnel may have. */
    public int firstTcpPort() {
        return tcpPorts.first();
    }

    /** The highest. */
    public int lastTcpPort() {
        return tcpPorts.last();
    }

    public String token() {
        return server.token();
    }

    /** As {@code --pin} takes it. */
    public String pin() {
        return server.announcement().directions().pin().toString();
    }

    public Path caFile() {
        return server.caFile();
    }

    public Path stateDirectory() {
        return stateDirectory;
    }

    public int liveTasks() {
        // Which tunnels there are is written down now and then, by a task of its own.
        return server.means().tasks().live() - (server.kept().isWriting() ? 1 : 0);
    }

    /** How many things the ticker looks at: connections, tunnels, and what {@link #tickedAtRest} counts. */
    public int tickerSize() {
        return server.means().ticker().size();
    }

    /** What the ticker looks at when there are no connections: the certificates, which tunnels there are, all callers, visitors and agents that were turned away, in the log and in the record, accounts from a file, the admin port, each tunnel. */
    public int tickedAtRest() {
        return ticked + (admin == null ? 0 : 1) + server.directory().tunnels().size();
    }

    /** Names in use. */
    public int tunnels() {
        return server.directory().tunnels().size();
    }

    /** Whether a host name, or one with a port, belongs to a tunnel. */
    public boolean hasTunnel(String host) {
        return server.directory().find(PublicAddress.parse(host)) != null;
    }

    /** The id of the tunnel at a host name, which its agent alone is told. */
    public String tunnelId(String host) {
        return TunnelView.id(server.directory().find(PublicAddress.parse(host)));
    }

    /** What all tunnels together have reserved, in bytes. */
    public long budgetUsed() {
        return server.directory().tunnels().stream().mapToLong(tunnel -> tunnel.ledger().used()).sum();
    }

    /** What everything together has been charged, connections included, in bytes. */
    public long memoryUsed() {
        return server.means().program().used();
    }

    /** Takes more than half of each tunnel's memory. */
    public void reserveMoreThanHalf() {
        server.directory().tunnels().forEach(tunnel -> reserved(tunnel.ledger()::tryReserve, tunnel.ledger().capacity() / 2 + 1));
    }

    private static void reserved(LongPredicate reserve, long bytes) {
        if (!reserve.test(bytes)) {
            throw new IllegalStateException("there is not so much left");
        }
    }

    /** Gives that back. */
    public void giveReservedBack() {
        server.directory().tunnels().forEach(tunnel -> tunnel.ledger().release(tunnel.ledger().capacity() / 2 + 1));
    }

    /** Takes what memory there is for sessions of tcp and tls tunnels; whoever called this gives it back. */
    public AutoCloseable takeSessionMemory() {
        Ledger sessions = server.means().sessions();
        long bytes = sessions.capacity() - sessions.used();
        reserved(sessions::tryReserve, bytes);
        return () -> sessions.release(bytes);
    }

    /** Exchanges under way in all tunnels. */
    public int exchanges() {
        return server.directory().tunnels().stream().mapToInt(TunnelView::exchanges).sum();
    }

    /** Visitors of all tunnels that wait for a place on a data connection. */
    public int waiting() {
        return server.directory().tunnels().stream().mapToInt(TunnelView::waiting).sum();
    }

    /** Times that a request was given to a data connection once more. */
    public long resent() {
        return server.means().figures().resent().sum();
    }

    /** Shared data connections of all tunnels. */
    public int dataConnections() {
        return server.directory().tunnels().stream().mapToInt(TunnelView::dataConnections).sum();
    }

    /** Connections to the TLS port, joined or not. */
    public int connections() {
        return server.connections();
    }

    /** Has it look at all certificate files, however lately it did, and waits until it has. */
    public void lookAtCertificates() {
        int before = log.entries().size();
        server.certificates().tick(System.nanoTime() + LONG.toNanos());
        Eventually.await(() -> "it has looked; said since: " + log.entries().subList(before, log.entries().size()), Duration.ofSeconds(10), server.certificates()::isNotLooking);
    }

    /** Stops accepting, tells the agents, and waits for what is in flight. */
    public void drain(Duration limit) {
        server.drain(limit);
    }

    /** Opens the admin port, on a free port of loopback that asks for no token, and returns that; ended with the server. */
    public int admin() throws IOException {
        return admin(new AdminConfig(InetAddress.getLoopbackAddress(), 0, Set.of(), null));
    }

    public int admin(AdminConfig config) throws IOException {
        admin = AdminPort.open(config, server.observed(), log.log());
        return admin.port();
    }

    /** Ends the server, and its state unless another made that. */
    @Override
    public void close() {
        server.close();
        if (admin != null) {
            admin.close();
        }
        if (ownsState) {
            delete(stateDirectory);
        }
    }
}
