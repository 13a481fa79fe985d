package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Trailer fields of chunked bodies (RFC 9112 section 7.1.2). */
final class TrailersTest {
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

    @Test
    void trailersPassBothWays() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Transfer-Encoding: chunked", "Trailer: Digest, X-Twice", "Connection: TE", "TE: trailers")
                + "5\r\nhello\r\n0\r\nDigest: abc\r\nX-Twice: 1\r\nX-Twice: 2\r\n\r\n");
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        assertEquals("hello", request.text());
        assertEquals("Digest, X-Twice", request.get("Trailer"));
        assertEquals("trailers", request.get("TE"));
        assertEquals("abc", request.trailer("Digest"));
        assertEquals(List.of("Digest", "X-Twice", "X-Twice"), request.trailerNames());
        local.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Server-Timing\r\n\r\n"
                + "3\r\nyes\r\n0\r\nServer-Timing: db;dur=53\r\n\r\n");
        Message response = visitor.readResponse();
        assertEquals("yes", response.text());
        assertEquals("Server-Timing", response.get("Trailer"));
        assertEquals("db;dur=53", response.trailer("Server-Timing"));
    }

    @Test
    void trailersOfALargeBodyPass() throws Exception {
        byte[] body = Bodies.ofSize(500_000);
        tunnel.service().serve((request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").send(Bodies.chunked(request.body(), 30_000))
                    .send("Back: " + request.trailer("There") + "\r\n\r\n");
            return true;
        });
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Transfer-Encoding: chunked")).send(Bodies.chunked(body, 30_000)).send("There: and back\r\n\r\n");
        assertEquals("and back", visitor.readResponse().trailer("Back"));
    }

    @Test
    void trailersThatOnlyWeMaySendOrThatFrameTheMessageAreDropped() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Transfer-Encoding: chunked")
                + "1\r\nx\r\n0\r\nTunnelForge-Resent: 1\r\nContent-Length: 7\r\nHost: other\r\nKept: 1\r\n\r\n");
        Peer local = tunnel.service().accept();
        assertEquals(List.of("Kept"), local.readRequest().trailerNames());
        local.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "1\r\ny\r\n0\r\ntunnelforge-error: TF-X\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=b\r\nKept: 2\r\n\r\n");
        Message response = visitor.readResponse();
        assertEquals(List.of("Kept"), response.trailerNames());
        assertNull(response.trailer("TunnelForge-Error"));
    }

    @Test
    void aVisitorOfHttp10GetsTheBodyWithoutThem() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send("GET / HTTP/1.0\r\nHost: " + tunnel.authority() + "\r\n\r\n");
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\nLate: 1\r\n\r\n");
        Message response = visitor.readResponse();
        assertEquals("yes", response.text());
        assertNull(response.get("Transfer-Encoding"));
    }
}
