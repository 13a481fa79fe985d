package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is no TLS, or never becomes it, ends within its limits and harms nobody. */
final class GarbageOnThePortTest {
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

    private void assertOthersUnharmed() throws Exception {
        tunnel.service().serveText("unharmed");
        assertEquals("unharmed", tunnel.get("/").text());
    }

    @Test
    void plainHttpGetsAHint() throws Exception {
        Peer visitor = tunnel.rawVisitor();
        Message response = visitor.send(tunnel.head("GET /")).readResponse();
        assertEquals(400, response.status());
        assertTrue(response.text().contains("https://"), response.text());
        assertTrue(visitor.awaitClosed());
        assertOthersUnharmed();
    }

    @Test
    void otherBytesAreClosedAndLogged() throws Exception {
        int before = tunnel.server().log().entries("not_tls").size();
        for (String garbage : List.of("\u0000\u0000\u0000\u0000", "SSH-2.0-x\r\n", "\u00ff".repeat(100_000), "\u0080\u0080\u0001\u0003\u0001")) {
            Peer visitor = tunnel.rawVisitor();
            sendQuietly(visitor, garbage.getBytes(StandardCharsets.ISO_8859_1));
            visitor.awaitClosed();
        }
        Eventually.await("one line for each", () -> tunnel.server().log().entries("not_tls").size() == before + 4);
        assertOthersUnharmed();
    }

    /** The server may well have closed before it has taken all. */
    private static void sendQuietly(Peer visitor, byte[] bytes) {
        try {
            visitor.send(bytes);
        } catch (IOException e) {
            // It has.
        }
    }

    @Test
    void aClientHelloThatSaysItIsEndlessIsRefusedAtOnce() throws Exception {
        Peer visitor = tunnel.rawVisitor();
        visitor.send(new byte[] {22, 3, 1, 0, 4, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff});
        assertArrayEquals(new byte[] {21, 3, 3, 0, 2, 2, 22}, visitor.read(7));
        visitor.awaitClosed();
        assertOthersUnharmed();
    }

    @Test
    void aClientHelloInEndlessPiecesIsRefusedAtItsLimit() throws Exception {
        Peer visitor = tunnel.rawVisitor();
        byte[] pieces = new byte[6 * 20_000];
        for (int i = 0; i < pieces.length; i += 6) {
            System.arraycopy(new byte[] {22, 3, 1, 0, 1, 1}, 0, pieces, i, 6);
        }
        sendQuietly(visitor, pieces);
        visitor.awaitClosed();
        assertOthersUnharmed();
    }

    @Test
    void aBrokenHandshakeIsLoggedAndClosed() throws Exception {
        int before = tunnel.server().log().entries("handshake_failed").size();
        Peer visitor = tunnel.rawVisitor();
        byte[] hello = new byte[9 + 34 + 1 + 4 + 2];
        System.arraycopy(new byte[] {22, 3, 1, 0, (byte) (hello.length - 5), 1, 0, 0, (byte) (hello.length - 9), 3, 3}, 0, hello, 0, 11);
        hello[9 + 34 + 2] = 2;
        hello[9 + 34 + 5] = 1;
        visitor.send(hello);
        visitor.awaitClosed();
        Eventually.await("one line", () -> tunnel.server().log().entries("handshake_failed").size() == before + 1);
        assertOthersUnharmed();
    }

    @Test
    void closingAtOnceIsNothing() throws Exception {
        for (int i = 0; i < 50; i++) {
            tunnel.rawVisitor().close();
        }
        assertOthersUnharmed();
    }

    @Test
    void garbageInsideTlsIsABadRequest() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send("\u0000\u0001\u0002\r\n\r\n");
        assertEquals(400, visitor.readResponse().status());
        visitor.awaitClosed();
        assertOthersUnharmed();
    }
}
