package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.TestAgent;

/** {@code Expect: 100-continue} (RFC 9110 section 10.1.1): who decides is the local service, before the body is sent. */
final class ContinueTest {
    private static TunnelFixture tunnel;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start();
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 5", "Transfer-Encoding: chunked"})
    void theBodyFollowsTheLocalServicesContinue(String framing) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", framing, "Expect: 100-continue"));
        Peer local = tunnel.service().accept();
        Message request = local.readRequestHead();
        assertEquals("100-continue", request.get("Expect"));
        local.send("HTTP/1.1 100 Continue\r\n\r\n");
        assertEquals(100, visitor.readResponseHead().status());
        visitor.send(framing.startsWith("C") ? "hello" : "5\r\nhello\r\n0\r\n\r\n");
        local.readBody(request, false);
        assertEquals("hello", request.text());
        ScriptedService.respond(local, "thanks");
        assertEquals("thanks", visitor.readResponse().text());
        visitor.send(tunnel.head("GET /next"));
        assertEquals("/next", local.readRequest().target());
        ScriptedService.respond(local, "next");
        assertEquals("next", visitor.readResponse().text());
    }

    @ParameterizedTest
    @ValueSource(ints = {417, 413, 401})
    void aRefusalComesWithoutTheBody(int status) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Content-Length: 1000000", "Expect: 100-continue"));
        Peer local = tunnel.service().accept();
        local.readRequestHead();
        local.send("HTTP/1.1 " + status + " No\r\nContent-Length: 2\r\n\r\nno");
        Message response = visitor.readResponse();
        assertEquals(status, response.status());
        assertEquals("no", response.text());
        assertEquals("close", response.get("Connection"));
        assertTrue(visitor.atEnd());
        assertTrue(local.awaitClosed(), "the connection to the local service was kept");
    }

    @Test
    void aVisitorMaySendTheBodyUnasked() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Content-Length: 5", "Expect: 100-continue") + "hello");
        Peer local = tunnel.service().accept();
        assertEquals("hello", local.readRequest().text());
        ScriptedService.respond(local, "thanks");
        assertEquals("thanks", visitor.readResponse().text());
    }

    @Test
    void anotherImplementationAgrees() throws Exception {
        tunnel.service().serve((request, connection) -> {
            ScriptedService.respond(connection, request.text());
            return true;
        });
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        visitor.readResponse();
        tunnel.service().reset();
        CompletableFuture<HttpResponse<String>> response = tunnel.client().sendAsync(HttpRequest.newBuilder(tunnel.url("/"))
                .expectContinue(true).POST(HttpRequest.BodyPublishers.ofString("hello")).build(), HttpResponse.BodyHandlers.ofString());
        Peer local = tunnel.service().accept();
        Message request = local.readRequestHead();
        local.send("HTTP/1.1 100 Continue\r\n\r\n");
        local.readBody(request, false);
        ScriptedService.respond(local, request.text());
        assertEquals("hello", response.get(10, TimeUnit.SECONDS).body());
    }

    @Test
    void aVisitorOfHttp10GetsNoContinue() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send("POST / HTTP/1.0\r\nHost: " + tunnel.authority() + "\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello");
        Peer local = tunnel.service().accept();
        assertEquals("hello", local.readRequest().text());
        local.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        assertEquals("HTTP/1.1 200 OK", visitor.readResponseHead().startLine());
    }

    @Test
    void anUnreachableServiceRefusesWithoutTheBody() throws Exception {
        URI url = URI.create(tunnel.startAgent("127.0.0.1:" + ScriptedService.closedPort(), new TestAgent.Options()).url());
        Peer visitor = tunnel.visitor(url.getHost());
        visitor.send("POST / HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        Message response = visitor.readResponse();
        assertEquals(502, response.status());
        assertEquals("close", response.get("Connection"));
    }
}
