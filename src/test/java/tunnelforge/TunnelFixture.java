package tunnelforge;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import tunnelforge.agent.TestAgent;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.SeenCertificates;
import tunnelforge.server.TestServer;

/**
 * A server and an agent in this process, on loopback and free ports, a local service that the test scripts, and visitors.
 *
 * <p>{@link #close} takes all down and fails when anything is left: a task, something under the ticker, reserved memory, or a bug in a log.
 */
public final class TunnelFixture implements AutoCloseable {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(15);

    /** How a fixture differs from the usual one. */
    public static final class Options {
        private final TestServer.Options server = new TestServer.Options();
        private final TestAgent.Options agent = new TestAgent.Options();
        private String target;
        private boolean withAgent = true;
        private boolean withRelay;

        public TestServer.Options server() {
            return server;
        }

        public TestAgent.Options agent() {
            return agent;
        }

        /** What the agent connects to instead of the scripted local service. */
        public Options target(String text) {
            target = text;
            return this;
        }

        /** No agent: the test has its own. */
        public Options withoutAgent() {
            withAgent = false;
            return this;
        }

        /** Between agent and server stands a relay that can cut connections. */
        public Options withRelay() {
            withRelay = true;
            return this;
        }

        /** The address has this name below the server's domain. */
        public Options subdomain(String label) {
            agent.subdomain(label);
            return this;
        }

        /** An http tunnel; the server has a port for plain HTTP. */
        public Options http() {
            server.http();
            agent.protocol("http");
            return this;
        }

        /** A tcp tunnel: {@link TunnelFixture#tcpVisitor} comes to its port. */
        public Options tcp() {
            agent.protocol("tcp");
            return this;
        }

        /** A tls tunnel. */
        public Options tls() {
            agent.protocol("tls");
            return this;
        }

        public Options grace(Duration time) {
            server.grace(time);
            return this;
        }
    }

    private final ScriptedService service = new ScriptedService();
    private final TestServer server;
    private final Relay relay;
    private final SSLContext trust;
    private final HttpClient client;
    private final ConcurrentLinkedQueue<Peer> visitors = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<TestAgent> agents = new ConcurrentLinkedQueue<>();
    private final TestAgent agent;
    private final URI url;

    private TunnelFixture(Options options) throws Exception {
        server = TestServer.start(options.server);
        relay = options.withRelay ? new Relay(server.port()) : null;
        trust = trust(server);
        client = HttpClient.newBuilder().sslContext(trust).version(HttpClient.Version.HTTP_1_1).connectTimeout(Peer.LIMIT).build();
        if (options.withAgent) {
            agent = startAgent(options.target == null ? "127.0.0.1:" + service.port() : options.target, options.agent);
            url = URI.create(agent.url());
            Eventually.await("the pool is filled", () -> server.dataConnections() >= 3);
        } else {
            agent = null;
            url = null;
        }
    }

    /** The usual one: an https tunnel with a random name. */
    public static TunnelFixture start() throws Exception {
        return new TunnelFixture(new Options());
    }

    public static TunnelFixture start(Options options) throws Exception {
        return new TunnelFixture(options);
    }

    private static SSLContext trust(TestServer server) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(server.caFile())) {
            store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    // ---- The parts. ----

    public TestServer server() {
        return server;
    }

    /** The usual agent. */
    public TestAgent agent() {
        return agent;
    }

    /** Another agent of the same server, for the target given; unless the options say otherwise it trusts the server's CA. */
    public TestAgent startAgent(String target, TestAgent.Options options) throws IOException {
        return startAgent(target, server.token(), options);
    }

    /** The same, with a token of an account. */
    public TestAgent startAgent(String target, String token, TestAgent.Options options) throws IOException {
        TestAgent started = TestAgent.start(target, relay == null ? server.port() : relay.port(), token,
                options.ca(server.caFile()));
        agents.add(started);
        return started;
    }

    /** What stands between agent and server. */
    public Relay relay() {
        return relay;
    }

    public ScriptedService service() {
        return service;
    }

    // ---- Addresses. ----

    /** The public address, with its port. */
    public URI url() {
        return url;
    }

    public URI url(String pathAndQuery) {
        return URI.create(url + pathAndQuery);
    }

    /** The tunnel's name. */
    public String host() {
        return url.getHost();
    }

    /** The tunnel's name and port, as a browser puts them into Host. */
    public String authority() {
        return url.getRawAuthority();
    }

    // ---- Visitors. ----

    /** Trusts the server's CA. */
    public SSLContext trust() {
        return trust;
    }

    /** The JDK's client; it trusts the server's CA and finds every name below localhost here. */
    public HttpClient client() {
        return client;
    }

    /** A visitor of the tunnel, over TLS with its name as SNI. */
    public Peer visitor() throws IOException {
        return visitor(host());
    }

    /**
     * A visitor over TLS, after the handshake.
     *
     * @param sni null for none
     */
    public Peer visitor(String sni) throws IOException {
        return visitor(sni, "127.0.0.1");
    }

    /** The same, from an address of this machine. */
    public Peer visitor(String sni, String from) throws IOException {
        return visitor(sni, trust, from);
    }

    /** As the other, whatever certificate the server shows. */
    public Peer visitorOfAnyServer(String sni) throws IOException {
        return visitor(sni, new SeenCertificates().context(), "127.0.0.1");
    }

    private Peer visitor(String sni, SSLContext context, String from) throws IOException {
        Socket raw = connect(server.port(), from);
        raw.setTcpNoDelay(true);
        raw.setSoTimeout((int) Peer.LIMIT.toMillis());
        // The JDK resumes by the host given here, and then sends the name of the session that it resumes.
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(raw, sni == null ? "127.0.0.1" : sni, server.port(), true);
        SSLParameters parameters = tls.getSSLParameters();
        if (sni != null) {
            parameters.setServerNames(List.of(new SNIHostName(sni)));
        }
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        return keep(new Peer(raw, tls));
    }

    /** A bare TCP connection to the TLS port. */
    public Peer rawVisitor() throws IOException {
        return tcp(server.port());
    }

    /** A visitor of the port for plain HTTP. */
    public Peer plainVisitor() throws IOException {
        return tcp(server.httpPort());
    }

    /** A visitor of the port of the usual agent's tcp tunnel. */
    public Peer tcpVisitor() throws IOException {
        return tcp(url.getPort());
    }

    /** A bare TCP connection to any port of this machine; ends with the test. */
    public Peer tcp(int port) throws IOException {
        return tcp(port, "127.0.0.1");
    }

    /** The same, from an address of this machine. */
    public Peer tcp(int port, String from) throws IOException {
        Socket raw = connect(port, from);
        return keep(new Peer(raw, raw));
    }

    private static Socket connect(int port, String from) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.getByName(from), 0);
    }

    private Peer keep(Peer visitor) {
        visitors.add(visitor);
        return visitor;
    }

    /** A request head for the tunnel: the request line, Host, and further lines, each without its line end. */
    public String head(String methodAndTarget, String... lines) {
        StringBuilder head = new StringBuilder(methodAndTarget).append(" HTTP/1.1\r\nHost: ").append(authority()).append("\r\n");
        for (String line : lines) {
            head.append(line).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    /** One GET by a visitor of its own, answered by whatever serves; for showing that others are unharmed. */
    public Message get(String target) throws IOException {
        try (Peer visitor = visitor()) {
            return visitor.send(head("GET " + target)).readResponse();
        }
    }

    // ---- The end. ----

    /** Between two tests on one fixture: the visitors leave, the local service is as new, and nothing may be left of any exchange. */
    public void settle() throws IOException {
        for (Peer visitor; (visitor = visitors.poll()) != null;) {
            visitor.close();
        }
        service.reset();
        Eventually.await(() -> "no memory is reserved: server " + server.budgetUsed() + " with " + server.exchanges()
                + " exchanges, agents " + agents.stream().map(TestAgent::budgetUsed).toList(), CLOSE_LIMIT,
                () -> server.budgetUsed() == 0 && server.exchanges() == 0
                        && agents.stream().allMatch(each -> each.budgetUsed() == 0));
    }

    @Override
    public void close() throws IOException {
        client.shutdownNow();
        try {
            settle();
            service.close();
            for (TestAgent each : agents) {
                each.close();
            }
            Eventually.await(() -> "the server has nothing to do: " + server.tickerSize() + " things under the ticker, "
                    + server.liveTasks() + " tasks", CLOSE_LIMIT,
                    () -> server.tickerSize() <= server.tickedAtRest());
        } finally {
            agents.forEach(TestAgent::stop);
            server.close();
            service.close();
            if (relay != null) {
                relay.close();
            }
        }
        // An accept task is nobody's to wait for: it may just be giving back what a last connection was charged.
        Eventually.await(() -> "nothing is charged in the server, but " + server.memoryUsed() + " bytes", CLOSE_LIMIT, () -> server.memoryUsed() == 0);
        nothingLeft("server", server.liveTasks(), server.tickerSize(), server.log());
        for (TestAgent each : agents) {
            nothingLeft("agent", each.liveTasks(), each.tickerSize(), each.log());
        }
    }

    private static void nothingLeft(String who, int tasks, int ticked, RecordingLog log) {
        if (tasks != 0 || ticked != 0) {
            throw new AssertionError("left in the " + who + ": " + tasks + " tasks, " + ticked + " things under the ticker");
        }
        if (!log.entries("internal_error").isEmpty()) {
            throw new AssertionError("bugs in the " + who + ": " + log.entries("internal_error"));
        }
    }
}
