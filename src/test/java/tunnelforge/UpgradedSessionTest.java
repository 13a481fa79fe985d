package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** After a 101 there are bytes both ways, and each direction ends by itself. */
final class UpgradedSessionTest {
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

    private Peer visitor;
    private Peer local;

    private void upgrade() throws Exception {
        visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /", "Connection: upgrade", "Upgrade: chat/2"));
        local = tunnel.service().accept();
        assertEquals("chat/2", local.readRequest().get("Upgrade"));
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat/2\r\n\r\n");
        Message switching = visitor.readResponse();
        assertEquals("chat/2", switching.get("Upgrade"));
        assertEquals("Upgrade", switching.get("Connection"));
    }

    @Test
    void bytesPassBothWays() throws Exception {
        upgrade();
        visitor.send("ping");
        assertEquals("ping", local.readText(4));
        local.send("pong");
        assertEquals("pong", visitor.readText(4));
    }

    @Test
    void theVisitorMayEndItsDirectionFirst() throws Exception {
        upgrade();
        visitor.send("last words");
        visitor.finish();
        assertEquals("last words", new String(local.readToEnd(), StandardCharsets.US_ASCII));
        local.send("heard");
        assertEquals("heard", visitor.readText(5));
        local.close();
        assertTrue(visitor.atEnd());
    }

    @Test
    void theLocalServiceMayEndItsDirectionFirst() throws Exception {
        upgrade();
        local.send("last words");
        local.finish();
        assertEquals("last words", new String(visitor.readToEnd(), StandardCharsets.US_ASCII));
        visitor.send("heard");
        assertEquals("heard", local.readText(5));
        visitor.closePolitely();
        assertTrue(local.atEnd());
    }

    @Test
    void aMegabyteEachWayAtOnceArrivesWhole() throws Exception {
        upgrade();
        byte[] up = Bodies.ofSize(1_000_001);
        byte[] down = Bodies.ofSize(1_000_002);
        Thread sendingUp = Thread.ofVirtual().start(() -> sendAndFinish(visitor, up));
        Thread sendingDown = Thread.ofVirtual().start(() -> sendAndFinish(local, down));
        CompletableFuture<byte[]> arrivedUp = CompletableFuture.supplyAsync(() -> readToEnd(local));
        assertArrayEquals(down, visitor.readToEnd());
        assertArrayEquals(up, arrivedUp.get(10, TimeUnit.SECONDS));
        sendingUp.join();
        sendingDown.join();
    }

    private static void sendAndFinish(Peer peer, byte[] bytes) {
        try {
            peer.send(bytes).finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] readToEnd(Peer peer) {
        try {
            return peer.readToEnd();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aBrokenLocalServiceIsSeenBroken() throws Exception {
        upgrade();
        local.reset();
        assertFalse(visitor.awaitClosed(), "the visitor saw a clean end");
    }

    @Test
    void aBrokenVisitorEndsTheLocalConnection() throws Exception {
        upgrade();
        visitor.reset();
        local.awaitClosed();
    }

    @Test
    void whatTheVisitorSendsTooEarlyWaitsForThe101() throws Exception {
        visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /", "Connection: upgrade", "Upgrade: chat/2") + "early");
        local = tunnel.service().accept();
        local.readRequest();
        assertEquals(0, local.in().available());
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat/2\r\n\r\nhello");
        assertEquals("early", local.readText(5));
        visitor.readResponse();
        assertEquals("hello", visitor.readText(5));
    }

    @Test
    void visitorsOfHttp10CannotUpgrade() throws Exception {
        visitor = tunnel.visitor();
        visitor.send("GET / HTTP/1.0\r\nHost: " + tunnel.authority() + "\r\nConnection: upgrade\r\nUpgrade: chat/2\r\n\r\n");
        local = tunnel.service().accept();
        assertNull(local.readRequest().get("Upgrade"));
        ScriptedService.respond(local, "plain");
        assertEquals("plain", visitor.readResponse().text());
    }
}
