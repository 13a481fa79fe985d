package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Visitors that speak HTTP/1.0: no chunked coding, and keep-alive only where they ask for it. */
final class Http10VisitorTest {
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

    private String request(String... lines) {
        StringBuilder head = new StringBuilder("GET / HTTP/1.0\r\nHost: " + tunnel.authority() + "\r\n");
        for (String line : lines) {
            head.append(line).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    @Test
    void theConnectionEndsWithTheAnswer() throws Exception {
        tunnel.service().serveText("hello");
        Peer visitor = tunnel.visitor();
        Message response = visitor.send(request()).readResponse();
        assertEquals("HTTP/1.1 200 OK", response.startLine());
        assertEquals("hello", response.text());
        assertEquals("close", response.get("Connection"));
        assertTrue(visitor.atEnd());
    }

    @Test
    void keepAliveIsGrantedWhereAskedForAndTheLengthIsKnown() throws Exception {
        tunnel.service().serveText("hello");
        Peer visitor = tunnel.visitor();
        for (int round = 0; round < 3; round++) {
            Message response = visitor.send(request("Connection: keep-alive")).readResponse();
            assertEquals("keep-alive", response.get("Connection"));
            assertEquals("hello", response.text());
        }
        assertEquals(1, tunnel.service().accepted());
    }

    @Test
    void aBodyOfUnknownLengthIsEndedByTheConnection() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(request("Connection: keep-alive"));
        Peer local = tunnel.service().accept();
        Message received = local.readRequest();
        assertTrue(received.startLine().endsWith("HTTP/1.1"));
        local.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
        Message response = visitor.readResponse();
        assertNull(response.get("Transfer-Encoding"));
        assertEquals("close", response.get("Connection"));
        assertEquals("hello world", response.text());
    }

    @Test
    void aBodyWithALengthPassesUp() throws Exception {
        tunnel.service().serve((request, connection) -> {
            ScriptedService.respond(connection, request.text());
            return true;
        });
        Peer visitor = tunnel.visitor();
        visitor.send("POST / HTTP/1.0\r\nHost: " + tunnel.authority() + "\r\nContent-Length: 5\r\n\r\nhello");
        assertEquals("hello", visitor.readResponse().text());
    }

    @Test
    void anAbsoluteTargetStandsInForHost() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send("GET https://" + tunnel.authority() + "/x HTTP/1.0\r\n\r\n");
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        assertEquals("/x", request.target());
        assertEquals(tunnel.authority(), request.get("Host"));
        ScriptedService.respond(local, "ok");
        assertEquals("ok", visitor.readResponse().text());
    }
}
