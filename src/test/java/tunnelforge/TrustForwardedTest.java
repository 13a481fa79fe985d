package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tunnelforge.agent.TestAgent;
import tunnelforge.cli.UsageException;
import tunnelforge.server.ServerMain;

/** {@code --trust-forwarded}: what a load balancer in front says of its visitors is passed on. */
final class TrustForwardedTest {
    private TunnelFixture tunnel;

    private TunnelFixture start(String trusted) throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options().http();
        options.agent().protocol("https");
        options.server().trustForwarded(trusted);
        tunnel = TunnelFixture.start(options);
        return tunnel;
    }

    @AfterEach
    void stop() throws IOException {
        if (tunnel != null) {
            tunnel.close();
        }
    }

    @Test
    void whatIsNoAddressIsRefused() {
        UsageException refused = assertThrows(UsageException.class, () -> ServerMain.start(List.of("--trust-forwarded", "10.0.0.0/8", "--trust-forwarded", "lb.example.com")));
        assertEquals("--trust-forwarded: addresses are written 10.0.0.0/8, 2001:db8::/32 or 192.0.2.1, not 'lb.example.com'", refused.getMessage());
    }

    private Message received(Peer balancer, String... lines) throws Exception {
        balancer.send(tunnel.head("GET /", lines));
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        ScriptedService.respond(local, "ok");
        assertEquals("ok", balancer.readResponse().text());
        return request;
    }

    @Test
    void whatTheLoadBalancerSaysIsPassedOnAndItsAddressBehindIt() throws Exception {
        start("127.0.0.0/8");
        Message request = received(tunnel.visitor(), "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: http", "X-Forwarded-Host: www.example.com", "X-Real-IP: 203.0.113.9",
                "X-Forwarded-Port: 80", "CF-Connecting-IP: 203.0.113.9");
        assertEquals(List.of("203.0.113.9, 127.0.0.1"), request.all("X-Forwarded-For"));
        assertEquals(List.of("http"), request.all("X-Forwarded-Proto"));
        assertEquals(List.of("www.example.com"), request.all("X-Forwarded-Host"));
        assertEquals(List.of("for=203.0.113.9;host=\"www.example.com\";proto=http, for=127.0.0.1"), request.all("Forwarded"));
        assertEquals(List.of("203.0.113.9", "80", "203.0.113.9"), List.of(request.get("X-Real-IP"), request.get("X-Forwarded-Port"), request.get("CF-Connecting-IP")));
        assertEquals(tunnel.authority(), request.get("Host"));
    }

    @Test
    void aListThatGrowsBeyondWhatAHeadMayBeIsTooLarge() throws Exception {
        start("127.0.0.1");
        assertEquals(413, tunnel.visitor().send(tunnel.head("GET /", "X-Forwarded-For: " + "a,".repeat(20_000))).readResponse().status());
        assertEquals(0, tunnel.server().log().entries("internal_error").size());
    }

    /** It knows nothing of these, and passes on what its visitors send. */
    @Test
    void imitationsAndFieldsOfOursArePassedOnByNobody() throws Exception {
        start("127.0.0.1");
        Message request = received(tunnel.visitor(), "X_Forwarded_For: evil", "X.Real.IP: evil", "Content_Length: evil", "Tunnelforge-Request-Id: evil", "Tunnelforge_X: evil");
        assertFalse(request.head().contains("evil"), request.head());
    }

    /** Otherwise who takes TLS off for its visitors would send them round for ever. */
    @Test
    void anHttpsVisitorBehindItIsServedAndAnHttpOneRedirected() throws Exception {
        start("127.0.0.1");
        Message request = received(tunnel.plainVisitor(), "X-Forwarded-Proto: https");
        assertEquals("https", request.get("X-Forwarded-Proto"));
        assertEquals(308, tunnel.plainVisitor().send(tunnel.head("GET /", "X-Forwarded-Proto: http")).readResponse().status());
        assertEquals(308, tunnel.plainVisitor().send(tunnel.head("GET /")).readResponse().status());
        tunnel.settle();
        assertEquals("https", received(tunnel.plainVisitor(), "Forwarded: for=203.0.113.9;proto=https").get("X-Forwarded-Proto"));
    }

    @Test
    void whoIsElsewhereIsNotBelieved() throws Exception {
        start("10.0.0.0/8");
        Message request = received(tunnel.visitor(), "X-Forwarded-For: evil", "X-Real-IP: evil", "Forwarded: for=evil", "X-Forwarded-Host: evil");
        assertFalse(request.head().contains("evil"), request.head());
        assertEquals(List.of("127.0.0.1"), request.all("X-Forwarded-For"));
        assertEquals(308, tunnel.plainVisitor().send(tunnel.head("GET /", "X-Forwarded-Proto: https")).readResponse().status());
    }

    /** The address that the visitor has used is the load balancer's to know. */
    @Test
    void theVisitorsAddressIsTheOneThatIsRewritten() throws Exception {
        start("127.0.0.1");
        TestAgent agent = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().hostHeader("app.test"));
        URI url = URI.create(agent.url());
        Peer balancer = tunnel.visitor(url.getHost());
        balancer.send("GET / HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\nX-Forwarded-Host: www.example.com\r\nX-Forwarded-Proto: http\r\nX-Forwarded-For: 1.2.3.4\r\n"
                + "Origin: http://www.example.com\r\n\r\n");
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        assertEquals("http://app.test", request.get("Origin"));
        assertEquals("for=1.2.3.4;host=\"app.test\";proto=http, for=127.0.0.1", request.get("Forwarded"));
        local.send("HTTP/1.1 302 Found\r\nLocation: http://app.test/a\r\nContent-Length: 0\r\n\r\n");
        assertEquals("http://www.example.com/a", balancer.readResponse().get("Location"));
        agent.close();
    }
}
