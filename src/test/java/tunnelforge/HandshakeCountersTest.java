package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.agent.TestAgent;

/** What is counted of those who come to a server's port, where no agent opens data connections meanwhile. */
final class HandshakeCountersTest {
    private static final String OK = "handshakes_total{result=\"ok\"}";
    private static final String FAILED = "handshakes_total{result=\"failed\"}";

    private TunnelFixture fixture;
    private AdminClient admin;
    private Map<String, Double> before;

    @BeforeEach
    void start() throws Exception {
        fixture = TunnelFixture.start(new TunnelFixture.Options().withoutAgent());
        admin = new AdminClient(fixture, fixture.server().admin());
        before = admin.counters();
    }

    @AfterEach
    void stop() throws IOException {
        fixture.close();
    }

    private static String visitors(String event) {
        return "turned_away_total{who=\"visitors\",event=\"" + event + "\"}";
    }

    @Test
    void oneThatWorks() throws Exception {
        fixture.visitor((String) null);
        admin.awaitMoved(before, Map.of(OK, 1));
    }

    @Test
    void oneThatIsNoTls() throws Exception {
        assertThrows(IOException.class, () -> fixture.rawVisitor().send(new byte[] {0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0}).read(100));
        admin.awaitMoved(before, Map.of(FAILED, 1, visitors("client_hello_refused"), 1));
    }

    @Test
    void plainHttpOnTheTlsPort() throws Exception {
        assertEquals(400, fixture.rawVisitor().send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").readResponse().status());
        admin.awaitMoved(before, Map.of(visitors("not_tls"), 1, "refusals_total{code=\"TF-BAD-REQUEST\"}", 1));
    }

    @Test
    void aVisitorThatDoesNotTrustTheCertificate() throws Exception {
        try (Socket distrusting = SSLSocketFactory.getDefault().createSocket("127.0.0.1", fixture.server().port())) {
            assertThrows(SSLException.class, ((SSLSocket) distrusting)::startHandshake);
        }
        admin.awaitMoved(before, Map.of(FAILED, 1, visitors("handshake_failed"), 1));
    }

    @Test
    void anAgentWithAWrongToken() throws Exception {
        try (TestAgent stranger = TestAgent.start("127.0.0.1:1", fixture.server().port(), "tf_wrong", new TestAgent.Options().ca(fixture.server().caFile()))) {
            assertEquals(3, stranger.awaitExit(Duration.ofSeconds(10)));
        }
        admin.awaitMoved(before, Map.of(OK, 1, "refusals_total{code=\"TF-AUTH\"}", 1, "turned_away_total{who=\"agents\",event=\"tunnel_refused\"}", 1));
    }
}
