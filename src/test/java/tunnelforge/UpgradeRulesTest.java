package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What RFC 9110 section 7.8 asks of whoever passes Upgrade on: bodies, lists of protocols, and what is answered. */
final class UpgradeRulesTest {
    private static final int MOST = 64 * 1024;
    private static TunnelFixture tunnel;

    private Peer visitor;
    private Peer local;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start();
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    /** As {@code docker exec} sends it. */
    private static String exec(int length) {
        return tunnel.head("POST /exec/start", "Content-Type: application/json", "Content-Length: " + length, "Connection: Upgrade", "Upgrade: tcp");
    }

    private void assertBytesPass() throws IOException {
        local.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nprompt");
        assertEquals("tcp", visitor.readResponse().get("Upgrade"));
        assertEquals("prompt", visitor.readText(6));
        visitor.send("ls\n");
        assertEquals("ls\n", local.readText(3));
        visitor.finish();
        assertTrue(local.atEnd());
        local.send("files");
        assertEquals("files", visitor.readText(5));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 29, 10_000, MOST})
    void theBodyOfAnUpgradeGoesAheadOfTheSession(int length) throws Exception {
        visitor = tunnel.visitor();
        byte[] body = Bodies.ofSize(length);
        visitor.send(exec(length)).send(body);
        local = tunnel.service().accept();
        Message request = local.readRequest();
        assertEquals("tcp", request.get("Upgrade"));
        assertEquals("Upgrade", request.get("Connection"));
        assertEquals(Integer.toString(length), request.get("Content-Length"));
        assertArrayEquals(body, request.body());
        assertBytesPass();
    }

    @Test
    void aBodyThatComesInPiecesIsTheSame() throws Exception {
        visitor = tunnel.visitor();
        visitor.send(exec(12)).send("Tty");
        visitor.send(": true,").send(" }early");
        local = tunnel.service().accept();
        assertEquals("Tty: true, }", local.readRequest().text());
        assertEquals(0, local.in().available());
        local.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
        assertEquals("early", local.readText(5));
        assertEquals(101, visitor.readResponse().status());
    }

    @Test
    void aVisitorThatWaitsWithTheBodyGetsA100First() throws Exception {
        visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Content-Length: 4", "Expect: 100-continue", "Connection: Upgrade", "Upgrade: tcp"));
        assertEquals(100, visitor.readResponseHead().status());
        visitor.send("body");
        local = tunnel.service().accept();
        Message request = local.readRequest();
        assertNull(request.get("Expect"));
        assertEquals("body", request.text());
        assertBytesPass();
    }

    @Test
    void anUpgradeWithABodyThatIsNotGrantedIsAnOrdinaryExchange() throws Exception {
        visitor = tunnel.visitor();
        visitor.send(exec(4)).send("body");
        local = tunnel.service().accept();
        assertEquals("body", local.readRequest().text());
        ScriptedService.respond(local, "no");
        assertEquals("no", visitor.readResponse().text());
        visitor.send(tunnel.head("GET /next"));
        assertEquals("/next", local.readRequest().target());
        ScriptedService.respond(local, "next");
        assertEquals("next", visitor.readResponse().text());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anyOtherBodyIsServedWithoutTheUpgrade(boolean chunked) throws Exception {
        visitor = tunnel.visitor();
        byte[] body = Bodies.ofSize(MOST + 1);
        visitor.send(tunnel.head("POST /", chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + body.length, "Connection: Upgrade", "Upgrade: tcp"));
        if (chunked) {
            visitor.send(Integer.toHexString(body.length) + "\r\n");
        }
        visitor.send(body).send(chunked ? "\r\n0\r\n\r\n" : "");
        local = tunnel.service().accept();
        Message request = local.readRequest();
        assertNull(request.get("Upgrade"));
        assertNull(request.get("Connection"));
        assertArrayEquals(body, request.body());
        ScriptedService.respond(local, "plain");
        assertEquals("plain", visitor.readResponse().text());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"chat/2|Chat/2", "a, tcp|tcp", "a/1, b|b, a/1"})
    void whatWasAskedForMayBeSwitchedTo(String asked, String answered) throws Exception {
        visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /", "Connection: Upgrade", "Upgrade: " + asked));
        local = tunnel.service().accept();
        assertEquals(asked, local.readRequest().get("Upgrade"));
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: " + answered + "\r\n\r\n");
        assertEquals(answered, visitor.readResponse().get("Upgrade"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Upgrade: other\r\n", "Upgrade: tcp, other\r\n", "Upgrade: tcp/2\r\n", "Upgrade: h2c\r\n", "Upgrade:\r\n", ""})
    void whatWasNotAskedForIsNoAnswer(String upgrade) throws Exception {
        visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /", "Connection: Upgrade", "Upgrade: tcp, h2c"));
        local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n" + upgrade + "\r\nbytes");
        Message answer = visitor.readResponse();
        assertEquals(502, answer.status());
        assertEquals("TF-UPSTREAM-INVALID", answer.get("TunnelForge-Error"));
        local.awaitClosed();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", value = {
        "h2c|none", "H2C|none", "h2c/1|none", "h2c-14|none", "HTTP/2.0|none", "TLS/1.2|none", "h2c, websocket|websocket", "websocket , H2c,|websocket",
        "'\"h2c\", a/1'|a/1", "h2c;x=1|none", "chat/2, h2, b|chat/2, b"})
    void anotherHttpIsNotOfferedToTheService(String asked, String offered) throws Exception {
        visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /", "Connection: Upgrade", "Upgrade: " + asked, "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"));
        local = tunnel.service().accept();
        Message request = local.readRequest();
        assertEquals(offered, request.get("Upgrade"));
        assertEquals(offered == null ? null : "Upgrade", request.get("Connection"));
        assertNull(request.get("HTTP2-Settings"));
        ScriptedService.respond(local, "plain");
        assertEquals("plain", visitor.readResponse().text());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", value = {"426 Upgrade Required|TLS/1.3, websocket|TLS/1.3, websocket", "200 OK|websocket, tcp|websocket, tcp",
        "403 Forbidden|h2, h2c, tcp|tcp", "200 OK|h2,h2c|none"})
    void whatAServiceCouldSwitchToTravelsInOtherAnswers(String status, String said, String heard) throws Exception {
        visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 " + status + "\r\nConnection: Upgrade\r\nUpgrade: " + said + "\r\nContent-Length: 2\r\n\r\nok");
        Message answer = visitor.readResponse();
        assertEquals(heard, answer.get("Upgrade"));
        assertEquals(heard == null ? null : "Upgrade", answer.get("Connection"));
        visitor.send(tunnel.head("GET /next"));
        assertEquals("/next", local.readRequest().target());
        ScriptedService.respond(local, "next");
        assertEquals("next", visitor.readResponse().text());
    }

    @Test
    void aVisitorOfHttp10CannotUpgradeAndHearsNothingOfIt() throws Exception {
        visitor = tunnel.visitor();
        visitor.send("POST / HTTP/1.0\r\nHost: " + tunnel.authority() + "\r\nConnection: upgrade\r\nUpgrade: tcp\r\nContent-Length: 4\r\n\r\nbody");
        local = tunnel.service().accept();
        Message request = local.readRequest();
        assertNull(request.get("Upgrade"));
        assertEquals("body", request.text());
        local.send("HTTP/1.1 200 OK\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\nok");
        Message answer = visitor.readResponse();
        assertNull(answer.get("Upgrade"));
        assertEquals("close", answer.get("Connection"));
    }

    /** Its field would be one of the connection, and the visitor's own is not passed on without it. */
    @Test
    void anUpgradeThatConnectionDoesNotNameIsNoUpgrade() throws Exception {
        visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /", "Upgrade: websocket"));
        local = tunnel.service().accept();
        assertNull(local.readRequest().get("Upgrade"));
        ScriptedService.respond(local, "plain");
        assertEquals("plain", visitor.readResponse().text());
    }

    @Test
    void severalLinesOfUpgradeAreOneList() throws Exception {
        visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "Upgrade: a, b"));
        local = tunnel.service().accept();
        assertEquals(List.of("a, b"), local.readRequest().all("Upgrade"));
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: b\r\n\r\n");
        assertEquals("b", visitor.readResponse().get("Upgrade"));
    }

    /** The bytes behind the head are not the agent's frames. */
    @ParameterizedTest
    @ValueSource(strings = {"/_tunnelforge/data", "/_tunnelforge/control"})
    void anAgentsUpgradeHasNoBody(String entrance) throws Exception {
        Peer agent = tunnel.visitor(null);
        agent.send("GET " + entrance + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket, tunnelforge.v1\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: tunnelforge.v1\r\n"
                + "Content-Length: 4\r\n\r\nbody");
        assertTrue(agent.readResponse().status() >= 400);
    }

    /** RFC 9110 section 15.5.22. */
    @Test
    void theEntranceSaysWhatItUpgradesTo() throws Exception {
        Peer agent = tunnel.visitor(null);
        agent.send("GET /_tunnelforge/data HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Message answer = agent.readResponse();
        assertEquals(426, answer.status());
        assertEquals("tunnelforge.v1", answer.get("Upgrade"));
        assertEquals("Upgrade, close", answer.get("Connection"));
    }
}
