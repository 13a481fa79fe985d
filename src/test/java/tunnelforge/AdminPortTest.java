package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.agent.TestAgent;
import tunnelforge.cli.ExitException;
import tunnelforge.json.JsonObject;
import tunnelforge.server.admin.AdminConfig;
import tunnelforge.text.Digests;

/** What whoever runs a server sees by its admin port, and does there. */
final class AdminPortTest {
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";
    private static final int SLOW = 60;

    private TunnelFixture tunnel;

    @BeforeEach
    void start() throws Exception {
        tunnel = TunnelFixture.start();
    }

    @AfterEach
    void stop() throws IOException {
        tunnel.close();
    }

    private AdminClient admin() throws IOException {
        return new AdminClient(tunnel, tunnel.server().admin());
    }

    // ---- Metrics and health. ----

    @Test
    void prometheusGetsTheFormatThatItAsksFor() throws Exception {
        AdminClient admin = admin();
        Message plain = admin.ask("GET /metrics");
        assertEquals("text/plain; version=0.0.4; charset=utf-8", plain.get("Content-Type"));
        assertTrue(plain.text().contains("\ntunnelforge_tunnels{protocol=\"https\",agent=\"attached\"} 1\n"), plain.text());
        assertTrue(plain.text().contains("\ntunnelforge_memory_capacity_bytes{part=\"sessions\"} "), plain.text());
        Message open = admin.ask("GET /metrics", "Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");
        assertEquals("application/openmetrics-text; version=1.0.0; charset=utf-8", open.get("Content-Type"));
        assertTrue(open.text().endsWith("\n# EOF\n"), open.text());
    }

    /** What grows with tunnels, visitors or what they send would fill Prometheus's memory. */
    @Test
    void noSampleIsAddedByTunnelsOrVisitors() throws Exception {
        AdminClient admin = admin();
        tunnel.service().serveText("hello");
        tunnel.get("/");
        Set<String> before = admin.counters().keySet();
        long lines = admin.metrics().lines().count();
        tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().subdomain("more")).url();
        for (int i = 0; i < 20; i++) {
            try (Peer visitor = tunnel.visitor(tunnel.host(), "127.0.0." + (2 + i))) {
                visitor.send(tunnel.head("X" + i + " /" + i + "?a=\"b\"", "User-Agent: no " + i)).readResponse();
            }
        }
        assertEquals(before, admin.counters().keySet());
        assertEquals(lines, admin.metrics().lines().count());
    }

    @Test
    void aServerThatDrainsIsAliveAndNotReady() throws Exception {
        AdminClient admin = admin();
        assertEquals("alive\n", admin.ask("GET /healthz").text());
        assertEquals(200, admin.ask("GET /readyz").status());
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        FutureTask<Void> draining = new FutureTask<>(() -> tunnel.server().drain(Duration.ofSeconds(30)), null);
        Thread.ofVirtual().start(draining);
        Eventually.await("it is not ready", () -> {
            try {
                Message ready = admin.ask("GET /readyz");
                return ready.status() == 503 && ready.text().equals("draining\n") && !admin.json("/api/figures").bool("ready", true);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        assertEquals(200, admin.ask("GET /healthz").status());
        assertFalse(draining.isDone());
        ScriptedService.respond(local, "last");
        assertEquals("last", visitor.readResponse().text());
        draining.get();
    }

    // ---- Who may ask. ----

    @Test
    void foreignHostsAndOriginsGetNothingAndChangeNothing() throws Exception {
        AdminClient admin = admin();
        String id = admin.tunnels().getFirst().string("id");
        for (String path : List.of("/", "/metrics", "/healthz", "/readyz", "/api/tunnels", "/api/figures", "/nothing")) {
            assertEquals(421, admin.askAs("evil.example", "GET " + path).status(), path);
            assertEquals(403, admin.ask("GET " + path, "Origin: http://evil.example").status(), path);
        }
        assertEquals(421, admin.askAs("evil.example:" + admin.port(), "DELETE /api/tunnels/" + id, "Origin: http://evil.example:" + admin.port()).status());
        assertEquals(403, admin.ask("DELETE /api/tunnels/" + id, "Origin: http://localhost:8080").status());
        assertEquals(403, admin.ask("DELETE /api/tunnels/" + id, "Origin: null").status());
        assertEquals(1, admin.tunnels().size());
    }

    @Test
    void aTokenIsAskedForButByProbes() throws Exception {
        AdminClient admin = new AdminClient(tunnel, tunnel.server().admin(new AdminConfig(InetAddress.getLoopbackAddress(), 0, Set.of("metrics.example.com"), TOKEN)));
        assertEquals(200, admin.ask("GET /healthz").status());
        assertEquals(200, admin.ask("GET /readyz").status());
        for (String path : List.of("GET /", "GET /metrics", "GET /api/tunnels", "GET /api/figures", "DELETE /api/tunnels/x")) {
            Message refused = admin.ask(path);
            assertEquals(401, refused.status(), path);
            assertTrue(refused.get("WWW-Authenticate").startsWith("Basic realm="), path);
            assertFalse(refused.text().contains("tunnelforge_"), path);
        }
        assertEquals(200, admin.askAs("metrics.example.com", "GET /metrics", "Authorization: Bearer " + TOKEN).status());
        assertFalse(tunnel.server().log().entries().toString().contains(TOKEN));
    }

    @Test
    void thoseWhoSayNothingKeepNobodyOut() throws Exception {
        AdminClient admin = admin();
        for (int i = 0; i < SLOW; i++) {
            tunnel.tcp(admin.port()).send("GET /metrics HTTP/1.1\r\nHost: local");
        }
        assertEquals(200, admin.ask("GET /healthz").status());
    }

    /** There are a hundred: each could ask again now and then, and be in the way of whoever has the token. */
    @Test
    void whoShowsNoTokenKeepsNoConnection() throws Exception {
        int port = tunnel.server().admin(new AdminConfig(InetAddress.getLoopbackAddress(), 0, Set.of(), TOKEN));
        for (String path : List.of("/healthz", "/readyz", "/metrics")) {
            try (Peer stranger = tunnel.tcp(port)) {
                stranger.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertEquals("close", stranger.readResponse().get("Connection"), path);
                assertEquals(-1, stranger.in().read(), path);
            }
        }
        try (Peer operator = tunnel.tcp(port)) {
            String ask = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + TOKEN + "\r\n\r\n";
            assertEquals(200, operator.send(ask).readResponse().status());
            assertEquals(200, operator.send(ask).readResponse().status());
        }
    }

    @Test
    void otherMethodsAndPathsAreNone() throws Exception {
        AdminClient admin = admin();
        assertEquals("GET, HEAD", admin.ask("POST /metrics", "Content-Length: 0").get("Allow"));
        assertEquals(405, admin.ask("DELETE /api/tunnels").status());
        assertEquals("DELETE", admin.ask("GET /api/tunnels/x").get("Allow"));
        assertEquals(404, admin.ask("DELETE /api/tunnels/x").status());
        assertEquals(404, admin.ask("GET /metrics/").status());
        Message head = admin.ask("HEAD /metrics");
        assertEquals(200, head.status());
        assertTrue(tunnel.server().log().entries("internal_error").isEmpty());
    }

    @Test
    void aHeadWithoutEndIsCutOff() throws Exception {
        AdminClient admin = admin();
        Peer peer = tunnel.tcp(admin.port());
        peer.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: ");
        byte[] piece = "x".repeat(1024).getBytes(StandardCharsets.US_ASCII);
        boolean ended = false;
        try {
            for (int i = 0; i < 1024 && !ended; i++) {
                peer.send(piece);
            }
            ended = peer.in().read() < 0;
        } catch (IOException e) {
            ended = true;
        }
        assertTrue(ended);
        assertEquals(200, admin.ask("GET /healthz").status());
    }

    // ---- Tunnels. ----

    @Test
    void tunnelsAreListedWithWhatTheyAre() throws Exception {
        JsonObject only = admin().tunnels().getFirst();
        assertEquals(tunnel.server().tunnelId(tunnel.host()), only.string("id"));
        assertEquals(tunnel.url().toString(), only.string("url"));
        assertEquals("https", only.string("protocol"));
        assertEquals("127.0.0.1", only.string("agent"));
        assertEquals(3, only.integer("data_connections", 0, 10));
        assertTrue(Duration.between(Instant.parse(only.string("since")), Instant.now()).toSeconds() < 100, only.string("since"));
    }

    @Test
    void aClosedTunnelEndsItsAgentWhichIsToldWhy() throws Exception {
        AdminClient admin = admin();
        TestAgent closed = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().subdomain("closed"));
        String id = tunnel.server().tunnelId(java.net.URI.create(closed.url()).getHost());
        assertEquals(204, admin.ask("DELETE /api/tunnels/" + id, "Origin: http://localhost:" + admin.port()).status());
        assertFalse(tunnel.server().hasTunnel("closed.tunnel.localhost"));
        ExitException end = closed.awaitEnd(Duration.ofSeconds(10));
        assertEquals(3, end.code());
        assertTrue(end.getMessage().contains("TF-LIMIT") && end.getMessage().contains("the operator of the server has closed this tunnel"), end.getMessage());
        assertEquals(404, admin.ask("DELETE /api/tunnels/" + id).status());
        assertEquals(1, tunnel.server().log().entries("tunnel_removed").size());
        tunnel.service().serveText("the other one goes on");
        assertEquals(200, tunnel.get("/").status());
    }

    /** Its agent cannot be told; when it comes back it would have its tunnel again. */
    @Test
    void aTunnelThatIsClosedWhileItsAgentIsAwayStaysClosed() throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        JsonObject had = agent.register("\"options\":{\"subdomain\":\"absent\"}");
        agent.connection().close();
        AdminClient admin = admin();
        Eventually.await("it is away", () -> tunnel.server().log().entries("control_ended").size() == 1);
        assertEquals(204, admin.ask("DELETE /api/tunnels/" + had.string("tunnel_id")).status());
        ScriptedAgent again = new ScriptedAgent(tunnel);
        again.sendRegister("\"options\":{\"subdomain\":\"absent\"}", "\"tunnel_id\":\"" + had.string("tunnel_id") + "\"", "\"resume_token\":\"" + had.string("resume_token") + "\"");
        JsonObject refused = again.next();
        assertEquals("TF-LIMIT", refused.string("name"), refused::toString);
        assertFalse(refused.bool("retry", true));
        assertFalse(tunnel.server().hasTunnel("absent.tunnel.localhost"));
        assertTrue(new ScriptedAgent(tunnel).register("\"options\":{\"subdomain\":\"absent\"}").string("url").contains("absent"), "the name is free");
    }

    // ---- The page. ----

    private static String between(String text, String begin, String end) {
        return text.substring(text.indexOf(begin) + begin.length(), text.indexOf(end));
    }

    private static String digest(String text) {
        return "'sha256-" + Base64.getEncoder().encodeToString(Digests.sha256(text.getBytes(StandardCharsets.UTF_8))) + "'";
    }

    @Test
    void thePageRunsItsOwnScriptAndNoOther() throws Exception {
        Message page = admin().ask("GET /");
        assertEquals("default-src 'none'; script-src " + digest(between(page.text(), "<script>", "</script>")) + "; style-src "
                + digest(between(page.text(), "<style>", "</style>")) + "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                page.get("Content-Security-Policy"));
        assertEquals("nosniff", page.get("X-Content-Type-Options"));
        Matcher elsewhere = Pattern.compile("(?:src|href)=\"?(?!data:)\\w|innerHTML|document\\.write|eval\\(| style=\"| on\\w+=\"").matcher(page.text());
        assertFalse(elsewhere.find(), () -> "it says " + elsewhere.group());
    }
}
