package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes in heads untouched, what is set, and what is taken out. */
final class ForwardedHeadsTest {
    private static final String OK = "HTTP/1.1 204 No Content\r\n\r\n";

    private static TunnelFixture tunnel;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start(new TunnelFixture.Options().subdomain("heads"));
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    private record Exchanged(Message request, Message response) {
    }

    /** One exchange on connections of its own. */
    private Exchanged exchange(String request, String response) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(request);
        Peer local = tunnel.service().accept();
        Message received = local.readRequest();
        local.send(response);
        Message answered = visitor.readResponse(received.method());
        tunnel.settle();
        return new Exchanged(received, answered);
    }

    private Message received(String methodAndTarget, String... lines) throws Exception {
        return exchange(tunnel.head(methodAndTarget, lines), "HTTP/1.1 204 No Content\r\n\r\n").request();
    }

    private Message answered(String lines) throws Exception {
        return exchange(tunnel.head("GET /"), "HTTP/1.1 200 OK\r\n" + lines + "Content-Length: 0\r\n\r\n").response();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "//", "/a//b/../c/./d", "/%2F%2e%2E%00%ff%C3%A4%zz", "/?", "/?a=b&a=c&&=;x", "/??x?y", "/a?b=%20+%2B",
        "/~!$&'()*+,;=:@", "/[]{}|\\^`\"<>", "/caf\u00e9", "/_tunnelforge/control", "*"})
    void targetsPassUntouched(String target) throws Exception {
        assertEquals(target, received((target.equals("*") ? "OPTIONS " : "GET ") + target).target());
    }

    @Test
    void anAbsoluteTargetBecomesItsPath() throws Exception {
        assertEquals("/x?y", received("GET https://" + tunnel.authority() + "/x?y").target());
    }

    @Test
    void hostPassesAsTheVisitorWroteIt() throws Exception {
        Message request = received("GET /");
        assertEquals(List.of(tunnel.authority()), request.all("Host"));
        Exchanged odd = exchange("GET / HTTP/1.1\r\nhOST: HEADS.Tunnel.LocalHost.\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n");
        assertEquals("HEADS.Tunnel.LocalHost.", odd.request().get("Host"));
    }

    @Test
    void repeatedFieldsStayApartAndInOrder() throws Exception {
        Message request = received("GET /", "X-A: 1", "Cookie: a=b; c=d", "X-B: x", "x-a: 2", "X-A: ", "Accept: a, b", "Accept: c");
        assertEquals(List.of("1", "2", ""), request.all("X-A"));
        assertEquals(List.of("a, b", "c"), request.all("Accept"));
        List<String> passed = request.names().stream().filter(name -> List.of("X-A", "x-a", "X-B", "Cookie").contains(name)).toList();
        assertEquals(List.of("X-A", "Cookie", "X-B", "x-a", "X-A"), passed);
        Message response = answered("Set-Cookie: a=1; Path=/; HttpOnly\r\nX-C: 1\r\nset-cookie: b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT\r\n"
                + "Set-Cookie: c=\"3, 4\"\r\nX-C: 2\r\nWWW-Authenticate: Basic realm=\"x\"\r\nWWW-Authenticate: Negotiate\r\n");
        assertEquals(List.of("a=1; Path=/; HttpOnly", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "c=\"3, 4\""), response.all("Set-Cookie"));
        assertEquals(List.of("1", "2"), response.all("X-C"));
        assertEquals(List.of("Basic realm=\"x\"", "Negotiate"), response.all("WWW-Authenticate"));
    }

    @Test
    void octetsAboveAsciiPass() throws Exception {
        assertEquals("caf\u00e9 \u00ff", received("GET /", "X-A: caf\u00e9 \u00ff").get("X-A"));
        assertEquals("na\u00efve", answered("X-A: na\u00efve\r\n").get("X-A"));
    }

    @Test
    void aCookieForEveryTunnelBecomesOneForItsOwn() throws Exception {
        Message response = answered("Set-Cookie: a=1; Domain=tunnel.localhost; Path=/\r\nSet-Cookie: b=2; domain=.Tunnel.Localhost\r\n"
                + "Set-Cookie: c=3; Domain=localhost; Secure\r\nSet-Cookie: d=4; Domain=heads.tunnel.localhost\r\nSet-Cookie: e=5; Domain=el.localhost\r\n");
        assertEquals(List.of("a=1; Path=/", "b=2", "c=3; Secure", "d=4; Domain=heads.tunnel.localhost", "e=5; Domain=el.localhost"),
                response.all("Set-Cookie"));
    }

    /** Some software behind CGI or its like reads each of these as the field that it imitates. */
    @ParameterizedTest
    @ValueSource(strings = {"Content_Length", "content.length", "CONTENT~LENGTH", "Transfer_Encoding", "Transfer.Encoding", "transfer.ENCODING", "Keep_Alive", "Proxy_Connection",
        "X_Forwarded_For", "X.Forwarded.For", "X-Forwarded_Proto", "x_forwarded_anything", "X_Forwarded", "X_Real_IP", "Client_IP", "True.Client.IP", "CF_Connecting_IP",
        "Tunnelforge_Request_Id", "tunnelforge.x", "TunnelForge-X_Y", "Client_Cert"})
    void whatFoldsToAFieldThatIsNotAVisitorsNeverPasses(String name) throws Exception {
        Exchanged plain = exchange(tunnel.head("POST /", "Content-Length: 5", name + ": evil", "X-Kept_As.It-is: 1", "Content_Type: fine") + "hello", OK);
        assertEquals("hello", plain.request().text());
        assertFalse(plain.request().head().contains("evil"), plain.request().head());
        assertEquals("1", plain.request().get("X-Kept_As.It-is"));
        assertEquals("fine", plain.request().get("Content_Type"));
        Message named = exchange(tunnel.head("POST /", "Connection: " + name, "Content-Length: 5", name + ": evil") + "hello", OK).request();
        assertFalse(named.head().contains("evil"), named.head());
        assertEquals(List.of("5"), named.all("Content-Length"));
        Message trailed = exchange(tunnel.head("POST /", "Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\n" + name + ": evil\r\nSum: 1\r\n\r\n", OK).request();
        assertEquals(List.of("Sum"), trailed.trailerNames());
    }

    /** Gateways say these of visitors to services, and visitors nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"Forwarded", "X-Forwarded", "X-Forwarded-Port", "X-Real-IP", "Client-IP", "True-Client-IP", "CF-Connecting-IP", "cf-connecting-ipv6", "X-Client-IP",
        "X-Cluster-Client-IP", "Fastly-Client-IP", "X-Original-Host", "X-Original-URL", "X-Rewrite-URL", "X-Original-Forwarded-For", "Front-End-Https", "Client-Cert", "Proxy"})
    void whatGatewaysSayIsNoVisitorsToSay(String name) throws Exception {
        Message request = received("GET /", name + ": evil", "X-Kept: 1");
        assertFalse(request.head().contains("evil"), request.head());
        assertEquals("1", request.get("X-Kept"));
        Message trailed = exchange(tunnel.head("POST /", "Transfer-Encoding: chunked") + "0\r\n" + name + ": evil\r\nSum: 1\r\n\r\n", OK).request();
        assertEquals(List.of("Sum"), trailed.trailerNames());
    }

    @Test
    void whereTheVisitorIsFromIsSetAndNotTrusted() throws Exception {
        Message request = received("GET /", "X-Forwarded-For: 1.2.3.4", "x-forwarded-proto: gopher", "X-Forwarded-Host: evil.example",
                "X-Forwarded-Port: 1", "X_Forwarded_For: 1.2.3.4", "X-Forwarded-Prefix: /evil", "Forwarded: for=1.2.3.4", "forwarded: for=5.6.7.8");
        assertEquals(List.of("127.0.0.1"), request.all("X-Forwarded-For"));
        assertEquals(List.of("https"), request.all("X-Forwarded-Proto"));
        assertEquals(List.of(tunnel.authority()), request.all("X-Forwarded-Host"));
        assertEquals(List.of("for=127.0.0.1;host=\"" + tunnel.authority() + "\";proto=https"), request.all("Forwarded"));
        assertFalse(request.head().contains("evil") || request.head().contains("1.2.3.4") || request.has("X-Forwarded-Port"));
    }

    @Test
    void hopByHopFieldsEndHere() throws Exception {
        Message request = received("GET /", "Connection: keep-alive, X-Hop, close", "X-Hop: 1", "Keep-Alive: timeout=5", "Proxy-Connection: x",
                "TE: trailers", "Upgrade: h2c", "HTTP2-Settings: x", "X-Kept: 1");
        assertFalse(request.has("X-Hop") || request.has("Keep-Alive") || request.has("Proxy-Connection") || request.has("TE")
                || request.has("Upgrade"));
        assertEquals("1", request.get("X-Kept"));
        Message response = answered("Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\nUpgrade: h2c\r\nX-Kept: 1\r\n");
        assertFalse(response.has("X-Hop") || response.has("Keep-Alive") || response.has("Proxy-Connection") || response.has("Upgrade"));
        assertEquals("1", response.get("X-Kept"));
    }

    @Test
    void whatMattersToAllCannotBeNamedAway() throws Exception {
        Message request = exchange(tunnel.head("POST /", "Connection: Host, Content-Length, X-Forwarded-For, tunnelforge-request-id",
                "Content-Length: 5") + "hello", "HTTP/1.1 204 No Content\r\n\r\n").request();
        assertEquals("hello", request.text());
        assertTrue(request.has("Host") && request.has("X-Forwarded-For") && request.has("tunnelforge-request-id"));
    }

    @Test
    void fieldsOfOursAreNobodyElses() throws Exception {
        Message request = received("GET /", "TunnelForge-Request-Id: mine", "tunnelforge-resent: x/1", "TUNNELFORGE-X: 1",
                "Connection: tunnelforge-y", "tunnelforge-y: 1");
        List<String> ours = request.names().stream().filter(name -> name.toLowerCase(java.util.Locale.ROOT).startsWith("tunnelforge")).toList();
        assertEquals(List.of("tunnelforge-request-id"), ours);
        assertTrue(request.get("tunnelforge-request-id").matches("[0-9a-f]{32}"));
        Message response = answered("TunnelForge-Error: TF-TUNNEL-UNKNOWN\r\ntunnelforge-x: 1\r\nTunnelForge_Error: TF-X\r\n");
        assertFalse(response.head().toLowerCase(java.util.Locale.ROOT).contains("tunnelforge"));
    }

    @Test
    void eachRequestHasAnIdOfItsOwn() throws Exception {
        String first = received("GET /").get("tunnelforge-request-id");
        assertNotEquals(first, received("GET /").get("tunnelforge-request-id"));
    }

    @Test
    void aServiceOfHttp10IsAnsweredInHttp11() throws Exception {
        Message response = exchange(tunnel.head("GET /"), "HTTP/1.0 200 Fine\r\nContent-Length: 2\r\n\r\nok").response();
        assertEquals("HTTP/1.1 200 Fine", response.startLine());
    }

    @Test
    void aHeadOfNearly64KibPasses() throws Exception {
        String value = "x".repeat(15_000);
        Message request = received("GET /" + "y".repeat(4_000), "A: " + value, "B: " + value, "C: " + value, "D: " + value);
        assertEquals(value, request.get("D"));
        Message response = answered(("A: " + value + "\r\n").repeat(8));
        assertEquals(8, response.all("A").size());
    }
}
