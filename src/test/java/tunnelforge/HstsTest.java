package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tunnelforge.agent.TestAgent;
import tunnelforge.cli.UsageException;
import tunnelforge.server.ServerMain;

/** {@code --hsts}: browsers that have come by https are to use nothing else (RFC 6797). */
final class HstsTest {
    private static final String FIELD = "Strict-Transport-Security";
    private static TunnelFixture tunnel;
    private static URI secure;

    @BeforeAll
    static void start() throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options().http();
        options.server().hsts("max-age=86400").trustForwarded("127.0.0.2");
        tunnel = TunnelFixture.start(options);
        secure = URI.create(tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().protocol("https")).url());
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    private static Message get(Peer visitor, String host) throws IOException {
        return visitor.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").readResponse();
    }

    @Test
    void answersOverHttpsHaveIt() throws Exception {
        tunnel.service().serveText("hello");
        assertEquals(List.of("max-age=86400"), get(tunnel.visitor(), tunnel.host()).all(FIELD));
        assertEquals(List.of("max-age=86400"), get(tunnel.visitor(secure.getHost()), secure.getHost()).all(FIELD));
    }

    @Test
    void theServersOwnPagesHaveIt() throws Exception {
        assertEquals(List.of("max-age=86400"), get(tunnel.visitor("tunnel.localhost"), "tunnel.localhost").all(FIELD));
        Message unknown = get(tunnel.visitor("nobody.tunnel.localhost"), "nobody.tunnel.localhost");
        assertEquals(404, unknown.status());
        assertEquals(List.of("max-age=86400"), unknown.all(FIELD));
        Message wrong = tunnel.visitor().send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").readResponse();
        assertEquals(400, wrong.status());
        assertEquals(List.of("max-age=86400"), wrong.all(FIELD));
    }

    @Test
    void whatTheLocalServiceSaysWins() throws Exception {
        Peer visitor = tunnel.visitor().send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nstrict-transport-security: max-age=1; includeSubDomains\r\nContent-Length: 0\r\n\r\n");
        assertEquals(List.of("max-age=1; includeSubDomains"), visitor.readResponse().all(FIELD));
    }

    @Test
    void plainHttpNeverHasIt() throws Exception {
        tunnel.service().serveText("hello");
        assertNull(get(tunnel.plainVisitor(), tunnel.host()).get(FIELD));
        Message redirect = get(tunnel.plainVisitor(), secure.getHost());
        assertEquals(308, redirect.status());
        assertNull(redirect.get(FIELD));
        assertNull(get(tunnel.plainVisitor(), "nobody.tunnel.localhost").get(FIELD));
        Message wrong = tunnel.plainVisitor().send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").readResponse();
        assertEquals(400, wrong.status());
        assertNull(wrong.get(FIELD));
        // Nobody believes what a visitor says of itself.
        assertNull(tunnel.plainVisitor().send(tunnel.head("GET /", "X-Forwarded-Proto: https")).readResponse().get(FIELD));
    }

    @Test
    void aTimeIsAskedFor() {
        UsageException refused = assertThrows(UsageException.class, () -> ServerMain.start(List.of("--hsts", "always")));
        assertTrue(refused.getMessage().startsWith("option --hsts must be a time such as "), refused.getMessage());
    }
}
