package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A visitor that leaves is noticed, and whatever was done for it ends: within seconds where it is by a reset, and with what is next written to it where it has closed, which says no more
 * than that it has nothing more to send.
 */
final class LeavingVisitorsTest {
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

    private enum Leaving { POLITELY, SILENTLY, BROKEN }

    private static void leave(Peer visitor, Leaving how) throws IOException {
        switch (how) {
            case POLITELY -> visitor.closePolitely();
            case SILENTLY -> visitor.close();
            case BROKEN -> visitor.reset();
        }
    }

    @Test
    void beforeTheResponse() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        visitor.reset();
        local.awaitClosed();
    }

    @ParameterizedTest
    @EnumSource(value = Leaving.class, names = {"POLITELY", "SILENTLY"})
    void byClosingBeforeTheResponseWhichIsForNobodyThen(Leaving how) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        leave(visitor, how);
        ScriptedService.respond(local, "for nobody");
        tunnel.settle();
    }

    @ParameterizedTest
    @EnumSource(Leaving.class)
    void whileTheResponsePauses(Leaving how) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").sendChunk("some");
        visitor.readResponseHead();
        assertEquals("some", new String(visitor.readChunk(), StandardCharsets.US_ASCII));
        leave(visitor, how);
        if (how != Leaving.BROKEN) {
            local.sendChunk("more");
        }
        local.awaitClosed();
    }

    @ParameterizedTest
    @EnumSource(Leaving.class)
    void whileALargeResponseFlows(Leaving how) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        tunnel.service().serve((request, connection) -> {
            try {
                connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                while (true) {
                    connection.sendChunk("x".repeat(10_000));
                }
            } finally {
                ended.countDown();
            }
        });
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /")).readResponseHead();
        visitor.readChunk();
        leave(visitor, how);
        assertTrue(ended.await(10, TimeUnit.SECONDS), "the local service is still sending");
    }

    @ParameterizedTest
    @CsvSource({"POLITELY,true", "SILENTLY,true", "BROKEN,true", "POLITELY,false", "SILENTLY,false", "BROKEN,false"})
    void whileUploading(Leaving how, boolean chunked) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", chunked ? "Transfer-Encoding: chunked" : "Content-Length: 100000"));
        visitor.send(chunked ? "4\r\nhalf\r\n" : "half");
        Peer local = tunnel.service().accept();
        local.readRequestHead();
        assertEquals("half", chunked ? new String(local.readChunk(), StandardCharsets.US_ASCII) : local.readText(4));
        leave(visitor, how);
        // Neither the rest nor a last chunk: the local service must not take the half for the whole.
        assertThrows(IOException.class, () -> local.read(1));
    }

    @Test
    void aBadChunkInAnUploadIsAnsweredAndBreaksItOff() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Transfer-Encoding: chunked") + "4\r\nhalf\r\n");
        Peer local = tunnel.service().accept();
        local.readRequestHead();
        assertEquals("half", new String(local.readChunk(), StandardCharsets.US_ASCII));
        visitor.send("no size\r\n");
        Message response = visitor.readResponse();
        assertEquals(400, response.status());
        assertEquals("TF-BAD-REQUEST", response.get("TunnelForge-Error"));
        assertThrows(IOException.class, () -> local.read(1));
    }

    @Test
    void theNextVisitorIsServedAtOnce() throws Exception {
        for (int i = 0; i < 20; i++) {
            Peer visitor = tunnel.visitor();
            visitor.send(tunnel.head("GET /"));
            Peer local = tunnel.service().accept();
            local.readRequest();
            visitor.reset();
        }
        tunnel.service().serveText("served");
        assertEquals("served", tunnel.get("/").text());
    }
}
