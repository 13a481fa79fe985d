package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.TestAgent;
import tunnelforge.http.HttpDate;

/**
 * What RFC 9110 (a few times RFC 9112) demands of whoever stands between a client and an origin server, rule by rule. Server and agent together are one intermediary, a
 * gateway. The one that is broken on purpose is {@code Via} (section 7.6.3), which PROTOCOL.md gives the reason for.
 */
final class IntermediaryRulesTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String NONE = "(none)";

    private static TunnelFixture tunnel;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start(new TunnelFixture.Options().http());
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    /** A request, and a field of it as the local service is to see it; several lines with a bar between them. */
    record Forwarded(String section, String rule, String startLine, String lines, String field, String seen) {
        @Override
        public String toString() {
            return section + " " + rule;
        }
    }

    private static Forwarded request(String section, String rule, String lines, String field, String seen) {
        return new Forwarded(section, rule, "GET / HTTP/1.1", lines, field, seen);
    }

    static Stream<Forwarded> requests() {
        return Stream.of(
                request("5.1", "fields that are not known pass", "Unheard-Of: 1", "Unheard-Of", "1"),
                request("5.3", "lines of one name keep their order", "A: 1\r\nB: x\r\na: 2\r\nA: 1", "A", "1|2|1"),
                request("7.6.1", "Connection ends here", "Connection: keep-alive", "Connection", NONE),
                request("7.6.1", "what Connection names ends here", "Connection: close, x-hop\r\nX-Hop: 1", "X-Hop", NONE),
                request("7.6.1", "also when it is named on another line of Connection", "Connection: a\r\nX-Hop: 1\r\nconnection: X-HOP", "X-Hop", NONE),
                request("7.6.1", "Connection may name what is not there", "Connection: nothing, , such", "Connection", NONE),
                request("7.6.1", "what is for all recipients stays even when it is named", "Connection: Cache-Control\r\nCache-Control: no-store", "Cache-Control", "no-store"),
                request("7.6.1", "Keep-Alive ends here", "Keep-Alive: timeout=5", "Keep-Alive", NONE),
                request("7.6.1", "Proxy-Connection ends here", "Proxy-Connection: keep-alive", "Proxy-Connection", NONE),
                request("7.6.1", "Upgrade ends here where it is not one", "Upgrade: websocket", "Upgrade", NONE),
                request("7.6.2", "Max-Forwards counts for OPTIONS and TRACE alone", "Max-Forwards: 0", "Max-Forwards", "0"),
                new Forwarded("7.6.2", "Max-Forwards of OPTIONS goes down by one", "OPTIONS / HTTP/1.1", "Max-Forwards: 7", "Max-Forwards", "6"),
                new Forwarded("7.6.2", "also for all of the server", "OPTIONS * HTTP/1.1", "max-forwards: 010", "Max-Forwards", "9"),
                new Forwarded("7.6.2", "and of TRACE, down to nothing", "TRACE / HTTP/1.1", "Max-Forwards: 1", "Max-Forwards", "0"),
                new Forwarded("7.6.2", "more than can be counted is as much as can be", "OPTIONS / HTTP/1.1", "Max-Forwards: 99999999999999999999", "Max-Forwards", "2147483646"),
                request("7.6.3", "the Via of others stays, and none is added", "Via: 1.0 fred, 1.1 p.example.net", "Via", "1.0 fred, 1.1 p.example.net"),
                request("7.6.3", "none is added", "X: 1", "Via", NONE),
                new Forwarded("7.8", "Upgrade means nothing in HTTP/1.0", "GET / HTTP/1.0", "Connection: Upgrade\r\nUpgrade: websocket", "Upgrade", NONE),
                request("10.1.1", "Expect is for whoever answers", "Expect: 100-continue", "Expect", "100-continue"),
                request("10.1.1", "whatever it asks for", "Expect: the-unexpected", "Expect", "the-unexpected"),
                new Forwarded("10.1.1", "and means nothing in HTTP/1.0", "GET / HTTP/1.0", "Expect: 100-continue", "Expect", NONE),
                request("10.1.3", "Referer stays", "Referer: https://other.test/", "Referer", "https://other.test/"),
                request("10.1.4", "TE says that trailers are taken", "Connection: TE\r\nTE: trailers", "TE", "trailers"),
                request("10.1.4", "and whoever says so says that it is of this connection", "Connection: TE\r\nTE: trailers", "Connection", "TE"),
                request("10.1.4", "no other coding is offered", "Connection: TE\r\nTE: gzip;q=0.5, trailers", "TE", "trailers"),
                request("10.1.4", "nothing is said where nothing but those was offered", "Connection: TE\r\nTE: gzip", "Connection", NONE),
                request("10.1.4", "TE without Connection is of another connection", "TE: trailers", "TE", NONE),
                request("10.1.5", "User-Agent stays", "User-Agent: curl/8", "User-Agent", "curl/8"),
                request("11.6.2", "Authorization stays as it is", "Authorization: Digest a=\"b\",  c=d", "Authorization", "Digest a=\"b\",  c=d"),
                request("13.1", "conditions stay", "If-None-Match: W/\"a\", \"b\"\r\nIf-Match: *", "If-None-Match", "W/\"a\", \"b\""),
                request("14.2", "Range stays", "Range: bytes=0-1,5-", "Range", "bytes=0-1,5-"),
                request("8586-2", "CDN-Loop stays, behind others", "CDN-Loop: foo; v=1, bar\r\nConnection: CDN-Loop", "CDN-Loop", "foo; v=1, bar, tunnelforge-"));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void inARequest(Forwarded rule) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(rule.startLine + "\r\nHost: " + tunnel.authority() + "\r\n" + rule.lines + "\r\n\r\n");
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        assertTrue(request.startLine().endsWith(" HTTP/1.1"), "section 2.5: a version of its own");
        String seen = request.has(rule.field) ? String.join("|", request.all(rule.field)) : NONE;
        assertEquals(rule.seen, rule.seen.endsWith("-") ? seen.substring(0, Math.min(rule.seen.length(), seen.length())) : seen);
        local.send(OK);
        assertEquals("ok", visitor.readResponse().text());
    }

    /** A response of the local service, and a field of it as the visitor is to see it. */
    record Answered(String section, String rule, String method, String head, String body, String field, String seen) {
        @Override
        public String toString() {
            return section + " " + rule;
        }
    }

    private static Answered response(String section, String rule, String lines, String field, String seen) {
        return new Answered(section, rule, "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + lines, "ok", field, seen);
    }

    static Stream<Answered> responses() {
        return Stream.of(
                response("5.1", "fields that are not known pass", "Unheard-Of: 1", "Unheard-Of", "1"),
                response("5.3", "lines of one name keep their order", "A: 1\r\nB: x\r\na: 2\r\nA: 1", "A", "1|2|1"),
                response("6.6.1", "Date stays", "Date: Sun, 06 Nov 1994 08:49:37 GMT", "Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
                response("6.6.1", "also one that is none", "Date: 0", "Date", "0"),
                response("7.6.1", "what Connection names ends here", "Connection: keep-alive, x-hop\r\nX-Hop: 1", "X-Hop", NONE),
                response("7.6.1", "Keep-Alive ends here", "Keep-Alive: timeout=5", "Keep-Alive", NONE),
                response("7.6.1", "Proxy-Connection ends here", "Proxy-Connection: keep-alive", "Proxy-Connection", NONE),
                response("7.6.3", "the Via of others stays", "Via: 1.1 varnish", "Via", "1.1 varnish"),
                response("7.6.3", "none is added", "X: 1", "Via", NONE),
                response("7.7", "nothing is done to how content is coded", "Content-Encoding: gzip\r\nCache-Control: no-transform", "Content-Encoding", "gzip"),
                response("10.2.4", "Server stays", "Server: x/1", "Server", "x/1"),
                response("11.6.1", "WWW-Authenticate stays as it is", "WWW-Authenticate: Basic realm=\"x\",  Digest nonce=\"y\"", "WWW-Authenticate",
                        "Basic realm=\"x\",  Digest nonce=\"y\""),
                new Answered("8.6", "204 has no length", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 2", "", "Content-Length", NONE),
                new Answered("9112-6.1", "204 has no coding", "GET", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked", "", "Transfer-Encoding", NONE),
                new Answered("8.6", "304 may have the length that 200 would have", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 7", "", "Content-Length", "7"),
                new Answered("9.3.2", "so may the answer to HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 7", "", "Content-Length", "7"),
                new Answered("15.5.6", "Allow stays", "GET", "HTTP/1.1 405 No\r\nAllow: POST\r\nContent-Length: 2", "ok", "Allow", "POST"));
    }

    @ParameterizedTest
    @MethodSource("responses")
    void inAResponse(Answered rule) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head(rule.method + " /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send(rule.head + "\r\n\r\n" + rule.body);
        Message response = visitor.readResponse(rule.method);
        assertEquals(rule.body, response.text());
        assertEquals(rule.seen, response.has(rule.field) ? String.join("|", response.all(rule.field)) : NONE);
    }

    // ---- 6.6.1: Date. ----

    private static void assertDated(Message response) {
        assertEquals(1, response.all("Date").size(), response::head);
        Instant date = HttpDate.parse(response.get("Date"));
        assertNotNull(date, response::head);
        assertTrue(Duration.between(date, Instant.now()).abs().compareTo(Duration.ofMinutes(1)) < 0, response::head);
    }

    @Test
    void aResponseWithoutDateGetsTheTimeAtWhichItPassed() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 103 Early Hints\r\n\r\n" + OK);
        assertNull(visitor.readResponseHead().get("Date"), "an informational one need not");
        assertDated(visitor.readResponse());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"tunnel.localhost | GET / HTTP/1.1 | 200", "nobody.tunnel.localhost | GET / HTTP/1.1 | 404", "tunnel.localhost | HEAD / HTTP/1.1 | 200",
        "tunnel.localhost | GET / HTTP/2.0 | 505", "tunnel.localhost | G T / HTTP/1.1 | 400", "tunnel.localhost | GET /_tunnelforge/data HTTP/1.1 | 426"})
    void theServersOwnPagesHaveADate(String host, String line, int status) throws Exception {
        Message page = tunnel.visitor(host).send(line + "\r\nHost: " + host + "\r\n\r\n").readResponse(line.split(" ")[0]);
        assertEquals(status, page.status());
        assertDated(page);
    }

    @Test
    void soDoesThePageForWhoSpeaksHttpToTheTlsPortAndARedirect() throws Exception {
        assertDated(tunnel.rawVisitor().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").readResponse());
        TestAgent secure = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options());
        Message redirect = tunnel.plainVisitor().send("GET / HTTP/1.1\r\nHost: " + URI.create(secure.url()).getHost() + "\r\n\r\n").readResponse();
        assertEquals(308, redirect.status());
        assertDated(redirect);
        secure.close();
    }

    // ---- 7.4: what the connection is not for. ----

    @Test
    void anAbsoluteTargetOfTheOtherSchemeIsMisdirected() throws Exception {
        Message plain = tunnel.plainVisitor().send("GET https://" + tunnel.authority() + "/ HTTP/1.1\r\nHost: " + tunnel.authority() + "\r\n\r\n").readResponse();
        assertEquals(421, plain.status());
        assertEquals("TF-MISDIRECTED", plain.get("TunnelForge-Error"));
        Message secure = tunnel.visitor().send("GET http://" + tunnel.authority() + "/ HTTP/1.1\r\nHost: " + tunnel.authority() + "\r\n\r\n").readResponse();
        assertEquals(421, secure.status());
        assertEquals(0, tunnel.service().accepted());
    }

    @Test
    void anAbsoluteTargetOfTheConnectionsSchemeIsServed() throws Exception {
        tunnel.service().serve((request, connection) -> {
            ScriptedService.respond(connection, request.target());
            return true;
        });
        assertEquals("/a?b", tunnel.plainVisitor().send("GET HTTP://" + tunnel.authority() + "/a?b HTTP/1.1\r\nHost: " + tunnel.authority() + "\r\n\r\n").readResponse().text());
        assertEquals("/a?b", tunnel.visitor().send("GET https://" + tunnel.authority() + "/a?b HTTP/1.1\r\nHost: " + tunnel.authority() + "\r\n\r\n").readResponse().text());
    }

    // ---- 7.6.2: who must answer. ----

    @Test
    void optionsThatMayGoNoFurtherIsAnsweredHere() throws Exception {
        Peer visitor = tunnel.visitor();
        for (String target : List.of("/", "*")) {
            Message response = visitor.send(tunnel.head("OPTIONS " + target, "Max-Forwards: 00")).readResponse();
            assertEquals(200, response.status());
            assertEquals("0", response.get("Content-Length"));
            assertTrue(response.has("Allow"));
        }
        assertEquals(0, tunnel.service().accepted());
    }

    @Test
    void traceThatMayGoNoFurtherIsRefusedHere() throws Exception {
        Message response = tunnel.visitor().send(tunnel.head("TRACE /", "Max-Forwards: 0")).readResponse();
        assertEquals(405, response.status());
        assertFalse(response.get("Allow").contains("TRACE"), "section 15.5.6");
        assertEquals(0, tunnel.service().accepted());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Max-Forwards: x", "Max-Forwards: -1", "Max-Forwards:", "Max-Forwards: 1\r\nMax-Forwards: 1", "Max-Forwards: 1, 1"})
    void whatCannotBeCountedIsRefused(String lines) throws Exception {
        Peer visitor = tunnel.visitor();
        assertEquals(400, visitor.send(tunnel.head("OPTIONS /", lines)).readResponse().status());
        assertEquals(0, tunnel.service().accepted());
    }

    // ---- 10.1.1 and 15.2. ----

    /** The local service would wait for a body that comes anyway, and its 100 is nothing that HTTP/1.0 knows. */
    @Test
    void whoSpeaksHttp10IsNotAskedForItsBody() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send("POST / HTTP/1.0\r\nHost: " + tunnel.authority() + "\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello");
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        assertFalse(request.has("Expect"));
        assertEquals("hello", request.text());
        local.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + OK);
        assertEquals(200, visitor.readResponseHead().status());
    }

    @Test
    void informationalResponsesPassThatNobodyHasAskedFor() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nContent-Length: 5\r\n\r\n" + OK);
        assertEquals(100, visitor.readResponseHead().status());
        Message processing = visitor.readResponseHead();
        assertEquals(102, processing.status());
        assertFalse(processing.has("Content-Length"), "section 8.6");
        assertEquals("ok", visitor.readResponse().text());
    }

    // ---- 15.5.22. ----

    @Test
    void whoShouldHaveUpgradedIsToldToWhat() throws Exception {
        Message page = tunnel.visitor("tunnel.localhost").send("GET /_tunnelforge/data HTTP/1.1\r\nHost: tunnel.localhost\r\n\r\n").readResponse();
        assertEquals(426, page.status());
        assertEquals("tunnelforge.v1", page.get("Upgrade"));
        assertEquals("Upgrade, close", page.get("Connection"));
    }

    // ---- Loops: RFC 8586. ----

    @ParameterizedTest
    @ValueSource(strings = {"https", "http"})
    void aTunnelThatLeadsToItselfEndsAfterEightRounds(String protocol) throws Exception {
        TestAgent agent = tunnel.startAgent((protocol.equals("https") ? "https://127.0.0.1:" + tunnel.server().port() : "127.0.0.1:" + tunnel.server().httpPort()),
                new TestAgent.Options().protocol(protocol).upstreamInsecure());
        URI url = URI.create(agent.url());
        Peer visitor = protocol.equals("https") ? tunnel.visitor(url.getHost()) : tunnel.plainVisitor();
        Message response = visitor.send("GET / HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\nConnection: CDN-Loop\r\n\r\n").readResponse();
        assertEquals(508, response.status());
        assertTrue(response.text().contains("has passed this server 8 times"), response.text());
        agent.close();
    }

    @Test
    void eightRoundsAreNotTooMany() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        String name = local.readRequest().get("CDN-Loop");
        assertTrue(name.matches("tunnelforge-[0-9a-f]{8}"), name);
        local.send(OK);
        visitor.readResponse();
        // Seven times on one line or on several, and others between.
        visitor.send(tunnel.head("GET /", "CDN-Loop: " + (name + ", other, ").repeat(6) + "x", "cdn-loop: " + name + "; a=b"));
        assertEquals(8, local.readRequest().all("CDN-Loop").stream().mapToInt(line -> line.split(name, -1).length - 1).sum());
        local.send(OK);
        assertEquals("ok", visitor.readResponse().text());
        visitor.send(tunnel.head("GET /", "CDN-Loop: " + (name + ",").repeat(8)));
        Message refused = visitor.readResponse();
        assertEquals(508, refused.status());
        assertEquals("TF-LOOP", refused.get("TunnelForge-Error"));
        assertEquals(1, tunnel.service().accepted());
        visitor.send(tunnel.head("GET /", "CDN-Loop: " + "tunnelforge-00000000, ".repeat(20)));
        local.readRequest();
        local.send(OK);
        assertEquals("ok", visitor.readResponse().text(), "another server's rounds are that one's to count");
    }
}
