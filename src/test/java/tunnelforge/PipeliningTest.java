package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Several requests at once on one connection (RFC 9112 section 9.3.2). */
final class PipeliningTest {
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
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        tunnel.service().serve((request, connection) -> {
            ScriptedService.respond(connection, request.method() + request.target() + request.text());
            return true;
        });
        Peer visitor = tunnel.visitor();
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            all.append(switch (i % 3) {
                case 0 -> tunnel.head("GET /" + i);
                case 1 -> tunnel.head("POST /" + i, "Content-Length: 5") + "hello";
                default -> tunnel.head("PUT /" + i, "Transfer-Encoding: chunked") + "3\r\nabc\r\n0\r\n\r\n";
            });
        }
        visitor.send(all.toString());
        for (int i = 0; i < 50; i++) {
            String wanted = switch (i % 3) {
                case 0 -> "GET/" + i;
                case 1 -> "POST/" + i + "hello";
                default -> "PUT/" + i + "abc";
            };
            assertEquals(wanted, visitor.readResponse().text());
        }
    }

    @Test
    void aRequestIsServedOnlyWhenTheOneBeforeItIsAnswered() throws Exception {
        CountDownLatch mayAnswer = new CountDownLatch(1);
        List<String> served = Collections.synchronizedList(new ArrayList<>());
        tunnel.service().serve((request, connection) -> {
            served.add(request.target());
            try {
                mayAnswer.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            ScriptedService.respond(connection, request.target());
            return true;
        });
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /first", "Content-Length: 2") + "ab" + tunnel.head("GET /second"));
        Eventually.await("the first request is served", () -> !served.isEmpty());
        assertEquals(List.of("/first"), List.copyOf(served));
        mayAnswer.countDown();
        assertEquals("/first", visitor.readResponse().text());
        assertEquals("/second", visitor.readResponse().text());
        assertEquals(List.of("/first", "/second"), List.copyOf(served));
    }

    @Test
    void nothingBehindACloseIsServed() throws Exception {
        tunnel.service().serveText("ok");
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /", "Connection: close") + tunnel.head("GET /never"));
        Message response = visitor.readResponse();
        assertEquals("close", response.get("Connection"));
        assertTrue(visitor.awaitClosed());
        assertEquals(1, tunnel.service().requests());
    }

    @Test
    void emptyLinesBetweenRequestsAreNoRequests() throws Exception {
        tunnel.service().serveText("ok");
        Peer visitor = tunnel.visitor();
        visitor.send("\r\n" + tunnel.head("POST /", "Content-Length: 1") + "x\r\n" + tunnel.head("GET /"));
        assertEquals("ok", visitor.readResponse().text());
        assertEquals("ok", visitor.readResponse().text());
    }
}
