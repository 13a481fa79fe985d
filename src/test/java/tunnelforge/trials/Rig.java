package tunnelforge.trials;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import tunnelforge.Peer;
import tunnelforge.json.JsonReader;
import tunnelforge.server.TestServer;

/** A server and an agent as programs, on loopback and free ports, and a local service in this JVM. */
final class Rig implements AutoCloseable {
    private static final int HTTPS = -1;
    private static final String LABEL = "trial";
    private static final String HOST = LABEL + "." + TestServer.DOMAIN;

    private final Path state;
    private final BulkService service;
    private final Program server;
    private final Program agent;
    private final LongPath path;
    private final int port;
    private final int tcpPort;
    private final SSLContext trust;

    /**
     * @param roundTrip between agent and server; null for nothing but loopback
     * @param tcpTarget the local port of a tcp tunnel, 0 for that of {@link #service}; -1 for an https tunnel
     */
    private Rig(List<String> javaOptions, Duration roundTrip, int tcpTarget) throws Exception {
        state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        service = new BulkService(0);
        server = Program.start(javaOptions, Map.of(), "server", "--port", "0", "--bind", "127.0.0.1", "--state-dir", state.toString(),
                "--log-format", "json");
        port = Integer.parseInt(server.await("\"event\":\"listening\".*\"port\":(\\d+)").group(1));
        path = roundTrip == null ? null : new LongPath(port, roundTrip);
        List<String> arguments = new ArrayList<>(List.of("agent", tcpTarget == HTTPS ? String.valueOf(service.port())
                : "tcp://127.0.0.1:" + (tcpTarget == 0 ? service.port() : tcpTarget), "--state-dir", state.toString(), "--log-format", "json"));
        if (tcpTarget == HTTPS) {
            arguments.addAll(List.of("--subdomain", LABEL));
        }
        if (path != null) {
            arguments.addAll(List.of("--server", "localhost:" + path.port(), "--ca", state.resolve("ca.pem").toString(), "--token",
                    JsonReader.parseObject(Files.readString(state.resolve("agent.json"))).string("token")));
        }
        agent = Program.start(javaOptions, Map.of(), arguments.toArray(String[]::new));
        String url = agent.await("\"event\":\"tunnel_registered\".*\"url\":\"([^\"]+)\"").group(1);
        tcpPort = tcpTarget == HTTPS ? 0 : Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
        trust = trust(state.resolve("ca.pem"));
    }

    static Rig start(String... javaOptions) throws Exception {
        return new Rig(List.of(javaOptions), null, HTTPS);
    }

    /** With a long path between agent and server. */
    static Rig over(Duration roundTrip) throws Exception {
        return new Rig(List.of(), roundTrip, HTTPS);
    }

    /** A tcp tunnel to {@link #service}, with a long path between agent and server. */
    static Rig tcp(Duration roundTrip) throws Exception {
        return new Rig(List.of(), roundTrip, 0);
    }

    /** A tcp tunnel to a port of this machine. */
    static Rig tcp(int localPort) throws Exception {
        return new Rig(List.of(), null, localPort);
    }

    private static SSLContext trust(Path caFile) throws IOException, GeneralSecurityException {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        try (InputStream in = Files.newInputStream(caFile)) {
            anchors.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
        managers.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    Program server() {
        return server;
    }

    Program agent() {
        return agent;
    }

    BulkService service() {
        return service;
    }

    int port() {
        return port;
    }

    /** Where visitors of a tcp tunnel connect to. */
    int tcpPort() {
        return tcpPort;
    }

    /** A request head for the tunnel, with these further lines. */
    static String request(String requestLine, String... fields) {
        StringBuilder head = new StringBuilder(requestLine).append(" HTTP/1.1\r\nHost: ").append(HOST).append("\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    Peer visit() throws IOException {
        return visit(0);
    }

    /** A new visitor; {@code receiveBuffer} is what his system may hold for him in bytes, 0 for what is usual. */
    Peer visit(int receiveBuffer) throws IOException {
        Socket raw = new Socket();
        if (receiveBuffer > 0) {
            raw.setReceiveBufferSize(receiveBuffer);
        }
        raw.setTcpNoDelay(true);
        raw.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        SSLSocket tls = (SSLSocket) trust.getSocketFactory().createSocket(raw, HOST, port, true);
        tls.startHandshake();
        return new Peer(raw, tls);
    }

    @Override
    public void close() throws IOException {
        try (service; server; path) {
            agent.close();
        } finally {
            TestServer.delete(state);
        }
    }
}
