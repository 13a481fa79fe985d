package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.agent.TestAgent;
import tunnelforge.json.JsonObject;

/** Each counter of a server moves by exactly what was done, and no other counter moves. */
final class CountersTest {
    private static final String HANDSHAKE = "handshakes_total{result=\"ok\"}";
    private static final String HANDSHAKE_FAILED = "handshakes_total{result=\"failed\"}";
    private static final String EXCHANGE = "exchanges_total{protocol=\"https\"}";
    private static final String RECEIVED = "received_bytes_total{protocol=\"https\"}";
    private static final String SENT = "sent_bytes_total{protocol=\"https\"}";
    private static final String LATENCY = "response_latency_seconds_count";
    private static final String DURATION = "request_duration_seconds_count";
    private static final String WAIT = "pool_wait_seconds_count";
    private static final String RESENT = "requests_resent_total";

    private TunnelFixture tunnel;
    private AdminClient admin;
    private Map<String, Double> before;

    @BeforeEach
    void start() throws Exception {
        tunnel = TunnelFixture.start(new TunnelFixture.Options().withRelay());
        admin = new AdminClient(tunnel, tunnel.server().admin());
        before = admin.counters();
    }

    @AfterEach
    void stop() throws IOException {
        tunnel.close();
    }

    private static String requests(String status) {
        return "requests_total{status=\"" + status + "\"}";
    }

    private static String refusals(String code) {
        return "refusals_total{code=\"" + code + "\"}";
    }

    private static String turnedAway(String who, String event) {
        return "turned_away_total{who=\"" + who + "\",event=\"" + event + "\"}";
    }

    /** A request that came through: what it always moves, and more. */
    private static Map<String, Integer> served(String status, Object... more) {
        Map<String, Integer> all = new TreeMap<>(Map.of(HANDSHAKE, 1, EXCHANGE, 1, WAIT, 1, requests(status), 1, LATENCY, 1, DURATION, 1));
        for (int i = 0; i < more.length; i += 2) {
            all.put((String) more[i], (Integer) more[i + 1]);
        }
        return all;
    }

    /** Exactly this, once the tasks that count have come to it; but for {@code others}, which move when they will. */
    private void assertMoved(Map<String, Integer> expected, String... others) {
        AtomicReference<Map<String, Integer>> last = new AtomicReference<>();
        Eventually.await(() -> "moved: " + last.get() + " and not " + expected, Eventually.LIMIT, () -> {
            Map<String, Integer> moved = admin.since(before);
            moved.keySet().removeAll(List.of(others));
            last.set(moved);
            return moved.equals(expected);
        });
    }

    @Test
    void aRequestAndItsAnswer() throws Exception {
        tunnel.service().serveText("hello");
        assertEquals(200, tunnel.get("/").status());
        assertMoved(served("2xx", SENT, 5));
    }

    @Test
    void requestsOnOneConnection() throws Exception {
        tunnel.service().serveText("hello");
        Peer visitor = tunnel.visitor();
        for (int i = 0; i < 10; i++) {
            visitor.send(tunnel.head("GET /")).readResponse();
        }
        assertMoved(served("2xx", SENT, 50, EXCHANGE, 10, WAIT, 10, requests("2xx"), 10, LATENCY, 10, DURATION, 10));
    }

    @Test
    void smallAndLargeBodies() throws Exception {
        tunnel.service().serveText("");
        byte[] large = Bodies.ofSize(300_000);
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Content-Length: 7")).send("a small").readResponse();
        visitor.send(tunnel.head("POST /", "Content-Length: " + large.length)).send(large).readResponse();
        visitor.send(tunnel.head("POST /", "Transfer-Encoding: chunked")).sendChunk("twelve bytes").send("0\r\n\r\n").readResponse();
        assertMoved(served("2xx", RECEIVED, 7 + large.length + 12, EXCHANGE, 3, WAIT, 3, requests("2xx"), 3, LATENCY, 3, DURATION, 3));
    }

    @Test
    void otherAnswers() throws Exception {
        tunnel.service().serve((request, connection) -> {
            connection.send("HTTP/1.1 " + request.target().substring(1) + " X\r\nContent-Length: 2\r\n\r\nno");
            return true;
        });
        Peer visitor = tunnel.visitor();
        for (int status : List.of(201, 302, 404, 410, 500)) {
            assertEquals(status, visitor.send(tunnel.head("GET /" + status)).readResponse().status());
        }
        assertMoved(served("2xx", SENT, 10, EXCHANGE, 5, WAIT, 5, requests("3xx"), 1, requests("4xx"), 2, requests("5xx"), 1, LATENCY, 5, DURATION, 5));
    }

    @Test
    void aSessionAfterA101() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /", "Connection: upgrade", "Upgrade: chat/2"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat/2\r\n\r\n");
        visitor.readResponse();
        visitor.send("four");
        assertEquals("four", local.readText(4));
        local.send("eleven here");
        assertEquals("eleven here", visitor.readText(11));
        assertMoved(served("1xx", RECEIVED, 4, SENT, 11));
    }

    @Test
    void aSessionOfATcpTunnel() throws Exception {
        TestAgent tcp = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().protocol("tcp"));
        int port = URI.create(tcp.url()).getPort();
        Eventually.await("its pool is filled", () -> tunnel.server().dataConnections() >= 6);
        before = admin.counters();
        Peer visitor = tunnel.tcp(port);
        visitor.send("seven b");
        Peer local = tunnel.service().accept();
        assertEquals("seven b", local.readText(7));
        local.send("nine back");
        assertEquals("nine back", visitor.readText(9));
        // More data connections are asked for, whose handshakes come when they come.
        assertMoved(Map.of("exchanges_total{protocol=\"tcp\"}", 1, "received_bytes_total{protocol=\"tcp\"}", 7, "sent_bytes_total{protocol=\"tcp\"}", 9, WAIT, 1), HANDSHAKE);
        visitor.close();
        local.close();
    }

    @Test
    void whatTheServerRefusesByItself() throws Exception {
        Peer visitor = tunnel.visitor((String) null);
        visitor.send("GET / HTTP/1.1\r\nHost: nobody.tunnel.localhost\r\n\r\n").readResponse();
        visitor.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").readResponse();
        assertMoved(Map.of(HANDSHAKE, 1, refusals("TF-TUNNEL-UNKNOWN"), 1, refusals("TF-BAD-REQUEST"), 1, turnedAway("visitors", "request_refused"), 1));
    }

    @Test
    void aLocalServiceThatIsNotThere() throws Exception {
        tunnel.service().close();
        assertEquals("TF-UPSTREAM-REFUSED", tunnel.get("/").get("TunnelForge-Error"));
        assertMoved(Map.of(HANDSHAKE, 1, EXCHANGE, 1, WAIT, 1, refusals("TF-UPSTREAM-REFUSED"), 1, requests("5xx"), 1, DURATION, 1));
    }

    @Test
    void anAnswerThatBreaksOff() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        visitor.readResponseHead();
        assertEquals("half", visitor.readText(4));
        local.close();
        assertThrows(IOException.class, () -> visitor.read(6));
        assertMoved(served("broken", SENT, 4));
    }

    @Test
    void handshakesThatFail() throws Exception {
        assertThrows(IOException.class, () -> tunnel.rawVisitor().send(new byte[] {0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0}).read(100));
        Peer http = tunnel.rawVisitor();
        http.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").readResponse();
        assertMoved(Map.of(HANDSHAKE_FAILED, 1, turnedAway("visitors", "client_hello_refused"), 1, turnedAway("visitors", "not_tls"), 1, refusals("TF-BAD-REQUEST"), 1));
        before = admin.counters();
        assertThrows(SSLException.class, () -> {
            try (Socket distrusting = SSLSocketFactory.getDefault().createSocket("127.0.0.1", tunnel.server().port())) {
                ((SSLSocket) distrusting).startHandshake();
            }
        });
        assertMoved(Map.of(HANDSHAKE_FAILED, 1, turnedAway("visitors", "handshake_failed"), 1));
    }

    @Test
    void aRequestThatIsSentAgain() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        int data = tunnel.server().dataConnections();
        for (Relay.Link link : tunnel.relay().links().stream().skip(1).toList()) {
            link.cut();
        }
        local.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes");
        assertEquals("yes", visitor.readResponse().text());
        Eventually.await("the pool is as it was", () -> tunnel.server().dataConnections() == data);
        // The data connections that follow have handshakes, too, and a lost one may be offered before it is known to be.
        assertMoved(Map.of(EXCHANGE, 1, requests("2xx"), 1, LATENCY, 1, DURATION, 1, SENT, 3, RESENT, 1), HANDSHAKE, WAIT);
    }

    @Test
    void agentsThatAreRefusedOrComeAgain() throws Exception {
        try (TestAgent stranger = TestAgent.start("127.0.0.1:1", tunnel.server().port(), "tf_wrong", new TestAgent.Options().ca(tunnel.server().caFile()))) {
            assertEquals(3, stranger.awaitExit(Duration.ofSeconds(10)));
        }
        assertMoved(Map.of(HANDSHAKE, 1, refusals("TF-AUTH"), 1, turnedAway("agents", "tunnel_refused"), 1));
        before = admin.counters();
        // The control connection, which is the oldest.
        tunnel.relay().links().getFirst().cut();
        assertMoved(Map.of("tunnel_registrations_total{kind=\"resumed\"}", 1), HANDSHAKE);
    }

    @Test
    void tunnelsThatComeAndGo() throws Exception {
        TestAgent another = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().subdomain("brief"));
        another.url();
        Eventually.await("its pool is filled", () -> tunnel.server().dataConnections() >= 6);
        assertMoved(Map.of(HANDSHAKE, 4, "tunnel_registrations_total{kind=\"opened\"}", 1));
        before = admin.counters();
        another.close();
        assertMoved(Map.of("tunnels_ended_total{reason=\"closed\"}", 1));
    }

    @Test
    void aVisitorThatIsNotAdmitted() throws Exception {
        TestAgent closed = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().subdomain("closed").visitors(List.of("eve:a long password"), List.of(), List.of()));
        closed.url();
        Eventually.await("its pool is filled", () -> tunnel.server().dataConnections() >= 6);
        before = admin.counters();
        String host = "closed.tunnel.localhost";
        Peer visitor = tunnel.visitor(host);
        assertEquals(401, visitor.send("GET / HTTP/1.1\r\nHost: " + host + ":" + tunnel.server().port() + "\r\n\r\n").readResponse().status());
        assertMoved(Map.of(HANDSHAKE, 1, refusals("TF-VISITOR-REFUSED"), 1));
    }

    @Test
    void whatMovedIsToldOfEachTunnelAsWell() throws Exception {
        tunnel.service().serveText("hello");
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Content-Length: 7")).send("a small").readResponse();
        assertMoved(served("2xx", RECEIVED, 7, SENT, 5));
        JsonObject only = admin.tunnels().getFirst();
        assertEquals(1, only.integer("exchanges", 0, 9));
        assertEquals(7, only.integer("received_bytes", 0, 9));
        assertEquals(5, only.integer("sent_bytes", 0, 9));
    }
}
