package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.net.ManualClock;
import tunnelforge.net.TestHello;

/** Refused visitors are refused by the server, in whatever way they come: nothing of them reaches the agent, or the local service. */
final class WhoMayVisitTest {
    private static final String RIGHT = "eve:one";
    private static final String SECOND = "zoë:pässwort✓";
    private static final String WRONG = "eve:guess";
    private static final String AWAITS = "Expect: 100-continue";
    /** Visitors come from 127.0.0.1 unless they are these. */
    private static final String ELSEWHERE = "127.0.0.2";

    /** Authorization as the local service gets it, of each request. */
    private final ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
    private TunnelFixture tunnel;

    @AfterEach
    void stop() throws IOException {
        if (tunnel != null) {
            tunnel.close();
        }
    }

    private TunnelFixture start(List<String> users, List<String> allow, List<String> deny) throws Exception {
        return start(new TunnelFixture.Options().http(), users, allow, deny);
    }

    private TunnelFixture start(TunnelFixture.Options options, List<String> users, List<String> allow, List<String> deny) throws Exception {
        options.agent().visitors(users, allow, deny);
        tunnel = TunnelFixture.start(options);
        serve();
        return tunnel;
    }

    private void serve() {
        tunnel.service().serve((request, connection) -> {
            seen.add(String.valueOf(request.get("Authorization")));
            if (request.has("Upgrade")) {
                connection.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
                return false;
            }
            ScriptedService.respond(connection, request.method().equals("HEAD") ? "" : "served");
            return true;
        });
    }

    private static String basic(String userAndPassword) {
        return "Authorization: Basic " + Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8));
    }

    // ---- Every way in. ----

    /** What of a way in differs from the usual one. */
    private record Way(String name, String startLine, boolean plain, boolean sni, String before, List<String> lines, String body) {
        static Way of(String name, String startLine, String... lines) {
            return new Way(name, startLine, false, true, "", List.of(lines), "");
        }

        Way onThePlainPort() {
            return new Way(name + ", without TLS", startLine, true, sni, before, lines, body);
        }

        Way withoutSni() {
            return new Way(name + ", without SNI", startLine, plain, false, before, lines, body);
        }

        Way with(String content) {
            return new Way(name, startLine, plain, sni, before, lines, content);
        }

        /** {@code request}: comes before it on the same connection, in the same packet. */
        Way behind(String request) {
            return new Way(name, startLine, plain, sni, request, lines, body);
        }

        String method() {
            return startLine.substring(0, startLine.indexOf(' '));
        }
    }

    private List<Way> ways() {
        List<Way> ways = new ArrayList<>();
        for (Way way : List.of(Way.of("origin-form", "GET /a?b HTTP/1.1"),
                Way.of("HTTP/1.0", "GET / HTTP/1.0"),
                Way.of("HEAD", "HEAD / HTTP/1.1"),
                Way.of("content", "POST / HTTP/1.1", "Content-Length: 7").with("content"),
                Way.of("chunked content", "POST / HTTP/1.1", "Transfer-Encoding: chunked").with("7\r\ncontent\r\n0\r\n\r\n"),
                Way.of("content that is awaited", "POST / HTTP/1.1", "Content-Length: 7", AWAITS),
                Way.of("upgrade", "GET / HTTP/1.1", "Connection: Upgrade", "Upgrade: echo"),
                Way.of("OPTIONS", "OPTIONS * HTTP/1.1"),
                Way.of("OPTIONS for this server", "OPTIONS / HTTP/1.1", "Max-Forwards: 0"),
                Way.of("OPTIONS for nobody", "OPTIONS / HTTP/1.1", "Max-Forwards: none"),
                Way.of("Authorization for one hop", "GET / HTTP/1.1", "Connection: Authorization"),
                Way.of("behind one that may", "GET / HTTP/1.1").behind("GET /first HTTP/1.1\r\nHost: %s\r\n" + basic(RIGHT) + "\r\n\r\n"),
                Way.of("behind one that may not", "GET / HTTP/1.1").behind("GET /first HTTP/1.1\r\nHost: %s\r\n\r\n"))) {
            ways.add(way);
            ways.add(way.onThePlainPort());
            ways.add(way.withoutSni());
        }
        ways.add(Way.of("absolute-form", "GET https://%s/ HTTP/1.1"));
        ways.add(Way.of("absolute-form", "GET http://%s/ HTTP/1.1").onThePlainPort());
        return ways;
    }

    private Peer connect(Way way, String from) throws IOException {
        return way.plain ? tunnel.tcp(tunnel.server().httpPort(), from) : tunnel.visitor(way.sni ? tunnel.host() : null, from);
    }

    /** The answer, behind that to what came before. */
    private Message visit(Way way, String from, boolean admitted, String... more) throws IOException {
        Peer visitor = connect(way, from);
        StringBuilder head = new StringBuilder(way.before.formatted(tunnel.authority())).append(way.startLine.formatted(tunnel.authority())).append("\r\nHost: ")
                .append(tunnel.authority()).append("\r\n");
        way.lines.forEach(line -> head.append(line).append("\r\n"));
        List.of(more).forEach(line -> head.append(line).append("\r\n"));
        visitor.send(head.append("\r\n").append(way.body).toString());
        if (!way.before.isEmpty()) {
            visitor.readResponse();
        }
        if (way.lines.contains(AWAITS) && admitted) {
            visitor.send("content");
        }
        Message first = visitor.readResponseHead();
        visitor.closePolitely();
        return first;
    }

    @TestFactory
    List<DynamicTest> refusedInEveryWayByTheServerAlone() throws Exception {
        start(List.of(RIGHT, SECOND), List.of("127.0.0.1", "127.0.0.3"), List.of("127.0.0.3/32"));
        return ways().stream().map(way -> DynamicTest.dynamicTest(way.name, () -> {
            boolean otherComesBefore = way.before.contains("Authorization");
            assertAsked(visit(way, "127.0.0.1", false));
            assertAsked(visit(way, "127.0.0.1", false, basic(WRONG)));
            assertEquals(otherComesBefore ? 2 : 0, seen.size());
            for (String from : List.of(ELSEWHERE, "127.0.0.3")) {
                if (way.before.isEmpty()) {
                    Message refused = visit(way, from, false, basic(RIGHT));
                    assertEquals(403, refused.status());
                    assertEquals("TF-VISITOR-REFUSED", refused.get("TunnelForge-Error"));
                    assertNull(refused.get("WWW-Authenticate"));
                }
            }
            assertEquals(otherComesBefore ? 2 : 0, seen.size());
            seen.clear();
            for (String right : List.of(RIGHT, SECOND)) {
                int status = visit(way, "127.0.0.1", true, basic(right)).status();
                assertEquals(way.lines.contains("Upgrade: echo") ? 101 : way.lines.contains("Max-Forwards: none") ? 400 : 200, status);
            }
            assertTrue(seen.stream().allMatch("null"::equals), "no password comes to the service: " + seen);
            assertEquals(way.startLine.startsWith("OPTIONS /") ? 0 : otherComesBefore ? 4 : 2, seen.size());
            seen.clear();
        })).toList();
    }

    private void assertAsked(Message response) {
        assertEquals(401, response.status());
        assertEquals("TF-VISITOR-REFUSED", response.get("TunnelForge-Error"));
        assertEquals("Basic realm=\"" + tunnel.host() + "\", charset=\"UTF-8\"", response.get("WWW-Authenticate"));
    }

    // ---- What is asked for. ----

    private Message get(String... lines) throws IOException {
        try (Peer visitor = tunnel.visitor()) {
            return visitor.send(tunnel.head("GET /", lines)).readResponse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Authorization: Basic !", "Authorization: Basic", "Authorization: Basic ZXZl", "Authorization: Bearer ZXZlOm9uZQ==",
        "Authorization: Basic ZXZlOm9uZQ==\r\nAuthorization: Basic ZXZlOm9uZQ==", "Authorization: Basic ZXZlOmd1ZXNz\r\nauthorization: Basic ZXZlOm9uZQ==",
        "Authorization: Basic ZXZlOm9uZQ==, Basic ZXZlOm9uZQ==", "X-Authorization: Basic ZXZlOm9uZQ==", "Proxy-Authorization: Basic ZXZlOm9uZQ=="})
    void whatIsOddIsNoPassword(String lines) throws Exception {
        start(List.of(RIGHT), List.of(), List.of());
        assertAsked(get(lines));
        assertEquals(200, get("authorization: basic ZXZlOm9uZQ==").status());
        assertEquals(List.of("null"), List.copyOf(seen));
    }

    @Test
    void withoutAuthAuthorizationIsTheServices() throws Exception {
        start(List.of(), List.of(), List.of(ELSEWHERE));
        assertEquals(200, get(basic(WRONG)).status());
        assertEquals(200, get("Authorization: Bearer x").status());
        assertEquals(List.of(basic(WRONG).substring("Authorization: ".length()), "Bearer x"), List.copyOf(seen));
    }

    @Test
    void eachRequestOfAKeptConnectionIsJudged() throws Exception {
        start(List.of(RIGHT), List.of(), List.of());
        Peer visitor = tunnel.visitor();
        for (int i = 0; i < 3; i++) {
            assertEquals(200, visitor.send(tunnel.head("GET /", basic(RIGHT))).readResponse().status());
            assertAsked(visitor.send(tunnel.head("GET /")).readResponse());
        }
        assertEquals(3, seen.size());
    }

    /** A password is not asked for without TLS where TLS is to be had. */
    @Test
    void theRedirectToHttpsAsksForNothing() throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options().http();
        options.agent().protocol("https");
        start(options, List.of(RIGHT), List.of(), List.of());
        Message redirect = tunnel.plainVisitor().send(tunnel.head("GET /x")).readResponse();
        assertEquals(308, redirect.status());
        assertEquals(tunnel.url("/x").toString(), redirect.get("Location"));
    }

    @Test
    void whoGuessesWaitsAndTheLogNamesNoPassword() throws Exception {
        ManualClock clock = new ManualClock();
        TunnelFixture.Options options = new TunnelFixture.Options().http();
        options.server().clock(clock);
        start(options, List.of(RIGHT), List.of(), List.of());
        for (int i = 0; i < 5; i++) {
            assertAsked(get(basic("eve:secret" + i)));
        }
        Message refused = get(basic(RIGHT));
        assertEquals(429, refused.status());
        assertEquals("TF-RATE-LIMITED", refused.get("TunnelForge-Error"));
        assertEquals("1", refused.get("Retry-After"));
        assertAsked(get());
        assertEquals(200, tunnel.visitor(tunnel.host(), ELSEWHERE).send(tunnel.head("GET /", basic(RIGHT))).readResponse().status());
        clock.advance(Duration.ofSeconds(1));
        assertEquals(200, get(basic(RIGHT)).status());
        assertEquals("a visitor has shown a wrong user name or password", tunnel.server().log().await("visitor_refused", Peer.LIMIT).message());
        String logged = tunnel.server().log().entries().toString() + tunnel.agent().log().entries();
        for (String secret : List.of("secret0", "one", "ZXZl")) {
            assertFalse(logged.contains(secret + ",") || logged.contains(":" + secret) || logged.contains("=" + secret) || logged.contains("ZXZl"), logged);
        }
    }

    // ---- Behind a load balancer. ----

    @Test
    void whatVisitorsSayOfThemselvesIsNotBelieved() throws Exception {
        start(List.of(), List.of("203.0.113.0/24"), List.of());
        for (String line : List.of("X-Forwarded-For: 203.0.113.9", "Forwarded: for=203.0.113.9", "X-Real-IP: 203.0.113.9", "CF-Connecting-IP: 203.0.113.9", "X_Forwarded_For: 203.0.113.9")) {
            assertEquals(403, get(line).status(), line);
        }
        assertEquals(0, seen.size());
    }

    @Test
    void theLoadBalancersWordCountsAndWhatStandsBeforeItDoesNot() throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options().http();
        options.server().trustForwarded("127.0.0.0/8");
        start(options, List.of(), List.of("203.0.113.0/24"), List.of("203.0.113.66"));
        assertEquals(200, get("X-Forwarded-For: 203.0.113.9").status());
        assertEquals(200, get("X-Forwarded-For: 6.6.6.6, 203.0.113.9, 127.0.0.7").status());
        assertEquals(200, get("Forwarded: for=\"203.0.113.9:80\";proto=https").status());
        for (String line : List.of("X-Forwarded-For: 203.0.113.9, 6.6.6.6", "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 203.0.113.66",
                "X-Forwarded-For: 203.0.113.9, unknown", "Forwarded: for=203.0.113.9, for=_hidden", "Forwarded: for=203.0.113.9\r\nX-Forwarded-For: 6.6.6.6", "Accept: */*")) {
            assertEquals(403, get(line).status(), line);
        }
        assertEquals(3, seen.size());
    }

    // ---- Sessions. ----

    @Test
    void aTcpVisitorFromElsewhereIsResetBeforeAnything() throws Exception {
        start(new TunnelFixture.Options().tcp(), List.of(), List.of("127.0.0.1"), List.of());
        tunnel.service().reset();
        tunnel.tcp(tunnel.url().getPort(), ELSEWHERE).awaitReset();
        Peer visitor = tunnel.tcpVisitor().send("hello");
        assertEquals("hello", tunnel.service().accept().readText(5));
        assertEquals(1, tunnel.service().accepted());
        visitor.close();
        assertEquals("127.0.0.2", tunnel.server().log().await("session_refused", Peer.LIMIT).fields().get("peer"));
    }

    @Test
    void aTlsVisitorFromElsewhereGetsAnAlert() throws Exception {
        start(new TunnelFixture.Options().tls(), List.of(), List.of(), List.of(ELSEWHERE));
        tunnel.service().reset();
        Peer refused = tunnel.tcp(tunnel.server().port(), ELSEWHERE).send(TestHello.records(TestHello.message(TestHello.sni(tunnel.host())), 16 * 1024));
        assertArrayEquals(new byte[] {21, 3, 3, 0, 2, 2, 49}, refused.readToEnd());
        assertEquals(0, tunnel.service().accepted());
        byte[] hello = TestHello.records(TestHello.message(TestHello.sni(tunnel.host())), 16 * 1024);
        tunnel.rawVisitor().send(hello);
        assertArrayEquals(hello, tunnel.service().accept().read(hello.length));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void behindALoadBalancerItIsTheVisitorsAddressThatCounts(boolean tcp) throws Exception {
        TunnelFixture.Options options = tcp ? new TunnelFixture.Options().tcp() : new TunnelFixture.Options().http();
        options.server().acceptProxyFrom(ELSEWHERE);
        start(options, List.of(), List.of("203.0.113.0/24"), List.of());
        tunnel.service().reset();
        int port = tcp ? tunnel.url().getPort() : tunnel.server().httpPort();
        String request = tunnel.head("GET /");
        Peer refused = tunnel.tcp(port, ELSEWHERE).send("PROXY TCP4 203.0.114.9 198.51.100.7 40000 443\r\n" + (tcp ? "" : request));
        if (tcp) {
            refused.awaitReset();
        } else {
            assertEquals(403, refused.readResponse().status());
        }
        assertEquals(0, tunnel.service().accepted());
        tunnel.tcp(port, ELSEWHERE).send("PROXY TCP4 203.0.113.9 198.51.100.7 40000 443\r\n" + request);
        assertEquals("GET /", tunnel.service().accept().readText(5));
    }
}
