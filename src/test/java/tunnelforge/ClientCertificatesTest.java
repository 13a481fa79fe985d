package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.TestAgent;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.ClientKey;
import tunnelforge.net.KeyEntry;
import tunnelforge.net.ManualClock;
import tunnelforge.net.Pem;
import tunnelforge.net.ServerTrust;
import tunnelforge.net.TestCertificates;
import tunnelforge.net.TlsContexts;
import tunnelforge.websocket.Role;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;
import tunnelforge.websocket.WebSocketWriter;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;

/** A server that asks agents for a certificate: on which connections, what it makes of them, and what visitors see of it. */
final class ClientCertificatesTest {
    private static final String DOMAIN = "tunnel.localhost";
    private static final String CONTROL = "GET /_tunnelforge/control HTTP/1.1\r\nHost: server\r\nAccept: application/json\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: tunnelforge.v1\r\n\r\n";
    private static final String DATA = "GET /_tunnelforge/data HTTP/1.1\r\nHost: server\r\nConnection: Upgrade\r\nUpgrade: tunnelforge.v1\r\n\r\n";
    private static final String WELCOME = "GET / HTTP/1.1\r\nHost: " + DOMAIN + "\r\n\r\n";

    /** Making keys takes time. */
    private static final KeyPair SAME = TestCertificates.keys("EC");

    private final KeyEntry ca = TestCertificates.ca("the agents' CA");
    private final KeyEntry laptop = TestCertificates.client(ca, "laptop");
    @TempDir
    private Path files;
    private TunnelFixture tunnel;

    @BeforeEach
    void start() throws Exception {
        trust(ca);
        TunnelFixture.Options options = new TunnelFixture.Options().withRelay();
        options.server().clientCa(files.resolve("ca.pem"));
        options.agent().certificate(shows(laptop));
        tunnel = TunnelFixture.start(options);
    }

    @AfterEach
    void stop() throws IOException {
        tunnel.close();
    }

    private void trust(KeyEntry authority) throws IOException {
        Files.writeString(files.resolve("ca.pem"), Pem.encode(authority.leaf()));
    }

    /** What the agent has from now on. */
    private Path shows(KeyEntry entry) throws IOException {
        Path file = files.resolve("agent.pem");
        TestCertificates.write(entry, file);
        return file;
    }

    // ---- A peer with a certificate, or without. ----

    private SSLContext context(KeyManager keys) throws IOException {
        return TlsContexts.of(keys, new ServerTrust(Pem.certificates(tunnel.server().caFile()), List.of(), DOMAIN));
    }

    private Peer connect(SSLContext context, String sni, String... versions) throws IOException {
        Socket raw = new Socket(InetAddress.getLoopbackAddress(), tunnel.server().port());
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(raw, sni, tunnel.server().port(), true);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(sni)));
        if (versions.length > 0) {
            parameters.setProtocols(versions);
        }
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        return new Peer(raw, tls);
    }

    private Peer connect(KeyEntry entry) throws IOException {
        return connect(context(entry == null ? null : new ClientKey(entry)), DOMAIN);
    }

    /** Opens a tunnel by hand. */
    private final class Control implements AutoCloseable {
        private final Peer peer;
        private final WebSocketReader reader;
        private final JsonObject registered;
        private final String id;

        Control(KeyEntry entry) throws IOException {
            peer = connect(entry);
            assertEquals(101, peer.send(CONTROL).readResponseHead().status());
            reader = new WebSocketReader(peer.in(), Limits.CONTROL_MESSAGE, Role.CLIENT);
            new WebSocketWriter(peer.out(), Role.CLIENT)
                    .text("{\"type\":\"register_tunnel\",\"auth_token\":\"" + tunnel.server().token() + "\",\"protocol\":\"https\",\"local_port\":0}");
            registered = next("tunnel_registered");
            id = next("open_data_connection").string("connection_id");
        }

        private JsonObject next(String type) throws IOException {
            while (true) {
                if (reader.read() instanceof WebSocketMessage.Text text && JsonReader.parseObject(text.text()) instanceof JsonObject message
                        && message.string("type").equals(type)) {
                    return message;
                }
            }
        }

        /** What a data connection with that certificate is told; one that is refused for it does not use the id up. */
        JsonObject data(KeyEntry entry) throws IOException {
            try (Peer data = connect(entry)) {
                assertEquals(101, data.send(DATA).readResponseHead().status());
                FramePeer frames = new FramePeer(data);
                frames.hello(registered.string("tunnel_id"), id, "binary");
                return JsonReader.parseObject(frames.next(FrameType.MESSAGE).text());
            }
        }

        @Override
        public void close() throws IOException {
            peer.close();
        }
    }

    private static void assertRefused(String message, JsonObject said) throws IOException {
        assertEquals("error", said.string("type"), said.toString());
        assertEquals(403, said.integer("code", 0, 999), said.toString());
        assertEquals("TF-AUTH", said.string("name"), said.toString());
        assertTrue(said.string("message").contains(message), said.toString());
    }

    // ---- Agents. ----

    @Test
    void anAgentWithACertificateServesVisitorsWhoHaveNone() throws Exception {
        tunnel.service().serveText("hello");
        assertEquals("hello", tunnel.get("/").text());
        RecordingLog.Entry accepted = tunnel.server().log().entries("certificate_accepted").getFirst();
        assertTrue(accepted.message().endsWith("a certificate for laptop"), accepted.message());
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA", "Ed25519"})
    void everyKindOfKeyWillDo(String algorithm) throws Exception {
        new Control(TestCertificates.of("laptop").from(ca).forClients().keyPair(TestCertificates.keys(algorithm)).make()).close();
    }

    private static boolean isThere(String program) {
        return Stream.of(System.getenv("PATH").split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** README's three lines, as an operator types them. */
    @Test
    void whatReadmeSaysMakesACertificateThatWillDo() throws Exception {
        String lines = String.join("\n", Files.readAllLines(Path.of("README.md")).stream().filter(line -> line.startsWith("    openssl ")).toList());
        assertEquals(3, lines.lines().count(), lines);
        assumeTrue(isThere("bash") && isThere("openssl"), "bash or openssl is missing");
        Process typed = new ProcessBuilder("bash", "-e", "-c", lines).directory(files.toFile()).redirectErrorStream(true).redirectOutput(files.resolve("said").toFile()).start();
        assertEquals(0, typed.waitFor(), Files.readString(files.resolve("said")));
        Files.copy(files.resolve("agents-ca.pem"), files.resolve("ca.pem"), StandardCopyOption.REPLACE_EXISTING);
        tunnel.server().lookAtCertificates();
        new Control(KeyEntry.load(files.resolve("laptop.pem"), files.resolve("laptop.key"))).close();
        assertTrue(tunnel.server().log().entries("certificate_accepted").getLast().message().endsWith("a certificate for laptop"));
    }

    @Test
    void withoutOneThePageSaysWhy() throws Exception {
        try (Peer agent = connect((KeyEntry) null)) {
            Message answer = agent.send(CONTROL).readResponse();
            assertEquals(403, answer.status());
            assertEquals("TF-AUTH", answer.get("TunnelForge-Error"));
            assertEquals("this server asks agents for a certificate, and none was shown", JsonReader.parseObject(answer.text()).string("message"));
            assertNull(agent.readHeadOrNull(), "the connection is over");
        }
        try (Peer agent = connect((KeyEntry) null)) {
            assertEquals(403, agent.send("GET /_tunnelforge/other HTTP/1.1\r\nHost: server\r\n\r\n").readResponse().status());
        }
    }

    @Test
    void aDataConnectionNeedsTheCertificateOfItsControlConnection() throws Exception {
        try (Control control = new Control(laptop)) {
            assertRefused("none was shown", control.data(null));
            assertRefused("not from a CA that this server accepts", control.data(TestCertificates.client(TestCertificates.ca("the agents' CA"), "laptop")));
            assertRefused("another client certificate than the tunnel's control connection", control.data(TestCertificates.client(ca, "laptop")));
            assertEquals("data_connection_accepted", control.data(laptop).string("type"));
        }
    }

    /** TLS resumes a session without its certificates, which are the first handshake's. */
    @Test
    void aResumedSessionHasItsCertificate() throws Exception {
        SSLContext context = context(new ClientKey(laptop));
        long made;
        try (Peer first = connect(context, DOMAIN)) {
            assertEquals(200, first.send(WELCOME).readResponse().status());
            made = ((SSLSocket) first.socket()).getSession().getCreationTime();
        }
        try (Peer second = connect(context, DOMAIN)) {
            assertEquals(made, ((SSLSocket) second.socket()).getSession().getCreationTime(), "it is another session");
            assertEquals(101, second.send(CONTROL).readResponseHead().status());
        }
    }

    @Test
    void olderTlsIsForVisitorsOnly() throws Exception {
        try (Peer agent = connect(context(new ClientKey(laptop)), DOMAIN, "TLSv1.2")) {
            assertEquals(200, agent.send(WELCOME).readResponse().status());
            Message answer = agent.send(CONTROL).readResponse();
            assertEquals(426, answer.status());
            assertEquals("TF-VERSION", answer.get("TunnelForge-Error"));
            assertEquals("TLS/1.3", answer.get("Upgrade"));
        }
    }

    // ---- Visitors. ----

    @Test
    void whoComesToTheServersNameWithoutOneIsWelcome() throws Exception {
        try (Peer browser = connect((KeyEntry) null)) {
            assertEquals(200, browser.send(WELCOME).readResponse().status());
        }
    }

    @Test
    void visitorsOfTunnelsAreNotAsked() throws Exception {
        tunnel.service().serveText("hello");
        AtomicBoolean asked = new AtomicBoolean();
        SSLContext context = context(new Watched(asked));
        try (Peer browser = connect(context, tunnel.host())) {
            assertEquals("hello", browser.send(tunnel.head("GET /")).readResponse().text());
        }
        try (Peer browser = connect(context, "nobody." + DOMAIN)) {
            assertEquals(404, browser.send("GET / HTTP/1.1\r\nHost: nobody." + DOMAIN + "\r\n\r\n").readResponse().status());
        }
        assertFalse(asked.get());
        connect(context, DOMAIN).close();
        assertTrue(asked.get(), "at the entrance everybody is");
    }

    /** A client's that notices that it is asked. */
    private static final class Watched extends X509ExtendedKeyManager {
        private final AtomicBoolean asked;

        Watched(AtomicBoolean asked) {
            this.asked = asked;
        }

        @Override
        public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
            asked.set(true);
            return null;
        }

        @Override
        public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
            asked.set(true);
            return null;
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return null;
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return null;
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return null;
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return null;
        }
    }

    // ---- Files that change. ----

    @Test
    void anotherCaIsForThoseWhoComeFromThenOn() throws Exception {
        tunnel.service().serveText("hello");
        KeyEntry newCa = TestCertificates.ca("the new CA");
        KeyEntry newLaptop = TestCertificates.client(newCa, "new laptop");
        try (Peer early = connect(newLaptop)) {
            assertEquals(403, early.send(CONTROL).readResponse().status());
        }
        trust(newCa);
        tunnel.server().lookAtCertificates();
        assertEquals(1, tunnel.server().log().entries("client_ca_reloaded").size());
        new Control(newLaptop).close();
        try (Peer late = connect(laptop)) {
            assertEquals(403, late.send(CONTROL).readResponse().status());
        }
        assertEquals("hello", tunnel.get("/").text(), "what ran goes on");
    }

    /** A list as long as some systems have: with all their names the handshake would be more than clients take. */
    @Test
    void anyNumberOfCasWillDo() throws Exception {
        StringBuilder all = new StringBuilder(Pem.encode(ca.leaf()));
        for (int i = 0; i < 400; i++) {
            all.append(Pem.encode(TestCertificates.of("x".repeat(100) + i).authority(true).keyPair(SAME).make().leaf()));
        }
        Files.writeString(files.resolve("ca.pem"), all);
        tunnel.server().lookAtCertificates();
        new Control(laptop).close();
    }

    @Test
    void aFileThatIsBrokenLeavesTheOldCas() throws Exception {
        Files.writeString(files.resolve("ca.pem"), "-----BEGIN CERTIFICATE-----\nhalf");
        tunnel.server().lookAtCertificates();
        tunnel.server().lookAtCertificates();
        assertEquals(1, tunnel.server().log().entries("client_ca_kept").size());
        new Control(laptop).close();
    }

    @Test
    void theAgentShowsItsNewCertificateAtTheNextConnect() throws Exception {
        tunnel.service().serveText("hello");
        KeyEntry renewed = TestCertificates.client(ca, "laptop, renewed");
        shows(renewed);
        // No data connection is being opened when it comes back: it would show the old one, and be asked for anew.
        tunnel.relay().cutAllBut(0, () -> tunnel.server().connections() == 0 && !tunnel.agent().log().entries("trust_reloaded").isEmpty());
        tunnel.relay().refuse(false);
        Eventually.await("it has come back", () -> tunnel.server().log().entries("certificate_accepted").size() == 2);
        assertTrue(tunnel.server().log().entries("certificate_accepted").getLast().message().endsWith("a certificate for laptop, renewed"));
        assertEquals("hello", tunnel.get("/").text(), "data connections have it too");
        assertEquals(1, tunnel.agent().log().entries("trust_reloaded").size());
        assertEquals(List.of(), tunnel.server().log().entries("data_refused"));
    }

    /** Or else it would have no more data connections once the old one is over. */
    @Test
    void aRenewedCertificateIsShownSoonThoughTheConnectionHolds() throws Exception {
        ManualClock clock = new ManualClock();
        Path file = files.resolve("other.pem");
        TestCertificates.write(TestCertificates.client(ca, "desktop"), file);
        TestAgent agent = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().certificate(file).clock(clock));
        String url = agent.url();
        TestCertificates.write(TestCertificates.client(ca, "desktop, renewed"), file);
        clock.advanceUntil("it has come again", Duration.ofSeconds(40), () -> !agent.log().entries("trust_reloaded").isEmpty());
        Eventually.await("it has shown it", () -> tunnel.server().log().entries("certificate_accepted").getLast().message().endsWith("desktop, renewed"));
        assertEquals(url, tunnel.server().log().entries("certificate_accepted").getLast().fields().get("url").toString(), "it has its tunnel again");
        Eventually.await("it is told", () -> agent.log().entries("tunnel_registered").size() == 2);
    }

    @Test
    void aPairThatDoesNotFitIsNotShown() throws Exception {
        tunnel.service().serveText("hello");
        // As if the new certificate were written, and its key not yet.
        Files.writeString(files.resolve("agent.pem"), Pem.encode(TestCertificates.client(ca, "laptop").leaf()));
        tunnel.relay().cutAll();
        Eventually.await("it has come back", () -> tunnel.server().log().entries("certificate_accepted").size() == 2);
        assertEquals("hello", tunnel.get("/").text());
        assertEquals(1, tunnel.agent().log().entries("trust_kept").size());
    }

    @Test
    void severalAgentsMayHaveCertificatesOfTheirOwn() throws Exception {
        Path file = files.resolve("second.pem");
        TestCertificates.write(TestCertificates.client(ca, "second"), file);
        TestAgent second = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().certificate(file));
        tunnel.service().serveText("hello");
        assertTrue(second.url().startsWith("https://"));
        Eventually.await("its pool is filled", () -> tunnel.server().dataConnections() >= 6);
    }
}
