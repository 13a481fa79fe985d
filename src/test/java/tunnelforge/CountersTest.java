package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.agent.TestAgent;
import tunnelforge.json.JsonObject;

/** Each counter of a server moves by exactly what was done, and no other counter moves. */
final class CountersTest {
    private static final String HANDSHAKE = "handshakes_total{result=\"ok\"}";
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
        Map<String, Integer> all = new TreeMap<>(Map.of(EXCHANGE, 1, WAIT, 1, requests(status), 1, LATENCY, 1, DURATION, 1));
        for (int i = 0; i < more.length; i += 2) {
            all.put((String) more[i], (Integer) more[i + 1]);
        }
        return all;
    }

    /** Exactly this; but for {@code others}, which move when they will, as handshakes do: agents open data connections. */
    private void assertMoved(Map<String, Integer> expected, String... others) {
        admin.awaitMoved(before, expected, Stream.concat(Stream.of(HANDSHAKE), Stream.of(others)).toArray(String[]::new));
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
        assertMoved(Map.of("exchanges_total{protocol=\"tcp\"}", 1, "received_bytes_total{protocol=\"tcp\"}", 7, "sent_bytes_total{protocol=\"tcp\"}", 9, WAIT, 1));
        visitor.close();
        local.close();
    }

    @Test
    void whatTheServerRefusesByItself() throws Exception {
        Peer visitor = tunnel.visitor((String) null);
        visitor.send("GET / HTTP/1.1\r\nHost: nobody.tunnel.localhost\r\n\r\n").readResponse();
        visitor.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").readResponse();
        assertMoved(Map.of(refusals("TF-TUNNEL-UNKNOWN"), 1, refusals("TF-BAD-REQUEST"), 1, turnedAway("visitors", "request_refused"), 1));
    }

    @Test
    void aLocalServiceThatIsNotThere() throws Exception {
        tunnel.service().close();
        assertEquals("TF-UPSTREAM-REFUSED", tunnel.get("/").get("TunnelForge-Error"));
        assertMoved(Map.of(EXCHANGE, 1, WAIT, 1, refusals("TF-UPSTREAM-REFUSED"), 1, requests("5xx"), 1, DURATION, 1));
    }

    /** The visitor has got an answer, if not the local service's. */
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
    void aBodyThatBreaksTheProtocolIsAnsweredByTheServer() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Transfer-Encoding: chunked")).sendChunk("four");
        Peer local = tunnel.service().accept();
        local.readRequestHead();
        visitor.send("no length\r\n");
        assertEquals(400, visitor.readResponse().status());
        assertMoved(Map.of(EXCHANGE, 1, WAIT, 1, RECEIVED, 4, requests("4xx"), 1, DURATION, 1, refusals("TF-BAD-REQUEST"), 1, turnedAway("visitors", "request_refused"), 1));
    }

    @Test
    void aRequestThatIsSentAgain() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        for (Relay.Link link : tunnel.relay().links().stream().skip(1).toList()) {
            link.cut();
        }
        local.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes");
        assertEquals("yes", visitor.readResponse().text());
        // Once more for each connection that is lost on the way.
        assertMoved(Map.of(EXCHANGE, 1, requests("2xx"), 1, LATENCY, 1, DURATION, 1, SENT, 3), WAIT, RESENT);
        assertTrue(tunnel.server().resent() >= 1);
    }

    @Test
    void anAgentThatComesAgain() throws Exception {
        // The control connection, which is the oldest.
        tunnel.relay().links().getFirst().cut();
        assertMoved(Map.of("tunnel_registrations_total{kind=\"resumed\"}", 1));
    }

    @Test
    void tunnelsThatComeAndGo() throws Exception {
        TestAgent another = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().subdomain("brief"));
        another.url();
        Eventually.await("its pool is filled", () -> tunnel.server().dataConnections() >= 6);
        assertMoved(Map.of("tunnel_registrations_total{kind=\"opened\"}", 1));
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
        assertMoved(Map.of(refusals("TF-VISITOR-REFUSED"), 1));
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
