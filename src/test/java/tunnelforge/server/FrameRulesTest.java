package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.FramePeer;
import tunnelforge.FramePeer.Frame;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;

/** What an agent may send on a data connection in the binary encoding, and what ends it (PROTOCOL.md sections 4, 5 and 7). */
class FrameRulesTest {
    private static final byte[] NONE = {};
    private static TunnelFixture fixture;
    private ManualAgent agent;
    private FramePeer data;

    @BeforeAll
    static void start() throws Exception {
        fixture = TunnelFixture.start(new TunnelFixture.Options().withoutAgent());
    }

    @AfterAll
    static void stop() throws IOException {
        fixture.close();
    }

    @BeforeEach
    void register() throws Exception {
        agent = ManualAgent.register(fixture);
        data = agent.open();
    }

    @AfterEach
    void end() throws Exception {
        agent.end();
        fixture.settle();
        tunnelforge.Eventually.await("the tunnel has ended", () -> fixture.server().tunnels() == 0);
    }

    private static void assertPage(Message page, int status, String error) {
        assertEquals(status, page.status(), page.toString());
        assertEquals(error, page.get("TunnelForge-Error"));
    }

    /** The connection ends, whoever waited on it is told, and the tunnel goes on. */
    private void assertBroken(Peer visitor) throws Exception {
        data.awaitEnd();
        assertPage(visitor.readResponse(), 502, "TF-OUTCOME-UNKNOWN");
        FramePeer another = agent.open();
        Peer next = agent.visit("GET /next");
        another.answer(another.nextRequest(), "unharmed");
        assertEquals("unharmed", next.readResponse().text());
    }

    private Peer visitorWaiting() throws IOException {
        Peer visitor = agent.visit("GET /");
        assertEquals(1, data.nextRequest());
        return visitor;
    }

    // ---- What ends the connection. ----

    @ParameterizedTest
    @ValueSource(ints = {FrameType.RESPONSE, FrameType.DATA, FrameType.END, FrameType.RESET, FrameType.WINDOW, FrameType.REQUEST})
    void aFrameForAnIdThatWasNeverOpened(int type) throws Exception {
        Peer visitor = visitorWaiting();
        data.sendRaw(2, type, 0, NONE);
        assertBroken(visitor);
    }

    @ParameterizedTest
    @ValueSource(ints = {FrameType.DATA, FrameType.END, FrameType.RESET, FrameType.WINDOW, FrameType.RESPONSE})
    void aFrameOfAnExchangeOnIdZero(int type) throws Exception {
        Peer visitor = visitorWaiting();
        data.sendRaw(0, type, 0, NONE);
        assertBroken(visitor);
    }

    @Test
    void dataBeforeTheResponse() throws Exception {
        Peer visitor = visitorWaiting();
        data.data(1, "x");
        assertBroken(visitor);
    }

    @Test
    void endBeforeTheResponse() throws Exception {
        Peer visitor = visitorWaiting();
        data.end(1);
        assertBroken(visitor);
    }

    @Test
    void dataBetweenInformationalAndFinalResponse() throws Exception {
        Peer visitor = visitorWaiting();
        data.respond(1, "HTTP/1.1 103 Early Hints").data(1, "x");
        assertEquals(103, visitor.readResponseHead().status());
        assertBroken(visitor);
    }

    @Test
    void aSecondFinalResponse() throws Exception {
        Peer visitor = visitorWaiting();
        data.respond(1, "HTTP/1.1 200 OK", "Content-Length: 5");
        assertEquals(200, visitor.readResponseHead().status());
        data.respond(1, "HTTP/1.1 200 OK", "Content-Length: 5");
        data.awaitEnd();
        visitor.awaitClosed();
    }

    @Test
    void moreInformationalResponsesThanAllowed() throws Exception {
        Peer visitor = visitorWaiting();
        for (int i = 0; i < Limits.MAX_INFORMATIONAL; i++) {
            data.respond(1, "HTTP/1.1 103 Early Hints");
            assertEquals(103, visitor.readResponseHead().status());
        }
        data.assertAlive();
        data.respond(1, "HTTP/1.1 103 Early Hints");
        assertBroken(visitor);
    }

    @Test
    void switchingProtocolsUnasked() throws Exception {
        Peer visitor = visitorWaiting();
        data.respond(1, "HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket");
        assertBroken(visitor);
    }

    @Test
    void theBodyOfAnUpgradeIsDataBehindItsRequestAndHasNoEnd() throws Exception {
        Peer visitor = agent.visit("POST /exec", "Connection: Upgrade", "Upgrade: tcp, h2c", "Content-Length: 4").send("bodyearly");
        FramePeer.Frame request = data.next(FrameType.REQUEST);
        assertTrue(request.text().contains("Content-Length: 4\r\n"), request.text());
        assertTrue(request.text().contains("\r\nUpgrade: tcp\r\n"), request.text());
        assertEquals("body", data.next(FrameType.DATA).text());
        data.assertAlive();
        data.respond(1, "HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: tcp");
        assertEquals("early", data.next(FrameType.DATA).text());
        assertEquals(101, visitor.readResponseHead().status());
        visitor.finish();
        data.next(FrameType.END);
        data.end(1);
    }

    private static String visitorConnection(FramePeer.Frame request) {
        return new Message(request.text()).get("tunnelforge-visitor-connection");
    }

    @Test
    void requestsNameTheirVisitorsConnectionAndTheAgentHearsOfItsEndWhereALoginWasBegun() throws Exception {
        Peer visitor = agent.visit("GET /1");
        FramePeer.Frame first = data.next(FrameType.REQUEST);
        data.next(FrameType.END);
        data.answer(1, "first");
        assertEquals("first", visitor.readResponse().text());
        visitor.send("GET /2 HTTP/1.1\r\nHost: " + agent.host() + "\r\ntunnelforge-visitor-connection: mine\r\n\r\n");
        FramePeer.Frame second = data.next(FrameType.REQUEST);
        data.next(FrameType.END);
        data.respond(2, "HTTP/1.1 401 Unauthorized", "WWW-Authenticate: Negotiate", "Content-Length: 0").end(2);
        assertEquals(401, visitor.readResponse().status());
        assertEquals(visitorConnection(first), visitorConnection(second));
        assertEquals(1, new Message(second.text()).all("tunnelforge-visitor-connection").size());
        Peer other = agent.visit("GET /3");
        FramePeer.Frame third = data.next(FrameType.REQUEST);
        data.next(FrameType.END);
        data.answer(3, "third");
        assertEquals("third", other.readResponse().text());
        assertNotEquals(visitorConnection(first), visitorConnection(third));
        other.close();
        visitor.close();
        assertEquals("{\"type\":\"visitor_left\",\"visitor_connection\":\"" + visitorConnection(first) + "\"}", data.next(FrameType.MESSAGE).text());
        data.assertAlive();
    }

    @Test
    void switchingToAProtocolThatWasNotAskedForEndsTheExchangeAlone() throws Exception {
        Peer visitor = agent.visit("GET /", "Connection: Upgrade", "Upgrade: tcp");
        data.next(FrameType.REQUEST);
        data.respond(1, "HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: other");
        assertPage(visitor.readResponse(), 502, "TF-UPSTREAM-INVALID");
        data.next(FrameType.RESET);
        data.assertAlive();
    }

    @Test
    void dataBeyondTheCredit() throws Exception {
        Peer visitor = visitorWaiting();
        data.respond(1, "HTTP/1.1 200 OK", "Transfer-Encoding: chunked");
        visitor.readResponseHead();
        byte[] whole = new byte[Limits.MAX_DATA];
        long credit = Limits.INITIAL_WINDOW;
        // The visitor does not read: some of it goes into the streams, and credit for that comes back; then no more does.
        data.peer().socket().setSoTimeout(500);
        try {
            while (true) {
                for (; credit >= whole.length; credit -= whole.length) {
                    data.send(frames -> frames.data(1, whole, 0, whole.length));
                }
                credit += window(data.next(FrameType.WINDOW));
            }
        } catch (java.net.SocketTimeoutException e) {
            // No credit within half a second: the visitor's streams are full.
        }
        data.peer().socket().setSoTimeout((int) Peer.LIMIT.toMillis());
        int rest = (int) credit;
        data.send(frames -> frames.data(1, whole, 0, rest)).assertAlive();
        data.send(frames -> frames.data(1, whole, 0, 1));
        data.awaitEnd();
    }

    private static long window(Frame frame) {
        byte[] b = frame.text().getBytes(StandardCharsets.ISO_8859_1);
        return (b[0] & 0xffL) << 24 | (b[1] & 0xff) << 16 | (b[2] & 0xff) << 8 | b[3] & 0xff;
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0, 0", "128, 0, 0, 0", "255, 255, 255, 255"})
    void aWindowThatIsNone(int first, int second, int third, int fourth) throws Exception {
        Peer visitor = visitorWaiting();
        data.sendRaw(1, FrameType.WINDOW, 4, new byte[] {(byte) first, (byte) second, (byte) third, (byte) fourth});
        assertBroken(visitor);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void aWindowOfAnotherLength(int length) throws Exception {
        Peer visitor = visitorWaiting();
        data.sendRaw(1, FrameType.WINDOW, length, new byte[length]);
        assertBroken(visitor);
    }

    @Test
    void moreCreditThanThereMayBe() throws Exception {
        Peer visitor = visitorWaiting();
        data.send(frames -> frames.window(1, Integer.MAX_VALUE - Limits.INITIAL_WINDOW)).assertAlive();
        data.send(frames -> frames.window(1, 1));
        assertBroken(visitor);
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 200, 255})
    void aTypeThatMayNotBeIgnored(int type) throws Exception {
        Peer visitor = visitorWaiting();
        data.sendRaw(0, type, 0, NONE);
        assertBroken(visitor);
    }

    @Test
    void anIdWithTheTopBit() throws Exception {
        Peer visitor = visitorWaiting();
        data.sendRaw(0x8000_0001L, FrameType.RESET, 2, new byte[2]);
        assertBroken(visitor);
    }

    static Stream<Arguments> typesAndLimits() {
        return Stream.of(Arguments.of(FrameType.MESSAGE, 64 * 1024), Arguments.of(FrameType.RESPONSE, 128 * 1024),
                Arguments.of(FrameType.DATA, 64 * 1024), Arguments.of(FrameType.END, 128 * 1024), Arguments.of(FrameType.RESET, 1024),
                Arguments.of(FrameType.WINDOW, 4), Arguments.of(FrameType.PING, 8), Arguments.of(FrameType.PONG, 8),
                Arguments.of(FrameType.DRAIN, 0), Arguments.of(FrameType.OPEN, 4096), Arguments.of(127, 64 * 1024));
    }

    @ParameterizedTest
    @MethodSource("typesAndLimits")
    void aLengthOneOverItsLimitEndsItBeforeThePayloadComes(int type, int limit) throws Exception {
        Peer visitor = visitorWaiting();
        data.sendRaw(1, type, limit + 1, NONE);
        assertBroken(visitor);
        assertTrue(fixture.server().log().entries("data_refused").stream()
                .anyMatch(entry -> String.valueOf(entry.fields().get("error")).contains("is over the limit of " + limit)), "it is logged");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7})
    void aPingOfAnotherLength(int length) throws Exception {
        Peer visitor = visitorWaiting();
        data.sendRaw(0, FrameType.PING, length, new byte[length]);
        assertBroken(visitor);
    }

    @Test
    void aResetWithoutACode() throws Exception {
        Peer visitor = visitorWaiting();
        data.sendRaw(1, FrameType.RESET, 1, new byte[1]);
        assertBroken(visitor);
    }

    // ---- What does not. ----

    @Test
    void framesOfAnExchangeThatIsOverAreDropped() throws Exception {
        Peer visitor = visitorWaiting();
        data.answer(1, "done");
        assertEquals("done", visitor.readResponse().text());
        data.answer(1, "again").reset(1, ResetCode.BROKEN_OFF, "late").send(frames -> frames.window(1, Integer.MAX_VALUE))
                .data(1, "x").end(1).assertAlive();
        visitor.send("GET /2 HTTP/1.1\r\nHost: " + agent.host() + "\r\n\r\n");
        data.answer(data.nextRequest(), "second");
        assertEquals("second", visitor.readResponse().text());
    }

    @Test
    void unknownTypesAndMessagesAreIgnored() throws Exception {
        Peer visitor = visitorWaiting();
        data.sendRaw(0, 127, 64 * 1024, new byte[64 * 1024]).sendRaw(99, 11, 3, new byte[3]);
        data.send(frames -> frames.message(0, "{\"type\":\"weather\"}"));
        data.assertAlive().answer(1, "fine");
        assertEquals("fine", visitor.readResponse().text());
    }

    @Test
    void payloadsAtTheirLimitsPass() throws Exception {
        Peer visitor = visitorWaiting();
        String line = "X-Long: " + "x".repeat(60_000);
        String start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + line + "\r\n" + line + "\r\nX-Rest: ";
        byte[] head = (start + "y".repeat(Limits.MAX_RESPONSE_HEAD - start.length() - 4) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        byte[] trailers = ("X-T: " + "t".repeat(Limits.MAX_TRAILERS - 9) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        byte[] body = new byte[Limits.MAX_DATA];
        data.sendRaw(1, FrameType.RESPONSE, head.length, head).sendRaw(1, FrameType.DATA, body.length, body)
                .sendRaw(1, FrameType.END, trailers.length, trailers).assertAlive();
        Message response = visitor.readResponse();
        assertEquals(60_000, response.get("X-Long").length());
        assertEquals(body.length, response.body().length);
        assertEquals(Limits.MAX_TRAILERS - 9, response.trailer("X-T").length());
    }

    @ParameterizedTest
    @CsvSource({"1, 502, TF-UPSTREAM-REFUSED", "2, 504, TF-UPSTREAM-TIMEOUT", "3, 502, TF-UPSTREAM-INVALID", "4, 502, TF-UPSTREAM-INVALID",
        "6, 502, TF-OUTCOME-UNKNOWN", "7, 413, TF-TOO-LARGE", "8, 502, TF-UPSTREAM-INVALID", "9, 503, TF-OVERLOADED",
        "0, 502, TF-UPSTREAM-INVALID", "10, 502, TF-UPSTREAM-INVALID", "65535, 502, TF-UPSTREAM-INVALID"})
    void aResetBeforeTheResponseIsAPageWithItsReason(int code, int status, String error) throws Exception {
        Peer visitor = visitorWaiting();
        byte[] payload = {(byte) (code >> 8), (byte) code, '<', 'b', '>'};
        data.sendRaw(1, FrameType.RESET, payload.length, payload);
        Message page = visitor.readResponse();
        assertPage(page, status, error);
        assertTrue(page.text().contains("&lt;b&gt;") || page.text().contains("<b>") && !page.get("Content-Type").contains("html"),
                page.text());
        data.assertAlive();
        visitor.send("GET /2 HTTP/1.1\r\nHost: " + agent.host() + "\r\n\r\n");
        data.answer(data.nextRequest(), "the visitor's connection goes on");
        assertEquals(200, visitor.readResponse().status());
    }

    @Test
    void aResetAfterTheResponseBreaksItOffForTheVisitorAlone() throws Exception {
        Peer visitor = visitorWaiting();
        data.respond(1, "HTTP/1.1 200 OK", "Transfer-Encoding: chunked").data(1, "part");
        visitor.readResponseHead();
        assertEquals("part", new String(visitor.readChunk(), StandardCharsets.US_ASCII));
        data.reset(1, ResetCode.BROKEN_OFF, "gone");
        visitor.awaitClosed();
        data.assertAlive();
    }

    @Test
    void aContentLengthThatIsNotKeptIsResetAndLooksBroken() throws Exception {
        Peer visitor = visitorWaiting();
        data.respond(1, "HTTP/1.1 200 OK", "Content-Length: 10").data(1, "short").end(1);
        Frame reset = data.next(FrameType.RESET);
        assertEquals(1, reset.id());
        assertEquals(ResetCode.PROTOCOL.code(), reset.text().charAt(1));
        visitor.readResponseHead();
        assertEquals("short", visitor.readText(5));
        assertTrue(visitor.awaitClosed() || true);
        data.assertAlive();
    }

    @Test
    void aResponseHeadThatIsNoneIsAPage() throws Exception {
        Peer visitor = visitorWaiting();
        data.respond(1, "HTTP/1.1 200 OK", "Bad Name: x");
        assertPage(visitor.readResponse(), 502, "TF-UPSTREAM-INVALID");
        assertEquals(FrameType.RESET, data.next().type());
        data.assertAlive();
    }

    @Test
    void aPingIsAnsweredAheadOfTheQueue() throws Exception {
        Frame frame;
        byte[] payload = {9, 8, 7, 6, 5, 4, 3, (byte) 0x82};
        data.sendRaw(0, FrameType.PING, payload.length, payload);
        do {
            frame = data.next();
        } while (frame.type() != FrameType.PONG);
        assertEquals(new String(payload, StandardCharsets.ISO_8859_1), frame.text());
    }

    @Test
    void manyExchangesShareOneConnectionAndAnswerInAnyOrder() throws Exception {
        int many = 40;
        Peer[] visitors = new Peer[many + 1];
        int[] paths = new int[many + 1];
        for (int i = 1; i <= many; i++) {
            visitors[i] = agent.visit("GET /" + i);
            Frame request = data.next(FrameType.REQUEST);
            assertEquals(i, request.id(), "ids rise by one");
            paths[i] = Integer.parseInt(request.text().substring("GET /".length(), request.text().indexOf(" HTTP")));
            data.next(FrameType.END);
        }
        for (int i = many; i >= 1; i--) {
            data.respond(i, "HTTP/1.1 200 OK", "Transfer-Encoding: chunked");
        }
        for (int round = 0; round < 3; round++) {
            for (int i = 1; i <= many; i += 1) {
                data.data(i, paths[i] + ".");
            }
        }
        for (int i = 1; i <= many; i++) {
            data.end(i);
            assertEquals((i + ".").repeat(3), visitors[i].readResponse().text());
        }
        assertNotEquals(0, paths[1]);
    }
}
