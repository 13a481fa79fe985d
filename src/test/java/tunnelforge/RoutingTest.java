package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tunnelforge.agent.TestAgent;
import tunnelforge.json.JsonReader;
import tunnelforge.server.TestServer;

/** Where a request goes: fixed by the SNI of its connection, then by Host (the table in PROTOCOL's design, one port for everything). */
final class RoutingTest {
    private static TunnelFixture tunnel;
    private static URI other;
    private static URI custom;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start();
        String target = "127.0.0.1:" + tunnel.service().port();
        other = URI.create(tunnel.startAgent(target, new TestAgent.Options()).url());
        custom = URI.create(tunnel.startAgent(target, new TestAgent.Options().hostname("app.example.test")).url());
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    /** What a GET gives; the local service answers with the Host that it saw. */
    private static String get(Peer visitor, String host, String path) throws IOException {
        tunnel.service().serve((request, connection) -> {
            ScriptedService.respond(connection, "served " + request.get("Host") + request.target());
            return true;
        });
        Message response = visitor.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n").readResponse();
        String error = response.get("TunnelForge-Error");
        if (error != null) {
            return response.status() + " " + error;
        }
        return response.text().contains("This is a TunnelForge server") ? "welcome" : response.text();
    }

    private static String get(String sni, String host, String path) throws IOException {
        return get(tunnel.visitor(sni), host, path);
    }

    @Test
    void aTunnelsNameServesThatTunnelOnly() throws Exception {
        String name = tunnel.host();
        assertEquals("served " + name + "/x", get(name, name, "/x"));
        assertEquals("served " + tunnel.authority() + "/x", get(name, tunnel.authority(), "/x"));
        assertEquals("served " + name.toUpperCase(java.util.Locale.ROOT) + ".:1/", get(name, name.toUpperCase(java.util.Locale.ROOT) + ".:1", "/"));
        assertEquals("served " + name + "/_tunnelforge/control", get(name, name, "/_tunnelforge/control"));
        assertEquals("421 TF-MISDIRECTED", get(name, other.getHost(), "/"));
        assertEquals("421 TF-MISDIRECTED", get(name, TestServer.DOMAIN, "/"));
        assertEquals("421 TF-MISDIRECTED", get(name, "127.0.0.1", "/_tunnelforge/control"));
        assertEquals("421 TF-MISDIRECTED", get(name, "nobody.tunnel.localhost", "/"));
    }

    @Test
    void theServersNameLeadsToTheEntranceAndAPage() throws Exception {
        for (String sni : List.of(TestServer.DOMAIN, "elsewhere.test")) {
            assertEquals("welcome", get(sni, TestServer.DOMAIN, "/"));
            assertEquals("welcome", get(sni, "elsewhere.test", "/"));
            assertEquals("400 TF-PROTOCOL", get(sni, sni, "/_tunnelforge/control"));
            assertEquals("426 TF-VERSION", get(sni, sni, "/_tunnelforge/data"));
            assertEquals("404 TF-TUNNEL-UNKNOWN", get(sni, sni, "/_tunnelforge/other"));
            assertEquals("404 TF-TUNNEL-UNKNOWN", get(sni, sni, "/other"));
            assertEquals("421 TF-MISDIRECTED", get(sni, tunnel.host(), "/"));
            assertEquals("421 TF-MISDIRECTED", get(sni, custom.getHost(), "/"));
            assertEquals("421 TF-MISDIRECTED", get(sni, "nobody.tunnel.localhost", "/"));
        }
    }

    @Test
    void withoutANameTheHostDecides() throws Exception {
        assertEquals("served " + tunnel.host() + "/", get((String) null, tunnel.host(), "/"));
        assertEquals("served " + other.getAuthority() + "/", get((String) null, other.getAuthority(), "/"));
        assertEquals("welcome", get((String) null, "127.0.0.1", "/"));
        assertEquals("welcome", get((String) null, "[::1]:443", "/"));
        assertEquals("welcome", get((String) null, TestServer.DOMAIN, "/"));
        assertEquals("400 TF-PROTOCOL", get((String) null, "127.0.0.1", "/_tunnelforge/control"));
        assertEquals("404 TF-TUNNEL-UNKNOWN", get((String) null, "127.0.0.1", "/other"));
        assertEquals("404 TF-TUNNEL-UNKNOWN", get((String) null, "nobody.tunnel.localhost", "/"));
        assertEquals("404 TF-TUNNEL-UNKNOWN", get((String) null, "nobody.tunnel.localhost", "/_tunnelforge/control"));
    }

    @Test
    void aNameBelowTheDomainWithoutATunnelIsUnknown() throws Exception {
        String nobody = "nobody.tunnel.localhost";
        assertEquals("404 TF-TUNNEL-UNKNOWN", get(nobody, nobody, "/"));
        assertEquals("404 TF-TUNNEL-UNKNOWN", get(nobody, nobody, "/_tunnelforge/control"));
        assertEquals("421 TF-MISDIRECTED", get(nobody, tunnel.host(), "/"));
        assertEquals("421 TF-MISDIRECTED", get(nobody, TestServer.DOMAIN, "/_tunnelforge/control"));
    }

    @Test
    void aNameOfOnesOwnIsServedWithItsCertificate() throws Exception {
        assertEquals("app.example.test", custom.getHost());
        tunnel.service().serveText("mine");
        HttpResponse<String> response = tunnel.client().send(HttpRequest.newBuilder(custom).build(), HttpResponse.BodyHandlers.ofString());
        assertEquals("mine", response.body());
        assertEquals("421 TF-MISDIRECTED", get(custom.getHost(), tunnel.host(), "/"));
        assertEquals("welcome", get("sub." + custom.getHost(), "sub." + custom.getHost(), "/"));
    }

    @Test
    void eachRequestOnAConnectionIsRoutedAnew() throws Exception {
        Peer visitor = tunnel.visitor((String) null);
        assertEquals("served " + tunnel.host() + "/1", get(visitor, tunnel.host(), "/1"));
        assertEquals("404 TF-TUNNEL-UNKNOWN", get(visitor, "nobody.tunnel.localhost", "/2"));
        assertEquals("served " + other.getHost() + "/3", get(visitor, other.getHost(), "/3"));
        Peer named = tunnel.visitor();
        assertEquals("served " + tunnel.host() + "/4", get(named, tunnel.host(), "/4"));
        assertEquals("421 TF-MISDIRECTED", get(named, other.getHost(), "/5"));
        assertEquals("served " + tunnel.host() + "/6", get(named, tunnel.host(), "/6"));
    }

    @Test
    void aTunnelThatEndsIsUnknownOnConnectionsThatWereMadeForIt() throws Exception {
        TestAgent agent = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options());
        String host = URI.create(agent.url()).getHost();
        Peer visitor = tunnel.visitor(host);
        assertEquals("served " + host + "/", get(visitor, host, "/"));
        agent.close();
        assertEquals("404 TF-TUNNEL-UNKNOWN", get(visitor, host, "/"));
    }

    /** What a request brings of its address: the status, and Host and X-Forwarded-Host as the local service sees them. */
    private static String told(Peer visitor, String requestLine, String host) throws IOException {
        tunnel.service().serve((request, connection) -> {
            ScriptedService.respond(connection, request.get("Host") + " " + request.get("X-Forwarded-Host"));
            return true;
        });
        Message response = visitor.send(requestLine + "\r\n" + (host == null ? "" : "Host: " + host + "\r\n") + "\r\n").readResponse();
        return response.status() + (response.status() == 200 ? " " + response.text() : "");
    }

    /** RFC 9110 section 4.2.3: an empty port is the usual one. Django and others take it for no host, so it is left out. */
    @Test
    void aHostMayHaveAnEmptyPort() throws Exception {
        String name = tunnel.host();
        String upper = name.toUpperCase(java.util.Locale.ROOT);
        assertEquals("200 " + name + " " + name, told(tunnel.visitor(), "GET / HTTP/1.1", name + ":"));
        assertEquals("200 " + upper + ". " + upper + ".", told(tunnel.visitor(), "GET / HTTP/1.1", upper + ".:"));
        assertEquals("200 " + name + " " + name, told(tunnel.visitor((String) null), "GET / HTTP/1.1", name + ":"));
        assertEquals("200 " + name + " " + name, told(tunnel.visitor(), "GET https://" + name + ":/ HTTP/1.1", name + ":"));
        assertEquals("200 " + name + " " + name, told(tunnel.visitor(), "GET https://" + name + "/ HTTP/1.1", name + ":"));
        assertEquals("200 " + name + " " + name, told(tunnel.visitor(), "GET https://" + name + ":/ HTTP/1.0", null));
        assertEquals("200 app.example.test app.example.test", told(tunnel.visitor("app.example.test"), "GET / HTTP/1.1", "app.example.test:"));
        for (String bad : List.of(":", name + "::", name + ":x", "[::1]:]")) {
            assertEquals("400", told(tunnel.visitor(), "GET / HTTP/1.1", bad), bad);
        }
    }

    /** RFC 9112 section 3.3: by its TLS connection it is known for whom an old client has come. */
    @Test
    void anOldClientThatNamesNoHostHasNamedItByTls() throws Exception {
        assertEquals("200 " + tunnel.authority() + " " + tunnel.authority(), told(tunnel.visitor(), "GET / HTTP/1.0", null));
        assertEquals("200 " + custom.getAuthority() + " " + custom.getAuthority(), told(tunnel.visitor(custom.getHost()), "GET / HTTP/1.0", null));
        assertEquals("200 " + tunnel.authority() + " " + tunnel.authority(), told(tunnel.visitor(), "GET https://" + tunnel.authority() + "/ HTTP/1.0", null));
        assertEquals("421", told(tunnel.visitor(), "GET https://" + other.getAuthority() + "/ HTTP/1.0", null));
        assertTrue(tunnel.visitor(TestServer.DOMAIN).send("GET / HTTP/1.0\r\n\r\n").readResponse().text().contains("This is a TunnelForge server"));
        assertEquals("404", told(tunnel.visitor("nobody.tunnel.localhost"), "GET / HTTP/1.0", null));
        assertEquals("400", told(tunnel.visitor((String) null), "GET / HTTP/1.0", null));
        assertEquals("400", told(tunnel.visitor(), "GET / HTTP/1.0", ""), "a name that is none is not left out");
        assertEquals("400", told(tunnel.visitor(), "GET / HTTP/1.1", null));
    }

    @Test
    void aPageIsHtmlOrJson() throws Exception {
        Peer visitor = tunnel.visitor("nobody.tunnel.localhost");
        visitor.send("GET / HTTP/1.1\r\nHost: nobody.tunnel.localhost\r\nAccept: application/json\r\n\r\n");
        assertEquals("TF-TUNNEL-UNKNOWN", JsonReader.parseObject(visitor.readResponse().text()).string("error"));
        visitor.send("HEAD / HTTP/1.1\r\nHost: nobody.tunnel.localhost\r\n\r\n");
        Message head = visitor.readResponse("HEAD");
        assertEquals(404, head.status());
        visitor.send("POST / HTTP/1.1\r\nHost: nobody.tunnel.localhost\r\nContent-Length: 5\r\n\r\nhello");
        Message page = visitor.readResponse();
        assertEquals(404, page.status());
        assertTrue(page.text().startsWith("<!doctype html>"));
    }
}
