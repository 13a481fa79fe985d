package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests whose data connection is lost: they are run once, and answered as if nothing had happened. */
final class ResentRequestsTest {
    private static final int CONTROL = 1;

    private TunnelFixture tunnel;

    @BeforeEach
    void start() throws Exception {
        tunnel = TunnelFixture.start(new TunnelFixture.Options().withRelay());
    }

    @AfterEach
    void stop() throws IOException {
        tunnel.close();
    }

    /** All data connections that there are; the control connection is the first. */
    private void cutData() throws IOException {
        for (Relay.Link link : tunnel.relay().links().stream().skip(CONTROL).toList()) {
            link.cut();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 8_193, 65_536})
    void aRequestIsRunOnceAndAnswered(int length) throws Exception {
        Peer visitor = tunnel.visitor();
        byte[] body = Bodies.ofSize(length);
        visitor.send(tunnel.head("POST /", "Content-Length: " + length)).send(body);
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        cutData();
        local.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nyes");
        local.close();
        Message response = visitor.readResponse();
        assertEquals("yes", response.text());
        assertArrayEquals(body, request.body());
        assertEquals(1, tunnel.service().accepted());
        assertEquals(200, again(visitor), "the visitor's connection goes on");
    }

    private int again(Peer visitor) throws Exception {
        tunnel.service().serveText("again");
        return visitor.send(tunnel.head("GET /")).readResponse().status();
    }

    @Test
    void theControlConnectionMayGoAsWell() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Content-Length: 5") + "hello");
        Peer local = tunnel.service().accept();
        local.readRequest();
        tunnel.relay().cutAll();
        local.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nyes");
        local.close();
        assertEquals("yes", visitor.readResponse().text());
        assertEquals(1, tunnel.service().accepted());
    }

    @Test
    void aResponseGoesOnWhereItWas() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").sendChunk("half");
        visitor.readResponseHead();
        assertEquals("half", new String(visitor.readChunk(), StandardCharsets.US_ASCII));
        for (int i = 0; i < 3; i++) {
            cutData();
            local.sendChunk("more" + i);
            assertEquals("more" + i, new String(visitor.readChunk(), StandardCharsets.US_ASCII));
        }
        cutData();
        local.send("0\r\n\r\n");
        assertEquals(0, visitor.readChunk().length);
        assertEquals(1, tunnel.service().accepted());
    }

    @Test
    void whatTheServiceDidMeanwhileIsTold() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Content-Length: 5") + "hello");
        Peer local = tunnel.service().accept();
        local.readRequest();
        tunnel.relay().cutAllBut(CONTROL, () -> tunnel.server().dataConnections() == 0);
        local.close();
        tunnel.agent().log().await("upstream_failed", Peer.LIMIT);
        tunnel.relay().refuse(false);
        assertEquals("TF-OUTCOME-UNKNOWN", visitor.readResponse().get("TunnelForge-Error"));
        assertEquals(1, tunnel.service().accepted());
    }

    /** Nothing of it was kept. */
    @Test
    void aBodyThatIsStreamedFailsVisibly() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Content-Length: 100000") + "x".repeat(50_000));
        Peer local = tunnel.service().accept();
        local.readHead();
        cutData();
        assertEquals("TF-OUTCOME-UNKNOWN", visitor.readResponse().get("TunnelForge-Error"));
        local.awaitClosed();
    }

    @Test
    void aSessionBreaksOff() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /", "Connection: Upgrade", "Upgrade: x"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
        assertEquals(101, visitor.readResponseHead().status());
        cutData();
        local.awaitClosed();
        visitor.awaitClosed();
    }

    @Test
    void aVisitorThatHasLeftIsNotWaitedFor() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        tunnel.relay().cutAllBut(CONTROL, () -> tunnel.server().dataConnections() == 0);
        visitor.reset();
        Eventually.await("the server has given it up", () -> tunnel.server().waiting() == 0);
        tunnel.relay().refuse(false);
        local.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nyes");
        local.close();
        assertEquals(200, again(tunnel.visitor()));
    }

    /** Longer than any window, through many data connections. */
    @Test
    void aLongDownloadIsWhole() throws Exception {
        byte[] body = Bodies.ofSize(3_000_000);
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        Thread.ofVirtual().start(() -> {
            try {
                local.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n").send(body);
            } catch (IOException e) {
                // The visitor sees it.
            }
        });
        assertEquals(200, visitor.readResponseHead().status());
        byte[] received = new byte[body.length];
        for (int count = 0; count < body.length; count += 150_000) {
            int piece = Math.min(150_000, body.length - count);
            assertEquals(piece, visitor.in().readNBytes(received, count, piece));
            cutData();
        }
        assertArrayEquals(body, received);
        assertEquals(1, tunnel.service().accepted());
    }

    /** Each has its own answer, and has run once. */
    @Test
    void manyRequestsThroughConnectionsThatDie() throws Exception {
        Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
        tunnel.service().serve((request, connection) -> {
            String id = request.get("X-Id");
            runs.computeIfAbsent(id, unknown -> new AtomicInteger()).incrementAndGet();
            ScriptedService.respond(connection, id + request.text());
            return true;
        });
        AtomicBoolean ended = new AtomicBoolean();
        Thread cutter = Thread.ofVirtual().start(() -> {
            for (int i = 0; !ended.get(); i++) {
                List<Relay.Link> links = tunnel.relay().links();
                try {
                    if (links.size() > CONTROL) {
                        links.get(CONTROL + i % (links.size() - CONTROL)).cut();
                    }
                    Thread.sleep(20);
                } catch (IOException | InterruptedException e) {
                    return;
                }
            }
        });
        List<FutureTask<Void>> visitors = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String name = "v" + i + "-";
            visitors.add(new FutureTask<>(() -> {
                Peer visitor = tunnel.visitor();
                for (int j = 0; j < 100; j++) {
                    String body = "x".repeat(j * 37 % 3_000);
                    visitor.send(tunnel.head("POST /", "X-Id: " + name + j, "Content-Length: " + body.length()) + body);
                    Message response = visitor.readResponse();
                    assertEquals(200, response.status(), response::text);
                    assertEquals(name + j + body, response.text());
                }
                return null;
            }));
        }
        visitors.forEach(task -> Thread.ofVirtual().start(task));
        for (FutureTask<Void> visitor : visitors) {
            visitor.get();
        }
        ended.set(true);
        cutter.join();
        assertEquals(800, runs.size());
        runs.forEach((id, count) -> assertEquals(1, count.get(), id));
    }
}
