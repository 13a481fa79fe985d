package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.TestAgent;
import tunnelforge.net.KeyEntry;
import tunnelforge.net.ServerKeys;
import tunnelforge.net.TestCertificates;
import tunnelforge.net.TestHello;

/** Tls tunnels: TLS by the tunnel's name goes to the local service as it is, and nothing else does. */
final class TlsTunnelTest {
    private static final byte[] UNRECOGNIZED_NAME = {21, 3, 3, 0, 2, 2, 112};
    private static final String NAME = "shop.tunnel.localhost";
    private static final KeyEntry CA = TestCertificates.ca("local CA");
    private static final KeyEntry OWN = TestCertificates.server(CA, NAME, "shop.example.test");

    private static TunnelFixture tunnel;

    @BeforeAll
    static void start() throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options().withRelay().subdomain("shop").tls();
        options.server().http();
        tunnel = TunnelFixture.start(options);
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    // ---- Handshakes. ----

    /** The local service ends TLS by itself, and answers with what it got. */
    private static void echoOverTls() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {new ServerKeys(List.of(OWN))}, null, null);
        tunnel.service().play(local -> {
            SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(local.socket(), null, true);
            tls.setUseClientMode(false);
            tls.startHandshake();
            tls.getInputStream().transferTo(tls.getOutputStream());
            tls.close();
        });
    }

    private static Peer handshake(String sni) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("ca", CA.leaf());
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        Peer raw = tunnel.rawVisitor();
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(raw.socket(), sni, tunnel.server().port(), true);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(sni)));
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        assertEquals(OWN.leaf(), tls.getSession().getPeerCertificates()[0]);
        return new Peer(raw.socket(), tls);
    }

    private static void assertEchoes(String sni) throws Exception {
        byte[] much = new byte[1024 * 1024];
        new java.util.Random(1).nextBytes(much);
        try (Peer visitor = handshake(sni)) {
            Thread sending = Thread.ofVirtual().start(() -> {
                try {
                    visitor.send(much).finish();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertArrayEquals(much, visitor.read(much.length));
            sending.join();
            assertTrue(visitor.atEnd());
        }
    }

    @Test
    void theHandshakeIsTheLocalServicesOwn() throws Exception {
        assertEquals("tls://" + NAME + ":" + tunnel.server().port(), tunnel.url().toString());
        echoOverTls();
        assertEchoes(NAME);
        assertEchoes(NAME);
    }

    @Test
    void aHostNameOfOnesOwnNeedsNoCertificateOnTheServer() throws Exception {
        echoOverTls();
        try (TestAgent agent = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(),
                new TestAgent.Options().protocol("tls").hostname("shop.example.test"))) {
            assertEquals("tls://shop.example.test:" + tunnel.server().port(), agent.url());
            assertEchoes("shop.example.test");
        }
    }

    // ---- The ClientHello as it is. ----

    private static byte[] hello(String name, int extensionBytes) {
        return TestHello.records(TestHello.message(TestHello.extension(0x2a2a, new byte[extensionBytes]), TestHello.sni(name)), 16 * 1024);
    }

    private static void assertArrives(byte[] hello, Peer visitor) throws Exception {
        Peer local = tunnel.service().accept();
        assertArrayEquals(hello, local.read(hello.length));
        visitor.send("and more").finish();
        assertEquals("and more", new String(local.readToEnd()));
        local.send("an answer").close();
        assertEquals("an answer", new String(visitor.readToEnd()));
    }

    @Test
    void aHelloInPiecesOfOneByteArrivesWhole() throws Exception {
        byte[] hello = hello(NAME, 10);
        Peer visitor = tunnel.rawVisitor();
        for (byte each : hello) {
            visitor.send(new byte[] {each});
        }
        assertArrives(hello, visitor);
    }

    @ParameterizedTest
    @ValueSource(ints = {8 * 1024, 12 * 1024, 16_000})
    void aLargeHelloArrivesWhole(int extensionBytes) throws Exception {
        byte[] hello = hello(NAME, extensionBytes);
        assertArrives(hello, tunnel.rawVisitor().send(hello));
    }

    @Test
    void aHelloOverManyRecordsArrivesAsItCame() throws Exception {
        byte[] hello = TestHello.records(TestHello.message(TestHello.extension(0x1a1a, new byte[2_000]), TestHello.sni(NAME)), 50);
        assertArrives(hello, tunnel.rawVisitor().send(hello));
    }

    @Test
    void theNamesCaseDoesNotMatter() throws Exception {
        byte[] hello = hello(NAME.toUpperCase(Locale.ROOT), 0);
        assertArrives(hello, tunnel.rawVisitor().send(hello));
    }

    @Test
    void whatFollowsTheHelloInTheSameWriteFollowsItThere() throws Exception {
        byte[] hello = hello(NAME, 0);
        Peer visitor = tunnel.rawVisitor().send(TestHello.join(hello, "early".getBytes()));
        Peer local = tunnel.service().accept();
        assertArrayEquals(hello, local.read(hello.length));
        assertEquals("early", local.readText(5));
        visitor.reset();
        local.awaitReset();
    }

    // ---- While there is nobody. ----

    @Test
    void whileTheAgentIsAwayTheNameIsNotRecognized() throws Exception {
        int lost = tunnel.server().log().entries("control_ended").size();
        int registered = tunnel.agent().log().entries("tunnel_registered").size();
        tunnel.relay().refuse(true);
        try {
            tunnel.relay().cutAll();
            Eventually.await("the server has noticed", () -> tunnel.server().log().entries("control_ended").size() > lost);
            Peer visitor = tunnel.rawVisitor().send(hello(NAME, 0));
            assertArrayEquals(UNRECOGNIZED_NAME, visitor.readToEnd());
        } finally {
            tunnel.relay().refuse(false);
        }
        Eventually.await("registered again", () -> tunnel.agent().log().entries("tunnel_registered").size() > registered);
        byte[] hello = hello(NAME, 0);
        assertArrives(hello, tunnel.rawVisitor().send(hello));
    }

    @Test
    void whereNothingListensTheVisitorIsReset() throws Exception {
        try (TestAgent agent = tunnel.startAgent("127.0.0.1:" + ScriptedService.closedPort(),
                new TestAgent.Options().protocol("tls").subdomain("closed"))) {
            agent.url();
            tunnel.rawVisitor().send(hello("closed.tunnel.localhost", 0)).awaitReset();
        }
    }

    // ---- Nothing else gets there. ----

    private static void assertMisdirected(Peer visitor) throws IOException {
        Message answer = visitor.send("GET / HTTP/1.1\r\nHost: " + NAME + "\r\n\r\n").readResponse();
        assertEquals(421, answer.status());
        assertEquals("TF-MISDIRECTED", answer.get("TunnelForge-Error"));
        assertEquals(0, tunnel.service().accepted());
    }

    @Test
    void aVisitorWithoutAServerNameNeverReachesIt() throws Exception {
        Peer visitor = tunnel.visitor((String) null);
        assertNotEquals(OWN.leaf(), ((SSLSocket) visitor.socket()).getSession().getPeerCertificates()[0]);
        assertMisdirected(visitor);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tunnel.localhost", "nobody.tunnel.localhost", "127.0.0.1"})
    void byHostItIsNotServedOverTls(String name) throws Exception {
        assertMisdirected(tunnel.visitor(name.equals("127.0.0.1") ? null : name));
    }

    @Test
    void byHostItIsNotServedOnAnotherTunnelsName() throws Exception {
        try (TestAgent agent = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().subdomain("web"))) {
            agent.url();
            assertMisdirected(tunnel.visitor("web.tunnel.localhost"));
        }
    }

    @Test
    void itIsNotServedOnThePortForPlainHttp() throws Exception {
        assertMisdirected(tunnel.plainVisitor());
        Peer tls = tunnel.plainVisitor().send(hello(NAME, 0));
        tls.finish();
        tls.awaitClosed();
        assertEquals(0, tunnel.service().accepted());
    }

    @Test
    void itsNameCannotBeHadByAnotherProtocol() throws Exception {
        for (String protocol : List.of("https", "tls")) {
            TestAgent other = tunnel.startAgent("127.0.0.1:1", new TestAgent.Options().protocol(protocol).subdomain("shop"));
            assertEquals(3, other.awaitExit(Peer.LIMIT));
        }
    }

    @Test
    void aServerThatCannotReachTheNameIsNotTrustedInItsPlace() throws Exception {
        assertThrows(IOException.class, () -> handshake("nobody.tunnel.localhost"));
    }
}
