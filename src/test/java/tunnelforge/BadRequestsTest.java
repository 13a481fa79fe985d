package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What two parsers could read differently is refused, answered, closed, and reaches no local service. */
final class BadRequestsTest {
    private static TunnelFixture tunnel;

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

    /** A visitor of another connection, whose request is under way meanwhile. */
    private Peer bystander;
    private Peer bystandersLocal;

    @BeforeEach
    void begin() throws Exception {
        bystander = tunnel.visitor();
        bystander.send(tunnel.head("GET /bystander"));
        do {
            bystandersLocal = tunnel.service().accept();
        } while (!readsBystander(bystandersLocal));
    }

    /** False for what is left of a request that was given up in the test before. */
    private static boolean readsBystander(Peer local) {
        try {
            return local.readRequest().target().equals("/bystander");
        } catch (IOException e) {
            return false;
        }
    }

    private void assertBystanderUnharmed() throws Exception {
        ScriptedService.respond(bystandersLocal, "unharmed");
        assertEquals("unharmed", bystander.readResponse().text());
    }

    private void assertRefused(int status, String error, String request) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(request + "GET /smuggled HTTP/1.1\r\nHost: " + tunnel.authority() + "\r\n\r\n");
        Message response = visitor.readResponse();
        assertEquals(status, response.status(), response::toString);
        assertEquals(error, response.get("TunnelForge-Error"));
        assertEquals("close", response.get("Connection"));
        assertTrue(visitor.awaitClosed(), "the connection did not end cleanly behind the answer");
        assertEquals(1, tunnel.service().accepted(), "the local service got to see something");
        assertBystanderUnharmed();
    }

    private String post(String... lines) {
        return tunnel.head("POST /", lines);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5", "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5, 5", "Content-Length: +5", "Content-Length: -1", "Content-Length: 0x5", "Content-Length: 05",
        "Content-Length: 5 5", "Content-Length:", "Content-Length: 99999999999999999999", "Content-Length: 5;", "Content-Length : 5", "Content-Length\t: 5",
        "Transfer-Encoding : chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity", "Transfer-Encoding: xchunked", "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: chunked;q=1", "Transfer-Encoding:", "Transfer-Encoding: chunked\u0000", "Transfer-Encoding: \u000bchunked",
        "X: 1\r\n folded: 2", "X: 1\r\n\tfolded", " X: 1", "X: a\u0000b", "X: a\u0001b", "X: a\u007fb", "X: a\rb", "X: a\nTransfer-Encoding: chunked", "X", ": x",
        "X Y: 1", "X(: 1", "\u00e4: 1", "Host: again.tunnel.localhost"})
    void inAField(String lines) throws Exception {
        assertRefused(400, "TF-BAD-REQUEST", post(lines));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip, chunked", "deflate,chunked"})
    void anUnknownCodingIsNotImplemented(String coding) throws Exception {
        assertRefused(501, "TF-BAD-REQUEST", post("Transfer-Encoding: " + coding));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"400|GET /a b HTTP/1.1", "400|GET  / HTTP/1.1", "400|GET /\u0001 HTTP/1.1", "400|GET /#x HTTP/1.1", "400|GET x HTTP/1.1",
        "400|G@T / HTTP/1.1", "400|GET / http/1.1", "400|GET / HTTP/1.1x", "400|GET /", "505|GET / HTTP/2.0", "505|GET / HTTP/1.2", "505|GET / HTTP/0.9", "400|/ HTTP/1.1",
        "501|CONNECT x:443 HTTP/1.1", "400|GET * HTTP/1.1", "400|GET ftp://x/ HTTP/1.1", "400|GET https://other.tunnel.localhost/ HTTP/1.1"})
    void inTheRequestLine(int status, String line) throws Exception {
        assertRefused(status, "TF-BAD-REQUEST", line + "\r\nHost: " + tunnel.authority() + "\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Host:\r\n", "Host: a b\r\n", "Host: a,b\r\n", "Host: user@host\r\n", "Host: host/path\r\n"})
    void inHost(String line) throws Exception {
        Peer visitor = tunnel.visitor();
        Message response = visitor.send("GET / HTTP/1.1\r\n" + line + "\r\n").readResponse();
        assertEquals(400, response.status());
        assertTrue(visitor.awaitClosed());
        assertBystanderUnharmed();
    }

    @Test
    void chunkedInHttp10() throws Exception {
        assertRefused(400, "TF-BAD-REQUEST", "POST / HTTP/1.0\r\nHost: " + tunnel.authority() + "\r\nTransfer-Encoding: chunked\r\n\r\n");
    }

    @Test
    void bareLineFeeds() throws Exception {
        assertRefused(400, "TF-BAD-REQUEST", post().replace("\r\n", "\n") + "\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"5\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n", "11111111111111111\r\nhello", "ffffffffffffffff\r\nhello", "5\r\nhelloX\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello0\r\n\r\n",
        "5;a=\n\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\nGET /smuggled HTTP/1.1\r\n\r\n", "5\r\nhello\r\n0\r\nX: 1\r\n folded\r\n\r\n", "5\r\nhello\r\n0\n\r\n"})
    void inAChunk(String body) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(post("Transfer-Encoding: chunked") + body + tunnel.head("GET /smuggled"));
        Message response = visitor.readResponse();
        assertEquals(400, response.status());
        assertTrue(visitor.awaitClosed());
        assertBystanderUnharmed();
        // One that was given up before the agent had connected has none.
        Peer local = tunnel.service().acceptNow();
        if (local != null) {
            assertThrows(IOException.class, local::readRequest, "the local service got a whole request");
        }
        assertNull(tunnel.service().acceptNow(), "the request behind it was served");
    }

    @Test
    void aRequestInABodyIsABody() throws Exception {
        String inner = tunnel.head("GET /smuggled");
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /outer", "Content-Length: " + inner.length()) + inner + tunnel.head("GET /next"));
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        assertEquals("/outer", request.target());
        assertEquals(inner, request.text());
        ScriptedService.respond(local, "1");
        assertEquals("/next", local.readRequest().target());
        ScriptedService.respond(local, "2");
        assertEquals("1", visitor.readResponse().text());
        assertEquals("2", visitor.readResponse().text());
        assertBystanderUnharmed();
    }

    /** A head of exactly so many bytes. */
    private String headOf(int bytes) {
        String begun = "GET / HTTP/1.1\r\nHost: " + tunnel.authority() + "\r\n";
        StringBuilder head = new StringBuilder(begun);
        while (bytes - 2 - head.length() > 8_000) {
            head.append("X: ").append("x".repeat(7_000)).append("\r\n");
        }
        return head.append("Y: ").append("y".repeat(bytes - head.length() - 4)).append("\r\n\r\n").toString();
    }

    @Test
    void aHeadOf64KibIsServedAndOneByteMoreIsTooLarge() throws Exception {
        assertEquals(65_536, headOf(65_536).length());
        Peer visitor = tunnel.visitor();
        visitor.send(headOf(65_536));
        Peer local = tunnel.service().accept();
        local.readRequest();
        ScriptedService.respond(local, "large");
        assertEquals("large", visitor.readResponse().text());
        visitor.send(headOf(65_537));
        Message response = visitor.readResponse();
        assertEquals(431, response.status());
        assertEquals("TF-TOO-LARGE", response.get("TunnelForge-Error"));
        assertTrue(visitor.awaitClosed());
        assertBystanderUnharmed();
    }

    @Test
    void aHeadThatNeverEndsIsTooLarge() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send("GET / HTTP/1.1\r\nHost: " + tunnel.authority() + "\r\n" + ("X: " + "x".repeat(1_000) + "\r\n").repeat(70));
        assertEquals(431, visitor.readResponse().status());
        assertBystanderUnharmed();
    }

    @Test
    void aTargetThatNeverEndsIsTooLong() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send("GET /" + "x".repeat(70_000));
        assertEquals(414, visitor.readResponse().status());
        assertBystanderUnharmed();
    }

    @Test
    void tooManyFieldsAreTooLarge() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send("GET / HTTP/1.1\r\nHost: " + tunnel.authority() + "\r\n" + "X: 1\r\n".repeat(400) + "\r\n");
        assertEquals(431, visitor.readResponse().status());
        assertTrue(visitor.awaitClosed());
        assertBystanderUnharmed();
    }

    @Test
    void oneLineIsLoggedForEach() throws Exception {
        int before = tunnel.server().log().entries("request_refused").size();
        assertRefused(400, "TF-BAD-REQUEST", post("Content-Length: x"));
        assertEquals(before + 1, tunnel.server().log().entries("request_refused").size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void twoHundredFieldLinesAreServedForThoseThatTheServerAddsHaveRoomOfTheirOwn(boolean upgrade) throws Exception {
        Peer visitor = tunnel.visitor();
        String own = upgrade ? "Connection: Upgrade\r\nUpgrade: websocket\r\n" : "";
        visitor.send("GET /many HTTP/1.1\r\nHost: " + tunnel.authority() + "\r\n" + own + "X: 1\r\n".repeat(upgrade ? 197 : 199) + "\r\n");
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        assertEquals(upgrade ? 197 : 199, request.all("X").size());
        ScriptedService.respond(local, "served");
        assertEquals("served", visitor.readResponse().text());
        assertBystanderUnharmed();
    }

    @Test
    void oneFieldMoreIsTooLarge() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send("GET /many HTTP/1.1\r\nHost: " + tunnel.authority() + "\r\n" + "X: 1\r\n".repeat(200) + "\r\n");
        assertEquals(431, visitor.readResponse().status());
        assertBystanderUnharmed();
    }
}
