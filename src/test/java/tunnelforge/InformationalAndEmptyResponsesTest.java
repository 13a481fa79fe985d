package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses without a body (RFC 9112 section 6.3), and those before the final one (RFC 9110 section 15.2). */
final class InformationalAndEmptyResponsesTest {
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

    /** The local service answers so; the visitor gets the response, and the connection serves another request. */
    private Message answered(String method, String answer) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head(method + " /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send(answer);
        Message response = visitor.readResponse(method);
        visitor.send(tunnel.head("GET /next"));
        // Whoever promises a body where none may be is not relied on not to send it.
        boolean promised = method.equals("HEAD") || answer.contains(" 304 ") && answer.contains("Content-Length");
        Peer next = promised ? tunnel.service().accept() : local;
        assertEquals("/next", next.readRequest().target());
        ScriptedService.respond(next, "next");
        assertEquals("next", visitor.readResponse().text());
        return response;
    }

    @Test
    void noContentHasNoBodyAndNoLength() throws Exception {
        Message response = answered("DELETE", "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n");
        assertEquals(204, response.status());
        assertNull(response.get("Content-Length"));
        assertNull(response.get("Transfer-Encoding"));
        assertEquals("1", response.get("X-A"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Content-Length: 12345\r\n"})
    void notModifiedHasNoBodyButMayHaveALength(String length) throws Exception {
        Message response = answered("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n" + length + "\r\n");
        assertEquals(304, response.status());
        assertEquals("\"x\"", response.get("ETag"));
        assertEquals(length.isEmpty() ? null : "12345", response.get("Content-Length"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Content-Length: 12345\r\n", "Transfer-Encoding: chunked\r\n"})
    void theAnswerToHeadHasNoBodyButMayHaveALength(String framing) throws Exception {
        Message response = answered("HEAD", "HTTP/1.1 200 OK\r\n" + framing + "\r\n");
        assertEquals(200, response.status());
        assertEquals(framing.startsWith("C") ? "12345" : null, response.get("Content-Length"));
    }

    @Test
    void earlyHintsArriveBeforeTheResponse() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>; rel=preload\r\n\r\n");
        Message hints = visitor.readResponseHead();
        assertEquals("HTTP/1.1 103 Early Hints", hints.startLine());
        assertEquals(List.of("</a.css>; rel=preload", "</b.js>; rel=preload"), hints.all("Link"));
        local.send("HTTP/1.1 102 Processing\r\n\r\n");
        assertEquals(102, visitor.readResponseHead().status());
        ScriptedService.respond(local, "done");
        assertEquals("done", visitor.readResponse().text());
    }

    @Test
    void visitorsOfHttp10GetTheFinalResponseOnly() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send("GET / HTTP/1.0\r\nHost: " + tunnel.authority() + "\r\n\r\n");
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        assertEquals(200, visitor.readResponseHead().status());
    }

    @Test
    void sixteenInformationalResponsesPass() throws Exception {
        Message response = answered("GET", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(16) + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        assertEquals("ok", response.text());
    }

    @Test
    void tooManyInformationalResponsesHarmNobodyElse() throws Exception {
        Peer bystander = tunnel.visitor();
        bystander.send(tunnel.head("GET /long"));
        Peer waiting = tunnel.service().accept();
        waiting.readRequest();
        for (int i = 0; i < 6; i++) {
            Peer visitor = tunnel.visitor();
            visitor.send(tunnel.head("GET /"));
            Peer local = tunnel.service().accept();
            local.readRequest();
            local.send("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(17) + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            Message response = visitor.readResponse();
            assertEquals(502, response.status());
            assertEquals("TF-UPSTREAM-INVALID", response.get("TunnelForge-Error"));
        }
        ScriptedService.respond(waiting, "unharmed");
        assertEquals("unharmed", bystander.readResponse().text());
    }

    @Test
    void aResetContentOrAnUnknownStatusPasses() throws Exception {
        assertEquals(205, answered("POST", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n").status());
        tunnel.settle();
        Message odd = answered("GET", "HTTP/1.1 799 \r\nContent-Length: 3\r\n\r\nodd");
        assertEquals("HTTP/1.1 799 ", odd.startLine());
        assertEquals("odd", odd.text());
    }
}
