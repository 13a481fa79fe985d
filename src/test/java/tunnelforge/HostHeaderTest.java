package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.TestAgent;

/**
 * {@code --host-header}: a local service that is told its own address as Host hears one story, and what it says of itself leads the visitor back to the tunnel. In the
 * tables {@code TUNNEL} is the tunnel's authority, and {@code SERVICE} the service's.
 */
final class HostHeaderTest {
    private static TunnelFixture tunnel;
    /** Tells its service the service's own address, as {@code rewrite} does. */
    private static URI rewriting;
    /** Tells it a name without a port. */
    private static URI named;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start(new TunnelFixture.Options().http());
        String target = "127.0.0.1:" + tunnel.service().port();
        rewriting = URI.create(tunnel.startAgent(target, new TestAgent.Options().hostHeader("localhost:" + tunnel.service().port())).url());
        named = URI.create(tunnel.startAgent(target, new TestAgent.Options().hostHeader("www.app.test")).url());
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    private static String own(URI through) {
        return through == named ? "www.app.test" : "localhost:" + tunnel.service().port();
    }

    private static String written(String text, URI through) {
        return text.replace("TUNNEL", through.getAuthority()).replace("SERVICE", own(through));
    }

    private static Message received(URI through, String lines) throws Exception {
        Peer visitor = tunnel.visitor(through.getHost());
        visitor.send("GET / HTTP/1.1\r\nHost: " + through.getAuthority() + "\r\n" + lines + "\r\n");
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        local.send("HTTP/1.1 204 No Content\r\n\r\n");
        visitor.readResponse();
        tunnel.settle();
        return request;
    }

    private static List<String> answered(URI through, String name, String value) throws Exception {
        Peer visitor = tunnel.visitor(through.getHost());
        visitor.send("GET / HTTP/1.1\r\nHost: " + through.getAuthority() + "\r\n\r\n");
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\n" + name + ": " + value + "\r\nContent-Length: 0\r\n\r\n");
        List<String> values = visitor.readResponse().all(name);
        tunnel.settle();
        return values;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Origin             | https://TUNNEL               | http://SERVICE",
        "Referer            | https://TUNNEL/a?b=c         | http://SERVICE/a?b=c",
        "Referer            | https://TUNNEL               | http://SERVICE",
        "Destination        | https://TUNNEL/b%20c         | http://SERVICE/b%20c",
        "If                 | <https://TUNNEL/a> (<urn:x>) | <http://SERVICE/a> (<urn:x>)",
        // Another origin stays another one (RFC 6454 section 4): scheme, host and port.
        "Origin             | http://TUNNEL                | http://TUNNEL",
        "Origin             | https://TUNNEL.evil.test     | https://TUNNEL.evil.test",
        "Origin             | https://x.TUNNEL             | https://x.TUNNEL",
        "Origin             | https://other.test      | https://other.test",
        "Origin             | null                    | null",
        "Referer            | https://other.test/https://TUNNEL/ | https://other.test/https://TUNNEL/",
        "Referer            | /relative               | /relative",
        "Referer            | https://user@TUNNEL/         | https://user@TUNNEL/",
        "X-Mine             | https://TUNNEL/              | https://TUNNEL/"})
    void aRequestNamesTheService(String name, String sent, String seen) throws Exception {
        for (URI through : List.of(rewriting, named)) {
            Message request = received(through, name + ": " + written(sent, through) + "\r\n");
            assertEquals(List.of(written(seen, through)), request.all(name), through.toString());
            assertEquals(List.of(own(through)), request.all("Host"));
        }
    }

    /** Rails refuses a host in X-Forwarded-Host that it does not know, and compares Origin with what these fields say together. */
    @Test
    void whatIsToldOfTheAddressAgreesWithHost() throws Exception {
        Message request = received(rewriting, "");
        assertEquals(List.of(own(rewriting)), request.all("X-Forwarded-Host"));
        assertEquals(List.of("http"), request.all("X-Forwarded-Proto"));
        assertEquals(List.of("127.0.0.1"), request.all("X-Forwarded-For"));
        assertEquals(List.of("for=127.0.0.1;host=\"" + own(rewriting) + "\";proto=http"), request.all("Forwarded"));
    }

    /** RFC 6455 section 4.1: development servers let only pages of their own open one. */
    @Test
    void aWebSocketsOriginIsTheServicesToo() throws Exception {
        Peer visitor = tunnel.visitor(rewriting.getHost());
        visitor.send("GET /ws HTTP/1.1\r\nHost: " + rewriting.getAuthority() + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: https://" + rewriting.getAuthority()
                + "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        assertEquals("http://" + own(rewriting), request.get("Origin"));
        assertEquals(own(rewriting), request.get("Host"));
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSet-Cookie: a=1; Domain=localhost\r\n\r\nhello");
        Message answer = visitor.readResponse();
        assertEquals(101, answer.status());
        assertEquals("a=1", answer.get("Set-Cookie"));
        assertEquals("hello", visitor.readText(5));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Location           | http://SERVICE/login?next=/a   | https://TUNNEL/login?next=/a",
        "Location           | https://SERVICE/login          | https://TUNNEL/login",
        "Location           | HTTP://SERVICE                 | https://TUNNEL",
        "Location           | http://SERVICE?a#b             | https://TUNNEL?a#b",
        "Location           | //SERVICE/a                    | https://TUNNEL/a",
        "Content-Location   | http://SERVICE/a               | https://TUNNEL/a",
        "Refresh            | 5; url=http://SERVICE/a        | 5; url=https://TUNNEL/a",
        "Refresh            | 0;URL='http://SERVICE/a'       | 0;URL='https://TUNNEL/a'",
        "Refresh            | 5                        | 5",
        "Link               | <http://SERVICE/a>; rel=\"x\", </b>; rel=y, <https://SERVICE>; rel=z | <https://TUNNEL/a>; rel=\"x\", </b>; rel=y, <https://TUNNEL>; rel=z",
        "Link               | <http://SERVICE/a              | <https://TUNNEL/a",
        "Access-Control-Allow-Origin | http://SERVICE        | https://TUNNEL",
        "Access-Control-Allow-Origin | *               | *",
        "Location           | /login                   | /login",
        "Location           | https://TUNNEL/a              | https://TUNNEL/a",
        "Location           | http://other.test/?u=http://SERVICE/ | http://other.test/?u=http://SERVICE/",
        "Location           | http://SERVICE.evil.test/      | http://SERVICE.evil.test/",
        "Location           | http://a@SERVICE/              | http://a@SERVICE/",
        "Location           | ftp://SERVICE/                 | ftp://SERVICE/",
        "Location           | myapp://SERVICE/               | myapp://SERVICE/",
        "X-Mine             | http://SERVICE/                | http://SERVICE/"})
    void anAnswerNamesTheTunnel(String name, String sent, String seen) throws Exception {
        for (URI through : List.of(rewriting, named)) {
            assertEquals(List.of(written(seen, through)), answered(through, name, written(sent, through)), through.toString());
        }
    }

    /** Some know their port and some do not; and who listens on loopback has more than one name. */
    @Test
    void theServiceIsKnownByOtherWordsForItsAddress() throws Exception {
        String port = ":" + tunnel.service().port();
        for (String its : List.of("localhost", "LOCALHOST", "localhost.", "localhost" + port, "localhost:", "127.0.0.1" + port, "[::1]" + port)) {
            assertEquals(List.of("https://" + rewriting.getAuthority() + "/a"), answered(rewriting, "Location", "http://" + its + "/a"), its);
        }
        for (String others : List.of("localhost:1", "127.0.0.1", "127.0.0.1:1", "[::1]", "www.localhost" + port, "10.0.0.1" + port)) {
            assertEquals(List.of("http://" + others + "/a"), answered(rewriting, "Location", "http://" + others + "/a"), others);
        }
        for (String its : List.of("www.app.test", "www.app.test:80", "www.app.test" + port)) {
            assertEquals(List.of("https://" + named.getAuthority() + "/a"), answered(named, "Location", "http://" + its + "/a"), its);
        }
        for (String others : List.of("app.test", "www.app.test:81", "localhost" + port)) {
            assertEquals(List.of("http://" + others + "/a"), answered(named, "Location", "http://" + others + "/a"), others);
        }
    }

    /** RFC 6265 section 5.3: the visitor's browser would drop a cookie for a domain that the tunnel is not in; without a Domain it is for the tunnel alone. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"a=1; Domain=www.app.test; Path=/ | a=1; Path=/", "a=1;domain=.App.Test | a=1", "a=1; Path=/; Domain=test; Secure | a=1; Path=/; Secure",
        "a=1; Domain=other.test | a=1; Domain=other.test", "a=1; Domain=x.www.app.test | a=1; Domain=x.www.app.test", "a=Domain=app.test | a=Domain=app.test"})
    void aCookieForTheServicesHostIsForTheTunnel(String sent, String seen) throws Exception {
        assertEquals(List.of(seen), answered(named, "Set-Cookie", sent));
    }

    /** The visitor's own way counts, not what the tunnel's address says first. */
    @Test
    void aVisitorWithoutTlsIsLedBackWithoutTls() throws Exception {
        TestAgent agent = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().protocol("http").hostHeader("www.app.test"));
        String authority = URI.create(agent.url()).getAuthority();
        Peer visitor = tunnel.plainVisitor();
        visitor.send("GET / HTTP/1.1\r\nHost: " + authority + "\r\nOrigin: http://" + authority + "\r\n\r\n");
        Peer local = tunnel.service().accept();
        assertEquals("http://www.app.test", local.readRequest().get("Origin"));
        local.send("HTTP/1.1 302 Found\r\nLocation: https://www.app.test/a\r\nContent-Length: 0\r\n\r\n");
        assertEquals("http://" + authority + "/a", visitor.readResponse().get("Location"));
        agent.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"103 Early Hints", "102 Processing"})
    void informationalHeadsAreRewrittenToo(String status) throws Exception {
        Peer visitor = tunnel.visitor(rewriting.getHost());
        visitor.send("GET / HTTP/1.1\r\nHost: " + rewriting.getAuthority() + "\r\n\r\n");
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 " + status + "\r\nLink: <http://" + own(rewriting) + "/a.css>; rel=preload\r\n\r\n");
        assertEquals("<https://" + rewriting.getAuthority() + "/a.css>; rel=preload", visitor.readResponseHead().get("Link"));
        ScriptedService.respond(local, "done");
        assertEquals("done", visitor.readResponse().text());
    }

    /** {@code preserve}. */
    @Test
    void whoIsToldTheVisitorsHostIsToldEverythingAsItIs() throws Exception {
        String port = ":" + tunnel.service().port();
        String origin = "https://" + tunnel.authority();
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /", "Origin: " + origin, "Referer: " + origin + "/a"));
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        assertEquals(List.of(tunnel.authority(), origin, origin + "/a", tunnel.authority(), "https"),
                List.of(request.get("Host"), request.get("Origin"), request.get("Referer"), request.get("X-Forwarded-Host"), request.get("X-Forwarded-Proto")));
        local.send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1" + port + "/\r\nSet-Cookie: a=1; Domain=app.test\r\nContent-Length: 0\r\n\r\n");
        Message answer = visitor.readResponse();
        assertEquals("http://127.0.0.1" + port + "/", answer.get("Location"));
        assertEquals("a=1; Domain=app.test", answer.get("Set-Cookie"));
    }
}
