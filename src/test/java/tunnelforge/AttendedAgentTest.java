package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.agent.TestAgent;
import tunnelforge.log.RecordingLog;

/** What an agent tells the person who watches it. */
final class AttendedAgentTest {
    private static final Duration LIMIT = Duration.ofSeconds(15);

    private TunnelFixture tunnel;

    @BeforeEach
    void start() throws Exception {
        tunnel = TunnelFixture.start();
    }

    @AfterEach
    void stop() throws Exception {
        tunnel.close();
    }

    private Peer visitor(TestAgent agent) throws Exception {
        return tunnel.visitor(URI.create(agent.url()).getHost());
    }

    private static String host(TestAgent agent) throws Exception {
        return URI.create(agent.url()).getAuthority();
    }

    private static RecordingLog.Entry request(TestAgent agent) throws Exception {
        return agent.log().await("request", LIMIT);
    }

    @Test
    void aRequestIsALineWithoutItsQuery() throws Exception {
        TestAgent agent = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().attended());
        tunnel.service().serve((request, connection) -> {
            ScriptedService.respond(connection, "x".repeat(4096));
            return true;
        });
        visitor(agent).send("GET /path?secret=1 HTTP/1.1\r\nHost: " + host(agent) + "\r\n\r\n").readResponse();
        RecordingLog.Entry line = request(agent);
        assertTrue(line.message().matches("GET /path 200 [0-9.]+ m?s 4\\.1 kB"), line.message());
        assertEquals(List.of("GET", "/path", 200, 4096L), List.of(line.fields().get("method"), line.fields().get("path"), line.fields().get("status"), line.fields().get("bytes")));
    }

    @Test
    void aRequestThatFailedSaysWhy() throws Exception {
        int port = ScriptedService.closedPort();
        TestAgent agent = tunnel.startAgent("127.0.0.1:" + port, new TestAgent.Options().attended());
        visitor(agent).send("GET / HTTP/1.1\r\nHost: " + host(agent) + "\r\n\r\n").readResponse();
        RecordingLog.Entry line = request(agent);
        assertTrue(line.message().endsWith(": the agent could not connect to 127.0.0.1:" + port), line.message());
    }

    @Test
    void aVisitorThatLeavesIsSaidToHaveLeft() throws Exception {
        TestAgent agent = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().attended());
        Peer visitor = visitor(agent);
        visitor.send("GET / HTTP/1.1\r\nHost: " + host(agent) + "\r\n\r\n");
        try (Peer local = tunnel.service().accept("GET")) {
            local.readRequest();
            visitor.close();
            assertTrue(request(agent).message().endsWith(": the visitor has left"), request(agent).message());
        }
    }

    @Test
    void anUpgradeIsALineWhenItBegins() throws Exception {
        TestAgent agent = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().attended());
        Peer visitor = visitor(agent);
        visitor.send("GET /ws HTTP/1.1\r\nHost: " + host(agent) + "\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
        try (Peer local = tunnel.service().accept("GET")) {
            local.readRequest();
            local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
            assertTrue(request(agent).message().startsWith("GET /ws 101 "), request(agent).message());
        }
    }

    @Test
    void aSessionIsALineWhenItBegins() throws Exception {
        TestAgent agent = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().attended().protocol("tcp"));
        tunnel.service().play(peer -> {
            peer.readToEnd();
            peer.close();
        });
        try (Peer visitor = tunnel.tcp(URI.create(agent.url()).getPort())) {
            assertEquals("session from 127.0.0.1", agent.log().await("session", LIMIT).message());
            visitor.finish();
            assertTrue(visitor.atEnd());
            assertEquals(1, tunnel.service().accepted(), "a service that serves one connection has not lost it to a look");
        }
    }

    @Test
    void aMissingLocalServiceIsToldBeforeAVisitorComesAndWhenItAppears() throws Exception {
        int port = ScriptedService.portForLater();
        TestAgent agent = tunnel.startAgent("127.0.0.1:" + port, new TestAgent.Options().attended());
        assertEquals("nothing listens on 127.0.0.1:" + port + " yet", agent.log().await("upstream_missing", LIMIT).message());
        try (ScriptedService late = new ScriptedService(port)) {
            late.serveText("here");
            assertEquals("127.0.0.1:" + port + " accepts connections now", agent.log().await("upstream_found", LIMIT).message());
            assertEquals("here", visitor(agent).send("GET / HTTP/1.1\r\nHost: " + host(agent) + "\r\nConnection: close\r\n\r\n").readResponse().text());
        }
        visitor(agent).send("GET / HTTP/1.1\r\nHost: " + host(agent) + "\r\n\r\n").readResponse();
        Eventually.await("it is told again", () -> agent.log().entries("upstream_missing").size() == 2);
        assertEquals("nothing listens on 127.0.0.1:" + port + " any more", agent.log().entries("upstream_missing").getLast().message());
    }

    @Test
    void manyVisitorsOfAMissingServiceAreToldOnce() throws Exception {
        TestAgent agent = tunnel.startAgent("127.0.0.1:" + ScriptedService.closedPort(), new TestAgent.Options());
        Peer visitor = visitor(agent);
        for (int i = 0; i < 5; i++) {
            visitor.send("GET / HTTP/1.1\r\nHost: " + host(agent) + "\r\n\r\n").readResponse();
        }
        assertEquals(1, agent.log().entries("upstream_missing").size());
        assertEquals(0, agent.log().entries("upstream_failed").size());
        assertEquals(0, agent.log().entries("request").size(), "nobody watches");
    }
}
