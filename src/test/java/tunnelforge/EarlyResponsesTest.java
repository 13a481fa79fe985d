package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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

    private enum Way { TLS, PLAIN }

    private static final int MUCH = 80 * 1024 * 1024;

    private static void sendMuch(Peer visitor) throws IOException {
        byte[] piece = new byte[64 * 1024];
        for (int sent = 0; sent < MUCH; sent += piece.length) {
            visitor.send(piece);
        }
    }

    private static TunnelFixture plainToo() throws Exception {
        return TunnelFixture.start(new TunnelFixture.Options().http());
    }

    /** Many clients do not look for an answer before they have sent everything. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void theResponseIsReadableBehindMuchThatNobodyWanted(Way way) throws Exception {
        try (TunnelFixture both = plainToo()) {
            Peer visitor = way == Way.TLS ? both.visitor() : both.plainVisitor();
            visitor.send(both.head("POST /", "Content-Length: " + (1 + MUCH)) + "x");
            Peer local = both.service().accept();
            local.readRequestHead();
            local.send("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
            sendMuch(visitor);
            assertEquals(413, visitor.readResponse().status());
            both.service().serveText("next");
            assertEquals("next", visitor.send(both.head("GET /next")).readResponse().text());
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aPageIsReadableBehindMuchThatNobodyWanted(Way way) throws Exception {
        try (TunnelFixture both = plainToo()) {
            String unknown = "unknown." + both.host().substring(both.host().indexOf('.') + 1);
            Peer visitor = way == Way.TLS ? both.visitor(unknown) : both.plainVisitor();
            visitor.send("POST / HTTP/1.1\r\nHost: " + unknown + "\r\nContent-Length: " + MUCH + "\r\n\r\n");
            sendMuch(visitor);
            Message page = visitor.readResponse();
            assertEquals(404, page.status());
            assertEquals("close", page.get("Connection"));
            assertTrue(visitor.atEnd());
        }
    }

    /** The local service answers and closes before it has taken a small body. */
    @Test
    void theResponseToABodyThatTheServiceDidNotTakeIsPassedOn() throws Exception {
        // It is closed as soon as it is there: what the agent writes then fails, or not.
        tunnel.service().play(local -> local.send("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"));
        for (int i = 0; i < 40; i++) {
            Peer visitor = tunnel.visitor();
            visitor.send(new StringBuilder(tunnel.head("POST /", "Content-Length: 60000")).append("x".repeat(60_000)).toString());
            assertEquals(403, visitor.readResponse().status());
        }
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
            clock.advanceBeside("the visitor is left", Duration.ofSeconds(7), visitor::awaitClosed);
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
