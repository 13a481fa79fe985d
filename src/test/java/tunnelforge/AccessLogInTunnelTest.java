package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.json.JsonBoolean;
import tunnelforge.json.JsonNull;
import tunnelforge.json.JsonNumber;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonString;
import tunnelforge.json.JsonValue;
import tunnelforge.server.accesslog.AccessLogOptions;

/** What the access log says of requests and sessions, however they end: one line for each, and none for agents. */
final class AccessLogInTunnelTest {
    private static final int CONTROL = 1;

    @TempDir
    private Path directory;

    private TunnelFixture tunnel;
    private AccessLines lines;
    private TunnelFixture.Options options;

    @BeforeEach
    void prepare() {
        options = new TunnelFixture.Options();
        Path file = directory.resolve("access.json");
        options.server().accessLog(file, AccessLogOptions.Format.JSON);
        lines = new AccessLines(file);
    }

    private void start() throws Exception {
        tunnel = TunnelFixture.start(options);
    }

    /** Every line was looked at. */
    @AfterEach
    void stop() throws IOException {
        int seen = lines.seen();
        tunnel.close();
        assertEquals(seen, lines.all().size(), () -> "one line too many: " + lines.all());
    }

    private static void assertSays(JsonObject line, Object... namesAndValues) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            JsonValue expected = switch (namesAndValues[i + 1]) {
                case null -> JsonNull.NULL;
                case String text -> new JsonString(text);
                case Integer number -> JsonNumber.of(number);
                case Boolean truth -> new JsonBoolean(truth);
                default -> throw new IllegalArgumentException();
            };
            assertEquals(expected, line.get((String) namesAndValues[i]), namesAndValues[i] + " of " + line);
        }
    }

    private static double millis(JsonObject line, String name) {
        return Double.parseDouble(((JsonNumber) line.get(name)).text());
    }

    // ---- Answers of the local service. ----

    @Test
    void aRequestIsToldWithAllThatIsKnown() throws Exception {
        start();
        tunnel.service().serveText("hello");
        tunnel.visitor().send(tunnel.head("GET /a?b=%20\"c", "Referer: http://r.example/", "User-Agent: test/1", "Cookie: secret", "Authorization: Basic c2VjcmV0OnNlY3JldA==")).readResponse();
        JsonObject line = lines.nextObject();
        assertSays(line, "protocol", "https", "visitor", "127.0.0.1", "user", null, "host", tunnel.host(), "account", "default", "method", "GET", "target", "/a?b=%20\"c",
                "unread", null, "status", 200, "error", null, "complete", true, "bytes_in", 0, "bytes_out", 5, "resent", 0, "referer", "http://r.example/", "user_agent", "test/1");
        assertTrue(millis(line, "duration_ms") >= millis(line, "wait_ms") + millis(line, "agent_ms"), line.toString());
        assertTrue(millis(line, "agent_ms") > 0, line.toString());
        assertFalse(lines.all().toString().contains("c2Vj"), lines.all().toString());
        assertFalse(lines.all().toString().contains("secret"), lines.all().toString());
    }

    @Test
    void theRequestIdIsThatOfTheLocalService() throws Exception {
        start();
        Peer visitor = tunnel.visitor().send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        ScriptedService.respond(local, "");
        visitor.readResponse();
        assertSays(lines.nextObject(), "request_id", request.get("tunnelforge-request-id"));
    }

    @Test
    void contentIsCountedBothWaysWithoutItsFraming() throws Exception {
        start();
        byte[] content = Bodies.ofSize(200_000);
        tunnel.service().serve((request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
            return true;
        });
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /length", "Content-Length: 5") + "hello").readResponse();
        visitor.send(tunnel.head("POST /large", "Content-Length: " + content.length)).send(content).readResponse();
        visitor.send(tunnel.head("POST /chunked", "Transfer-Encoding: chunked")).sendChunk("hello").sendChunk(" you").send("0\r\n\r\n").readResponse();
        visitor.send(tunnel.head("HEAD /head")).readResponse("HEAD");
        assertSays(lines.nextObject(), "target", "/length", "bytes_in", 5, "bytes_out", 7);
        assertSays(lines.nextObject(), "target", "/large", "bytes_in", content.length, "bytes_out", 7);
        assertSays(lines.nextObject(), "target", "/chunked", "bytes_in", 9, "bytes_out", 7);
        assertSays(lines.nextObject(), "target", "/head", "method", "HEAD", "bytes_in", 0, "bytes_out", 0);
    }

    @Test
    void pipelinedRequestsAreToldInTheirOrder() throws Exception {
        start();
        tunnel.service().serveText("ok");
        Peer visitor = tunnel.visitor().send(tunnel.head("GET /1") + tunnel.head("GET /2") + tunnel.head("GET /3", "Connection: close"));
        for (int i = 1; i <= 3; i++) {
            visitor.readResponse();
        }
        for (int i = 1; i <= 3; i++) {
            assertSays(lines.nextObject(), "target", "/" + i, "status", 200);
        }
    }

    @Test
    void aBrokenOffAnswerIsNotComplete() throws Exception {
        start();
        tunnel.service().serve((request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
            return false;
        });
        tunnel.visitor().send(tunnel.head("GET /")).awaitClosed();
        assertSays(lines.nextObject(), "status", 200, "complete", false, "bytes_out", 3);
    }

    @Test
    void aVisitorThatLeavesUnansweredIsToldAsByNginx() throws Exception {
        start();
        Peer visitor = tunnel.visitor().send(tunnel.head("GET /"));
        tunnel.service().accept().readRequest();
        visitor.reset();
        assertSays(lines.nextObject(), "status", 499, "complete", false, "method", "GET", "host", tunnel.host());
    }

    @Test
    void anUpgradedSessionIsToldAtItsEnd() throws Exception {
        start();
        Peer visitor = tunnel.visitor().send(tunnel.head("GET /chat", "Connection: upgrade", "Upgrade: chat/2"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat/2\r\n\r\n");
        visitor.readResponse();
        visitor.send("ping");
        assertEquals("ping", local.readText(4));
        local.send("pongpong");
        assertEquals("pongpong", visitor.readText(8));
        assertEquals(List.of(), lines.all());
        local.closePolitely();
        visitor.closePolitely();
        assertSays(lines.nextObject(), "target", "/chat", "status", 101, "bytes_in", 4, "bytes_out", 8, "complete", true);
    }

    @Test
    void aRequestThatWasSentAgainSaysSo() throws Exception {
        options.withRelay();
        start();
        Peer visitor = tunnel.visitor().send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        for (Relay.Link link : tunnel.relay().links().stream().skip(CONTROL).toList()) {
            link.cut();
        }
        ScriptedService.respond(local, "yes");
        assertEquals("yes", visitor.readResponse().text());
        JsonObject line = lines.nextObject();
        assertSays(line, "status", 200, "complete", true);
        // Those that are cut last may have carried it as well.
        assertTrue(line.integer("resent", 0, 9) >= 1, line.toString());
    }

    // ---- Answers of the server's own. ----

    @Test
    void pagesAreToldWithTheirCode() throws Exception {
        start();
        Peer visitor = tunnel.visitor("nobody.tunnel.localhost");
        int length = visitor.send("GET /x HTTP/1.1\r\nHost: nobody.tunnel.localhost:1\r\n\r\n").readResponse().body().length;
        visitor.send("HEAD /x HTTP/1.1\r\nHost: nobody.tunnel.localhost:1\r\n\r\n").readResponse("HEAD");
        visitor.send("POST /_tunnelforge/control HTTP/1.1\r\nHost: nobody.tunnel.localhost\r\nContent-Length: 3\r\n\r\nabc").readResponse();
        assertSays(lines.nextObject(), "status", 404, "error", "TF-TUNNEL-UNKNOWN", "host", "nobody.tunnel.localhost:1", "account", null, "bytes_out", length, "complete", true,
                "request_id", null);
        assertSays(lines.nextObject(), "status", 404, "bytes_out", 0);
        assertSays(lines.nextObject(), "status", 404, "target", "/_tunnelforge/control", "bytes_in", 3);
    }

    @Test
    void aRefusedHeadIsToldAsItCame() throws Exception {
        start();
        tunnel.visitor().send("GET /a\tb HTTP/1.1\r\nHost: x\r\n\r\n").readResponse();
        tunnel.visitor().send("\u0016\u0003 \"\\\r\n\r\n").readResponse();
        tunnel.visitor().send("GET / HTTP/1.1\r\nHost: x\r\nBad Name: x\r\n\r\n").readResponse();
        tunnel.visitor().send("GET /" + "a".repeat(70_000)).readResponse();
        tunnel.visitor().send(tunnel.head("GET http://elsewhere.example/ ", "Host: a")).readResponse();
        assertSays(lines.nextObject(), "status", 400, "error", "TF-BAD-REQUEST", "unread", "GET /a\tb HTTP/1.1", "method", null, "target", null, "host", null);
        assertSays(lines.nextObject(), "status", 400, "unread", "\u0016\u0003 \"\\");
        assertSays(lines.nextObject(), "status", 400, "unread", "GET / HTTP/1.1");
        assertSays(lines.nextObject(), "status", 414, "error", "TF-TOO-LARGE", "unread", "GET /" + "a".repeat(1_019));
        assertSays(lines.nextObject(), "status", 400);
    }

    @Test
    void whatIsAnsweredWithoutBeingReadIsTold() throws Exception {
        start();
        tunnel.rawVisitor().send("GET / HTTP/1.1\r\n\r\n").readResponse();
        assertSays(lines.nextObject(), "protocol", "http", "status", 400, "error", "TF-BAD-REQUEST", "unread", "", "method", null, "complete", true);
    }

    @Test
    void aBodyThatIsRefusedBelongsToItsRequest() throws Exception {
        start();
        tunnel.visitor().send(tunnel.head("POST /b", "Transfer-Encoding: chunked") + "2\r\nok\r\nx\r\n").readResponse();
        assertSays(lines.nextObject(), "status", 400, "error", "TF-BAD-REQUEST", "method", "POST", "target", "/b", "unread", null);
    }

    @Test
    void onlyAUserWhoWasLetInIsNamed() throws Exception {
        options.agent().visitors(List.of("zoë:right"), List.of(), List.of());
        start();
        tunnel.service().serveText("in");
        Peer visitor = tunnel.visitor();
        for (String login : List.of("zoë:right", "zoë:wrong")) {
            visitor.send(tunnel.head("GET /", "Authorization: Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)))).readResponse();
        }
        assertSays(lines.nextObject(), "status", 200, "user", "zoë", "error", null);
        assertSays(lines.nextObject(), "status", 401, "user", null, "error", "TF-VISITOR-REFUSED", "host", tunnel.host(), "account", "default");
    }

    @Test
    void theVisitorIsTheOneForWhomALoadBalancerAsks() throws Exception {
        options.server().trustForwarded("127.0.0.1");
        start();
        tunnel.service().serveText("ok");
        tunnel.visitor().send(tunnel.head("GET /", "X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: http")).readResponse();
        assertSays(lines.nextObject(), "visitor", "203.0.113.7");
    }

    @Test
    void aRedirectToHttpsIsTold() throws Exception {
        options.server().http();
        start();
        tunnel.plainVisitor().send(tunnel.head("GET /x")).readResponse();
        assertSays(lines.nextObject(), "protocol", "http", "status", 308, "error", null, "host", tunnel.host());
    }

    // ---- Sessions. ----

    @Test
    void aSessionOfATcpTunnelIsToldAtItsEnd() throws Exception {
        options.tcp();
        start();
        Peer visitor = tunnel.tcpVisitor();
        visitor.send("ping");
        Peer local = tunnel.service().accept("ping");
        local.send("pong!");
        assertEquals("pong!", visitor.readText(5));
        visitor.send(Bodies.ofSize(100_000));
        local.read(100_000);
        visitor.finish();
        local.closePolitely();
        visitor.awaitClosed();
        assertSays(lines.nextObject(), "protocol", "tcp", "visitor", "127.0.0.1", "host", tunnel.host() + ":" + tunnel.url().getPort(), "account", "default", "method", null, "status", null,
                "error", null, "complete", true, "bytes_in", 100_004, "bytes_out", 5);
    }

    @Test
    void aSessionThatIsRefusedIsTold() throws Exception {
        options.tcp();
        options.agent().visitors(List.of(), List.of(), List.of(InetAddress.getLoopbackAddress().getHostAddress()));
        start();
        tunnel.tcpVisitor().awaitReset();
        assertSays(lines.nextObject(), "protocol", "tcp", "error", "TF-VISITOR-REFUSED", "complete", false, "bytes_in", 0, "bytes_out", 0);
    }
}
