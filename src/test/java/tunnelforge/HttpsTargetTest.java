package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.TestAgent;
import tunnelforge.net.ClientHello;

/** A local service that speaks TLS: here another tunnel of the same server, so that a request passes two of them. */
final class HttpsTargetTest {
    private static TunnelFixture tunnel;
    private static URI outer;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start();
        outer = URI.create(tunnel.startAgent(tunnel.url().toString(),
                new TestAgent.Options().upstreamInsecure().hostHeader(tunnel.authority())).url());
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
    void requestsAndResponsesPass() throws Exception {
        tunnel.service().serve((request, connection) -> {
            assertEquals(tunnel.authority(), request.get("Host"));
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").send(Bodies.chunked(request.body(), 50_000)).send("X-Last: 1\r\n\r\n");
            return true;
        });
        byte[] body = Bodies.ofSize(1_000_000);
        Peer visitor = tunnel.visitor(outer.getHost());
        for (int round = 0; round < 2; round++) {
            visitor.send("POST / HTTP/1.1\r\nHost: " + outer.getAuthority() + "\r\nContent-Length: " + body.length + "\r\n\r\n").send(body);
            Message response = visitor.readResponse();
            assertArrayEquals(body, response.body());
            assertEquals("1", response.trailer("X-Last"));
        }
    }

    @Test
    void upgradesPassAndEachDirectionEndsByItself() throws Exception {
        Peer visitor = tunnel.visitor(outer.getHost());
        visitor.send("GET / HTTP/1.1\r\nHost: " + outer.getAuthority() + "\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
        assertEquals(101, visitor.readResponse().status());
        visitor.send("there").finish();
        assertEquals("there", new String(local.readToEnd(), StandardCharsets.US_ASCII));
        local.send("and back").finish();
        assertEquals("and back", new String(visitor.readToEnd(), StandardCharsets.US_ASCII));
    }

    @Test
    void aBrokenResponseIsSeenBrokenThroughBoth() throws Exception {
        Peer visitor = tunnel.visitor(outer.getHost());
        visitor.send("GET / HTTP/1.1\r\nHost: " + outer.getAuthority() + "\r\n\r\n");
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
        local.close();
        visitor.readResponseHead();
        assertEquals("half", new String(visitor.readChunk(), StandardCharsets.US_ASCII));
        assertThrows(IOException.class, visitor::readChunk);
    }

    @Test
    void aVisitorThatLeavesIsNoticedThroughBoth() throws Exception {
        Peer visitor = tunnel.visitor(outer.getHost());
        visitor.send("GET / HTTP/1.1\r\nHost: " + outer.getAuthority() + "\r\n\r\n");
        Peer local = tunnel.service().accept();
        local.readRequest();
        visitor.reset();
        local.awaitClosed();
    }

    private static String head(URI of, String methodAndTarget) {
        return methodAndTarget + " HTTP/1.1\r\nHost: " + of.getAuthority() + "\r\n\r\n";
    }

    /** The rest of a body and what nobody has asked for are one record: TLS has decrypted it, and nothing is left to see on the raw socket. */
    @ParameterizedTest
    @ValueSource(ints = {5, 8_000, 9_000, 16_000, 28_000, 44_000, 60_000})
    void whatComesBehindAnAnswerInItsLastRecordIsNotAnotherVisitorsAnswer(int length) throws Exception {
        try (TlsService service = new TlsService()) {
            URI direct = URI.create(tunnel.startAgent(service.target(), new TestAgent.Options().upstreamInsecure()).url());
            Peer visitor = tunnel.visitor(direct.getHost());
            visitor.send(head(direct, "GET /first"));
            Peer local = service.next();
            local.readRequest();
            byte[] body = Bodies.ofSize(length);
            int last = Math.min(length, 12_000);
            local.send("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
            local.send(Arrays.copyOf(body, length - last));
            byte[] surplus = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen".getBytes(StandardCharsets.US_ASCII);
            byte[] record = Arrays.copyOfRange(body, length - last, length + surplus.length);
            System.arraycopy(surplus, 0, record, last, surplus.length);
            local.send(record);
            assertArrayEquals(body, visitor.readResponse().body());
            Peer another = tunnel.visitor(direct.getHost());
            another.send(head(direct, "GET /second"));
            Peer fresh = service.next();
            assertEquals("/second", fresh.readRequest().target());
            ScriptedService.respond(fresh, "second");
            assertEquals("second", another.readResponse().text());
        }
    }

    /** No goodbye of TLS comes before the end of the stream. */
    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void aKeptConnectionThatEndsByFinAloneIsReplacedWithoutAnError(String method) throws Exception {
        try (TlsService service = new TlsService()) {
            URI direct = URI.create(tunnel.startAgent(service.target(), new TestAgent.Options().upstreamInsecure()).url());
            Peer visitor = tunnel.visitor(direct.getHost());
            for (int round = 0; round < 3; round++) {
                visitor.send(head(direct, method + " /" + round));
                Peer local = service.next();
                assertEquals("/" + round, local.readRequest().target());
                ScriptedService.respond(local, "ok");
                assertEquals("ok", visitor.readResponse(method).text());
                local.socket().shutdownOutput();
            }
        }
    }

    /** The JDK leaves the name out where it has no dot, and a server that knows no other for itself answers with an alert. */
    @ParameterizedTest
    @CsvSource({"localhost, localhost", "127.0.0.1, "})
    void theTargetsNameIsAskedForThoughItHasNoDot(String host, String name) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            listener.setSoTimeout((int) Peer.LIMIT.toMillis());
            URI direct = URI.create(tunnel.startAgent("https://" + host + ':' + listener.getLocalPort(), new TestAgent.Options().upstreamInsecure()).url());
            Peer visitor = tunnel.visitor(direct.getHost());
            visitor.send(head(direct, "GET /"));
            assertEquals(name, asked(listener));
            assertEquals(502, visitor.readResponse().status());
        }
    }

    /** By the first connection that says anything: others only look whether somebody listens. */
    private static String asked(ServerSocket listener) throws IOException {
        while (true) {
            try (Socket socket = listener.accept()) {
                return ClientHello.read(socket.getInputStream(), ClientHello.DEFAULT_LIMIT_BYTES).serverName();
            } catch (EOFException e) {
                // The next one.
            }
        }
    }

    @Test
    void aConnectionOverTlsServesManyRequests() throws Exception {
        try (TlsService service = new TlsService()) {
            URI direct = URI.create(tunnel.startAgent(service.target(), new TestAgent.Options().upstreamInsecure()).url());
            Peer visitor = tunnel.visitor(direct.getHost());
            visitor.send(head(direct, "GET /0"));
            Peer local = service.next();
            for (int round = 0; round < 3; round++) {
                assertEquals("/" + round, local.readRequest().target());
                ScriptedService.respond(local, "ok");
                assertEquals("ok", visitor.readResponse().text());
                visitor.send(head(direct, "GET /" + (round + 1)));
            }
            assertEquals(1, service.accepted());
        }
    }

    @Test
    void aCertificateThatIsNotTrustedIsAnError() throws Exception {
        URI strict = URI.create(tunnel.startAgent(tunnel.url().toString(), new TestAgent.Options().hostHeader(tunnel.authority())).url());
        Peer visitor = tunnel.visitor(strict.getHost());
        visitor.send("GET / HTTP/1.1\r\nHost: " + strict.getAuthority() + "\r\n\r\n");
        Message response = visitor.readResponse();
        assertEquals(502, response.status());
        assertTrue(response.get("TunnelForge-Error").startsWith("TF-UPSTREAM-"));
        assertEquals(0, tunnel.service().accepted());
    }
}
