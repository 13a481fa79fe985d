package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tunnelforge.agent.TestAgent;

/** The port for plain HTTP: http tunnels are served, https tunnels redirect, and there is no entrance for agents. */
final class PlainHttpTest {
    private static TunnelFixture tunnel;
    private static URI secure;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start(new TunnelFixture.Options().http());
        secure = URI.create(tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().protocol("https")).url());
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    private static String request(String methodAndTarget, String host) {
        return methodAndTarget + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    }

    @Test
    void anHttpTunnelIsServed() throws Exception {
        assertEquals("http", tunnel.url().getScheme());
        assertEquals(tunnel.server().httpPort(), tunnel.url().getPort());
        Peer visitor = tunnel.plainVisitor();
        visitor.send(tunnel.head("GET /x?y"));
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        assertEquals("/x?y", request.target());
        assertEquals("http", request.get("X-Forwarded-Proto"));
        assertTrue(request.get("Forwarded").endsWith(";proto=http"));
        ScriptedService.respond(local, "plain");
        assertEquals("plain", visitor.readResponse().text());
    }

    @Test
    void anotherImplementationAgrees() throws Exception {
        tunnel.service().serveText("plain");
        assertEquals("plain", tunnel.client().send(HttpRequest.newBuilder(tunnel.url("/")).build(), HttpResponse.BodyHandlers.ofString()).body());
    }

    @Test
    void anHttpTunnelIsServedOverTlsToo() throws Exception {
        tunnel.service().serveText("either way");
        assertEquals("either way", tunnel.get("/").text());
    }

    @Test
    void anHttpsTunnelRedirectsEveryMethod() throws Exception {
        Peer visitor = tunnel.plainVisitor();
        for (String method : List.of("GET", "PUT", "DELETE")) {
            Message response = visitor.send(request(method + " /a%20b?c=d&e", secure.getHost())).readResponse();
            assertEquals(308, response.status());
            assertEquals(secure + "/a%20b?c=d&e", response.get("Location"));
        }
    }

    @Test
    void unknownNamesAreUnknown() throws Exception {
        Message response = tunnel.plainVisitor().send(request("GET /", "nobody.tunnel.localhost")).readResponse();
        assertEquals(404, response.status());
        assertEquals("TF-TUNNEL-UNKNOWN", response.get("TunnelForge-Error"));
    }

    @Test
    void thereIsNoEntranceForAgents() throws Exception {
        for (String path : List.of("/_tunnelforge/control", "/_tunnelforge/data")) {
            Message response = tunnel.plainVisitor().send("GET " + path + " HTTP/1.1\r\nHost: tunnel.localhost\r\nConnection: Upgrade\r\n"
                    + "Upgrade: websocket, tunnelforge.v1\r\n\r\n").readResponse();
            assertEquals(404, response.status());
        }
    }

    @Test
    void anUpgradePasses() throws Exception {
        Peer visitor = tunnel.plainVisitor();
        visitor.send(tunnel.head("GET /", "Connection: Upgrade", "Upgrade: echo"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
        assertEquals(101, visitor.readResponse().status());
        visitor.send("bytes").finish();
        assertEquals("bytes", new String(local.readToEnd(), StandardCharsets.US_ASCII));
        local.send("back").finish();
        assertEquals("back", new String(visitor.readToEnd(), StandardCharsets.US_ASCII));
    }

    @Test
    void aBodyEndedByTheConnectionThatBreaksOffIsSeenBroken() throws Exception {
        Peer visitor = tunnel.plainVisitor();
        visitor.send("GET / HTTP/1.0\r\nHost: " + tunnel.authority() + "\r\n\r\n");
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
        local.close();
        assertFalse(visitor.awaitClosed(), "the visitor saw a clean end");
    }

    @Test
    void tlsOnThePlainPortGetsAnAlertAtOnceAndOneLine() throws Exception {
        Peer visitor = tunnel.plainVisitor();
        visitor.send(new byte[] {22});
        assertArrayEquals(new byte[] {21, 3, 3, 0, 2, 2, 10}, visitor.read(7));
        visitor.send(new byte[] {3, 1, 0, 5, 1, 0, 0, 1, 0});
        assertTrue(visitor.awaitClosed());
        assertEquals(1, tunnel.server().log().entries("tls_refused").size());
    }

    @Test
    void tlsBehindARequestIsABadOne() throws Exception {
        Peer visitor = tunnel.plainVisitor();
        visitor.send("GET / HTTP/1.1\r\nHost: nobody.tunnel.localhost\r\n\r\n");
        assertEquals(404, visitor.readResponse().status());
        visitor.send(new byte[] {22});
        assertEquals(400, visitor.readResponse().status());
    }
}
