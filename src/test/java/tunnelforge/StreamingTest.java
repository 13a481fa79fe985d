package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
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

/** What is sent bit by bit arrives bit by bit: nothing waits for more to come. */
final class StreamingTest {
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
    void serverSentEventsArriveOneByOne(boolean chunked) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /events", "Accept: text/event-stream"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n"));
        assertEquals("text/event-stream", visitor.readResponseHead().get("Content-Type"));
        for (int i = 0; i < 20; i++) {
            String event = "data: " + i + "\n\n";
            if (chunked) {
                local.sendChunk(event);
            } else {
                local.send(event);
            }
            assertEquals(event, new String(visitor.readChunk(), StandardCharsets.US_ASCII));
        }
        if (chunked) {
            local.send("0\r\n\r\n");
        } else {
            local.close();
        }
        assertEquals(0, visitor.readChunk().length);
    }

    @Test
    void anotherImplementationGetsThemOneByOneToo() throws Exception {
        CompletableFuture<HttpResponse<InputStream>> answer = tunnel.client().sendAsync(HttpRequest.newBuilder(tunnel.url("/events")).build(),
                HttpResponse.BodyHandlers.ofInputStream());
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        try (InputStream body = answer.get(10, TimeUnit.SECONDS).body()) {
            for (int i = 10; i < 20; i++) {
                local.sendChunk("data: " + i + "\n\n");
                assertEquals("data: " + i + "\n\n", new String(body.readNBytes(10), StandardCharsets.US_ASCII));
            }
            local.send("0\r\n\r\n");
            assertEquals(-1, body.read());
        }
    }

    @Test
    void aBodyWithALengthArrivesAsItIsSent() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n");
        visitor.readResponseHead();
        for (String letter : "letter".split("")) {
            local.send(letter);
            assertEquals(letter, visitor.readText(1));
        }
    }

    @Test
    void bothDirectionsStreamAtOnce() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Transfer-Encoding: chunked"));
        Peer local = tunnel.service().accept();
        local.readRequestHead();
        local.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        assertEquals(200, visitor.readResponseHead().status());
        for (int i = 0; i < 20; i++) {
            visitor.sendChunk("question " + i);
            assertEquals("question " + i, new String(local.readChunk(), StandardCharsets.US_ASCII));
            local.sendChunk("answer " + i);
            assertEquals("answer " + i, new String(visitor.readChunk(), StandardCharsets.US_ASCII));
        }
        visitor.send("0\r\n\r\n");
        assertEquals(0, local.readChunk().length);
        local.send("0\r\n\r\n");
        assertEquals(0, visitor.readChunk().length);
    }

    @Test
    void aSlowAnswerDoesNotHoldUpOthersOnTheSameDataConnection() throws Exception {
        Peer[] slow = new Peer[12];
        Peer[] locals = new Peer[12];
        for (int i = 0; i < slow.length; i++) {
            slow[i] = tunnel.visitor();
            slow[i].send(tunnel.head("GET /slow"));
            locals[i] = tunnel.service().accept();
            locals[i].readRequest();
        }
        tunnel.service().serveText("quick");
        for (int i = 0; i < 20; i++) {
            assertEquals("quick", tunnel.get("/quick").text());
        }
        for (int i = slow.length - 1; i >= 0; i--) {
            ScriptedService.respond(locals[i], "slow " + i);
            assertEquals("slow " + i, slow[i].readResponse().text());
        }
    }
}
