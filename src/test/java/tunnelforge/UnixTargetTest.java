package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.TestAgent;

/** A local service on a Unix-domain socket. */
final class UnixTargetTest {
    @TempDir
    private static Path folder;
    private static Path path;
    private static TunnelFixture tunnel;

    private UnixFront front;

    @BeforeAll
    static void start() throws Exception {
        path = folder.resolve("s");
        tunnel = TunnelFixture.start(new TunnelFixture.Options().target("unix:" + path));
    }

    @AfterEach
    void settle() throws IOException {
        if (front != null) {
            front.close();
        }
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    private void listen() throws IOException {
        front = new UnixFront(path, tunnel.service());
    }

    @Test
    void requestsAreServedOnKeptConnections() throws Exception {
        listen();
        tunnel.service().serveText("ok");
        for (int i = 0; i < 5; i++) {
            assertEquals("ok", tunnel.get("/" + i).text());
        }
        assertEquals(1, tunnel.service().accepted());
        assertEquals(5, tunnel.service().requests());
    }

    @Test
    void aConnectionClosedWhileIdleIsReplaced() throws Exception {
        listen();
        tunnel.service().serve((request, connection) -> {
            ScriptedService.respond(connection, request.target());
            return false;
        });
        for (int i = 0; i < 3; i++) {
            assertEquals("/" + i, tunnel.get("/" + i).text());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 100_000, 3_000_000})
    void bodiesGoBothWaysUnchanged(int size) throws Exception {
        listen();
        byte[] body = Bodies.ofSize(size);
        tunnel.service().serve((request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + request.body().length + "\r\n\r\n").send(request.body());
            return true;
        });
        Peer visitor = tunnel.visitor();
        Thread sending = Thread.ofVirtual().start(() -> {
            try {
                visitor.send(tunnel.head("POST /", "Content-Length: " + size)).send(body);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        assertArrayEquals(body, visitor.readResponse().body());
        sending.join();
    }

    @Test
    void anUpgradedSessionEndsDirectionByDirection() throws Exception {
        listen();
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /", "Connection: Upgrade", "Upgrade: echo"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello");
        assertEquals(101, visitor.readResponse().status());
        assertEquals("hello", visitor.readText(5));
        visitor.send("more").finish();
        assertEquals("more", new String(local.readToEnd(), StandardCharsets.ISO_8859_1));
        local.send("the end").close();
        assertEquals("the end", new String(visitor.readToEnd(), StandardCharsets.ISO_8859_1));
    }

    @Test
    void theVisitorsHostIsPassedOn() throws Exception {
        listen();
        tunnel.service().serve((request, connection) -> {
            ScriptedService.respond(connection, request.get("Host"));
            return true;
        });
        assertEquals(tunnel.authority(), tunnel.get("/").text());
    }

    @Test
    void aVisitorWhoLeavesEndsTheLocalConnection() throws Exception {
        listen();
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        visitor.reset();
        local.awaitClosed();
    }

    @Test
    void aSocketThatIsNotThereIsAPageThatNamesIt() throws Exception {
        Peer visitor = tunnel.visitor();
        for (int round = 0; round < 2; round++) {
            visitor.send(tunnel.head("GET /", "Accept: application/json"));
            Message page = visitor.readResponse();
            assertEquals(502, page.status());
            assertEquals("TF-UPSTREAM-REFUSED", page.get("TunnelForge-Error"));
            assertTrue(page.text().contains("unix:" + path), page.text());
        }
        listen();
        tunnel.service().serveText("now it is");
        visitor.send(tunnel.head("GET /"));
        assertEquals("now it is", visitor.readResponse().text());
    }

    @Test
    void theAgentSaysWhereItLeads() throws Exception {
        assertEquals(List.of("unix:" + path), tunnel.agent().log().entries("tunnel_registered").stream()
                .map(entry -> entry.fields().get("target").toString()).toList());
        tunnel.startAgent("unix:" + path + "2", new TestAgent.Options().protocol("http")).url();
    }
}
