package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A response that breaks off is seen broken by the visitor, never as a shorter whole. */
final class BrokenOffResponsesTest {
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

    private void begin(Peer visitor, String request, String half, boolean reset) throws Exception {
        visitor.send(request);
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send(half);
        if (reset) {
            // What was sent is to arrive before the reset does.
            visitor.in().mark(1);
            visitor.in().read();
            visitor.in().reset();
            local.reset();
        } else {
            local.close();
        }
    }

    private void assertOthersUnharmed() throws Exception {
        tunnel.service().serveText("unharmed");
        assertEquals("unharmed", tunnel.get("/").text());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void inALength(boolean reset) throws Exception {
        Peer visitor = tunnel.visitor();
        begin(visitor, tunnel.head("GET /"), "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", reset);
        Message response = visitor.readResponseHead();
        assertEquals("100", response.get("Content-Length"));
        assertThrows(IOException.class, () -> visitor.read(100));
        assertOthersUnharmed();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void inChunks(boolean reset) throws Exception {
        Peer visitor = tunnel.visitor();
        begin(visitor, tunnel.head("GET /"), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", reset);
        visitor.readResponseHead();
        assertEquals("half", new String(visitor.readChunk(), StandardCharsets.US_ASCII));
        assertThrows(IOException.class, visitor::readChunk);
        assertOthersUnharmed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"4\r\nha", "4\r\nhalf\r\nzz\r\n", "4\r\nhalf\r\n-1\r\n", "4\r\nhalfX\r\n", "4\r\nhalf\r\n0\r\nbad trailer\r\n\r\n", "4\r\nhalf\r0\r\n\r\n"})
    void inBadChunks(String body) throws Exception {
        Peer visitor = tunnel.visitor();
        begin(visitor, tunnel.head("GET /"), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body, false);
        assertThrows(IOException.class, () -> {
            Message response = visitor.readResponse();
            if (response.status() != 200) {
                throw new IOException("an error page is as good");
            }
        });
        assertOthersUnharmed();
    }

    @Test
    void inABodyEndedByClosing() throws Exception {
        Peer visitor = tunnel.visitor();
        begin(visitor, tunnel.head("GET /"), "HTTP/1.1 200 OK\r\n\r\nhalf", true);
        visitor.readResponseHead();
        assertEquals("half", new String(visitor.readChunk(), StandardCharsets.US_ASCII));
        assertThrows(IOException.class, visitor::readChunk);
        assertOthersUnharmed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK\r\n\r\nhalf", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"})
    void forAVisitorWhoKnowsTheEndByTheConnectionOnly(String half) throws Exception {
        Peer visitor = tunnel.visitor();
        begin(visitor, "GET / HTTP/1.0\r\nHost: " + tunnel.authority() + "\r\n\r\n", half, true);
        assertFalse(visitor.awaitClosed(), "the visitor saw a clean end");
        assertOthersUnharmed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 100\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"})
    void forAnotherImplementation(String half) throws Exception {
        CompletableFuture<HttpResponse<String>> response = tunnel.client().sendAsync(HttpRequest.newBuilder(tunnel.url("/")).build(),
                HttpResponse.BodyHandlers.ofString());
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\n" + half);
        local.close();
        assertThrows(java.util.concurrent.ExecutionException.class, () -> response.get(10, TimeUnit.SECONDS));
    }

    @Test
    void inTheMiddleOfALargeBody() throws Exception {
        tunnel.service().serve((request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n").send(new byte[2_000_000]);
            return false;
        });
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /")).readResponseHead();
        assertThrows(IOException.class, () -> visitor.read(3_000_000));
    }
}
