package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.net.ManualClock;

/** A local service that answers before it has read the whole request. */
final class EarlyResponsesTest {
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
    @ValueSource(booleans = {true, false})
    void theResponseArrivesWhileTheVisitorStillSends(boolean localCloses) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Content-Length: 1000000")).send(Bodies.ofSize(100_000));
        Peer local = tunnel.service().accept();
        local.readRequestHead();
        local.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        if (localCloses) {
            local.finish();
        }
        Message response = visitor.readResponse();
        assertEquals(403, response.status());
        assertEquals("no", response.text());
        local.awaitClosed();
    }

    @Test
    void theConnectionServesOnWhenTheVisitorSendsTheRest() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Content-Length: 200000")).send(new byte[100_000]);
        Peer local = tunnel.service().accept();
        local.readRequestHead();
        local.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        assertEquals(403, visitor.readResponse().status());
        local.awaitClosed();
        visitor.send(new byte[100_000]).send(tunnel.head("GET /next"));
        Peer another = tunnel.service().accept();
        assertEquals("/next", another.readRequest().target());
        ScriptedService.respond(another, "next");
        assertEquals("next", visitor.readResponse().text());
    }

    @Test
    void aVisitorThatDoesNotSendTheRestIsLeft() throws Exception {
        ManualClock clock = new ManualClock();
        TunnelFixture.Options options = new TunnelFixture.Options();
        options.server().clock(clock);
        try (TunnelFixture moved = TunnelFixture.start(options)) {
            Peer visitor = moved.visitor();
            visitor.send(moved.head("POST /", "Content-Length: 200000")).send(new byte[100_000]);
            Peer local = moved.service().accept();
            local.readRequestHead();
            local.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
            assertEquals(403, visitor.readResponse().status());
            clock.advanceBeside("the visitor is left", Duration.ofSeconds(4), visitor::awaitClosed);
        }
    }

    @Test
    void aStreamedResponseGoesOnBesidesTheUpload() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Transfer-Encoding: chunked")).sendChunk("one");
        Peer local = tunnel.service().accept();
        local.readRequestHead();
        local.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").sendChunk("first");
        visitor.readResponseHead();
        assertEquals("first", new String(visitor.readChunk(), StandardCharsets.US_ASCII));
        assertEquals("one", new String(local.readChunk(), StandardCharsets.US_ASCII));
        visitor.sendChunk("two").send("0\r\n\r\n");
        assertEquals("two", new String(local.readChunk(), StandardCharsets.US_ASCII));
        assertEquals(0, local.readChunk().length);
        local.sendChunk("second").send("0\r\n\r\n");
        assertEquals("second", new String(visitor.readChunk(), StandardCharsets.US_ASCII));
        assertEquals(0, visitor.readChunk().length);
    }
}
