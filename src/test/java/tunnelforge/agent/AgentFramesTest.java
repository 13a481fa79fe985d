package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.FramePeer;
import tunnelforge.FramePeer.Frame;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;

/** What the agent does with the frames of a server, and what it sends (PROTOCOL.md sections 4, 5 and 7). */
class AgentFramesTest {
    private static final byte[] NONE = {};
    private static AgentFixture fixture;
    private FramePeer data;

    @BeforeAll
    static void start() throws Exception {
        fixture = new AgentFixture();
    }

    @AfterAll
    static void stop() throws IOException {
        fixture.close();
    }

    @BeforeEach
    void open() throws Exception {
        data = fixture.open();
    }

    @AfterEach
    void settle() throws IOException {
        if (data != null) {
            data.close();
        }
        fixture.settle();
    }

    private FramePeer request(int id, String... lines) throws IOException {
        byte[] head = (String.join("\r\n", lines) + "\r\nHost: x.test\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        return data.send(frames -> frames.frame(id, FrameType.REQUEST, head, 0, head.length));
    }

    private FramePeer get(int id) throws IOException {
        return request(id, "GET /" + id + " HTTP/1.1").end(id);
    }

    private static String reset(Frame frame) {
        assertEquals(FrameType.RESET, frame.type(), frame.toString());
        return ResetCode.of(frame.text().charAt(0) << 8 | frame.text().charAt(1)).name();
    }

    /** A connection that still works: a request is served. */
    private void assertServes(int id) throws Exception {
        data.assertAlive();
        get(id);
        Peer local = fixture.local();
        assertEquals("/" + id, local.readRequest().target());
        local.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        data.next(FrameType.RESPONSE);
        assertEquals("ok", data.next(FrameType.DATA).text());
        data.next(FrameType.END);
    }

    // ---- What ends the connection. ----

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void requestsOutOfOrder(int id) throws Exception {
        get(3);
        fixture.local().readRequest();
        get(id);
        data.awaitEnd();
    }

    @ParameterizedTest
    @ValueSource(ints = {FrameType.DATA, FrameType.END, FrameType.RESET, FrameType.WINDOW, FrameType.RESPONSE})
    void framesOfAnExchangeThatWasNeverOpened(int type) throws Exception {
        data.sendRaw(1, type, 0, NONE).awaitEnd();
    }

    @Test
    void dataAfterTheEnd() throws Exception {
        request(1, "POST / HTTP/1.1", "Transfer-Encoding: chunked").data(1, "x").end(1);
        fixture.local().readRequest();
        data.data(1, "y").awaitEnd();
    }

    @Test
    void aSecondEnd() throws Exception {
        get(1);
        fixture.local().readRequest();
        data.end(1).awaitEnd();
    }

    @Test
    void aResponse() throws Exception {
        get(1);
        fixture.local().readRequest();
        data.respond(1, "HTTP/1.1 200 OK").awaitEnd();
    }

    @Test
    void dataOfAnUpgradeBeforeThe101() throws Exception {
        request(1, "GET / HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket");
        fixture.local().readRequest();
        data.data(1, "too early").awaitEnd();
    }

    @Test
    void moreDataOfAnUpgradeBeforeThe101ThanItsBodyHas() throws Exception {
        request(1, "POST / HTTP/1.1", "Connection: Upgrade", "Upgrade: tcp", "Content-Length: 4").data(1, "body");
        assertEquals("body", fixture.local().readRequest().text());
        data.assertAlive().data(1, "x").awaitEnd();
    }

    @Test
    void theEndOfAnUpgradeBeforeThe101() throws Exception {
        request(1, "POST / HTTP/1.1", "Connection: Upgrade", "Upgrade: tcp", "Content-Length: 4").data(1, "body");
        fixture.local().readRequest();
        data.end(1).awaitEnd();
    }

    @Test
    void dataBeyondTheCredit() throws Exception {
        request(1, "POST / HTTP/1.1", "Transfer-Encoding: chunked");
        Peer local = fixture.local();
        local.readRequestHead();
        // The local service reads nothing: what its streams take comes back as credit, then no more does.
        long credit = Limits.INITIAL_WINDOW;
        data.peer().socket().setSoTimeout(500);
        byte[] piece = new byte[Limits.MAX_DATA];
        try {
            while (true) {
                for (; credit >= piece.length; credit -= piece.length) {
                    data.send(frames -> frames.data(1, piece, 0, piece.length));
                }
                credit += credit(data.next(FrameType.WINDOW));
            }
        } catch (java.net.SocketTimeoutException e) {
            // No credit for half a second: the streams are full.
        }
        data.peer().socket().setSoTimeout((int) Peer.LIMIT.toMillis());
        int rest = (int) credit;
        data.send(frames -> frames.data(1, piece, 0, rest)).assertAlive();
        data.data(1, "x").awaitEnd();
        // What broke off looks broken to the local service as well.
        local.awaitClosed();
    }

    private static long credit(Frame frame) {
        byte[] b = frame.text().getBytes(StandardCharsets.ISO_8859_1);
        return (b[0] & 0xffL) << 24 | (b[1] & 0xff) << 16 | (b[2] & 0xff) << 8 | b[3] & 0xff;
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 255})
    void aTypeThatMayNotBeIgnored(int type) throws Exception {
        data.sendRaw(0, type, 0, NONE).awaitEnd();
    }

    @Test
    void aFrameOverItsLimit() throws Exception {
        data.sendRaw(1, FrameType.REQUEST, Limits.MAX_REQUEST_HEAD + 1, NONE).awaitEnd();
    }

    // ---- What ends one exchange only. ----

    @Test
    void aContentLengthThatIsNotKeptIsReset() throws Exception {
        request(1, "POST / HTTP/1.1", "Content-Length: 3").data(1, "four");
        assertEquals("PROTOCOL", reset(data.next(FrameType.RESET)));
        request(2, "POST / HTTP/1.1", "Content-Length: 3").data(2, "no").end(2);
        assertEquals("PROTOCOL", reset(data.next(FrameType.RESET)));
        data.assertAlive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked", "GET /a b HTTP/1.1",
        "GET / HTTP/2.0"})
    void aRequestHeadThatIsNoneIsReset(String head) throws Exception {
        request(1, head).end(1);
        assertEquals("PROTOCOL", reset(data.next()));
        assertServes(2);
    }

    @Test
    void aResetClosesTheLocalConnection() throws Exception {
        get(1);
        Peer local = fixture.local();
        local.readRequest();
        data.reset(1, ResetCode.CANCELLED, "the visitor has left");
        local.awaitClosed();
        assertServes(2);
    }

    @Test
    void aResetInTheMiddleOfABodyClosesTheLocalConnection() throws Exception {
        request(1, "POST / HTTP/1.1", "Content-Length: 100000").data(1, "x".repeat(50_000));
        Peer local = fixture.local();
        local.readRequestHead();
        data.reset(1, ResetCode.CANCELLED, "");
        assertFalse(local.awaitClosed() && false);
        data.send(frames -> frames.data(1, new byte[1_000], 0, 1_000)).end(1);
        assertServes(2);
    }

    @Test
    void moreExchangesThanAgreedAreRefusedAsNotRun() throws Exception {
        data.close();
        data = fixture.control.openData(ManualServer.LIMITS.replace("\"max_exchanges_per_connection\":100", "\"max_exchanges_per_connection\":2"));
        get(1);
        get(2);
        fixture.local().readRequest();
        Peer second = fixture.local();
        second.readRequest();
        get(3);
        Frame frame = data.next();
        assertEquals(3, frame.id());
        assertEquals("NOT_RUN", reset(frame));
        second.send("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        int freed = data.next(FrameType.RESPONSE).id();
        assertEquals(freed, data.next(FrameType.END).id());
        assertServes(4);
    }

    @Test
    void informationalResponsesAreNotMoreThanTheServerTakes() throws Exception {
        get(1);
        Peer local = fixture.local();
        local.readRequest();
        local.send("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(30) + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        int informational = 0;
        Frame frame;
        while ((frame = data.next()).type() == FrameType.RESPONSE && frame.text().startsWith("HTTP/1.1 103")) {
            informational++;
        }
        assertTrue(informational <= Limits.MAX_INFORMATIONAL, informational + " informational responses");
        data.assertAlive();
    }

    @Test
    void unknownTypesAndMessagesAndADrainAreNoTrouble() throws Exception {
        data.sendRaw(0, 127, 5, new byte[5]).send(frames -> {
            frames.message(0, "{\"type\":\"news\"}");
            frames.message(7, "no json");
            frames.drain();
        });
        assertServes(1);
    }

    @Test
    void sessionsAreRefused() throws Exception {
        byte[] open = new SessionOpen("192.0.2.1", 1, "192.0.2.2", 2, null).toJson().getBytes();
        data.sendRaw(1, FrameType.OPEN, open.length, open);
        assertEquals("NOT_RUN", reset(data.next()));
        data.reset(1, ResetCode.CANCELLED, "").done(1);
        assertServes(2);
    }

    @Test
    void anOpenThatSaysNothing() throws Exception {
        data.sendRaw(1, FrameType.OPEN, 2, "{}".getBytes()).awaitEnd();
    }

    // ---- Bodies and credit. ----

    @Test
    void aSecondExchangeIsServedWhileTheFirstOneStreams() throws Exception {
        get(1);
        Peer streaming = fixture.local();
        streaming.readRequest();
        streaming.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").sendChunk("one");
        data.next(FrameType.RESPONSE);
        assertEquals("one", data.next(FrameType.DATA).text());
        assertServes(2);
        streaming.sendChunk("two");
        Frame more = data.next(FrameType.DATA);
        assertEquals("1 two", more.id() + " " + more.text());
        streaming.send("0\r\nX-Sum: 7\r\n\r\n");
        Frame end = data.next();
        while (end.type() == FrameType.DATA && end.text().isEmpty()) {
            end = data.next();
        }
        assertEquals(FrameType.END, end.type());
        assertEquals("X-Sum: 7\r\n\r\n", end.text());
    }

    @Test
    void theServersLimitsOnFramesAndWindowsAreKept() throws Exception {
        data.close();
        data = fixture.control.openData(ManualServer.LIMITS.replace("\"max_frame\":65536,\"initial_window\":65536",
                "\"max_frame\":4096,\"initial_window\":10000"));
        get(1);
        Peer local = fixture.local();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n").send(new byte[50_000]);
        data.next(FrameType.RESPONSE);
        int credit = 10_000;
        for (int got = 0; got < 50_000;) {
            if (credit == 0) {
                data.assertAlive();
                data.send(frames -> frames.window(1, 10_000));
                credit = 10_000;
            }
            int length = data.next(FrameType.DATA).text().length();
            assertTrue(length <= 4_096, length + " bytes in one frame");
            got += length;
            credit -= length;
            assertTrue(credit >= 0, -credit + " bytes beyond the credit");
        }
        data.next(FrameType.END);
    }

    /** Whatever credit comes, in whatever pieces: never a byte more is sent, and in the end all of it. */
    @Test
    void neverMoreIsSentThanThereIsCreditFor() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] body = new byte[700_000];
        random.nextBytes(body);
        get(1);
        Peer local = fixture.local();
        local.readRequest();
        Thread sending = Thread.ofVirtual().start(() -> {
            try {
                local.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n").send(body);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        data.next(FrameType.RESPONSE);
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        long credit = Limits.INITIAL_WINDOW;
        while (got.size() < body.length) {
            if (credit == 0) {
                data.assertAlive();
                int more = 1 + random.nextInt(random.nextInt(3) == 0 ? 150_000 : 3_000);
                credit += more;
                data.send(frames -> frames.window(1, more));
            }
            byte[] piece = data.next(FrameType.DATA).text().getBytes(StandardCharsets.ISO_8859_1);
            credit -= piece.length;
            assertTrue(credit >= 0, "seed " + seed + ": " + -credit + " bytes beyond the credit after " + got.size());
            got.writeBytes(piece);
        }
        data.next(FrameType.END);
        assertArrayEquals(body, got.toByteArray(), "seed " + seed);
        sending.join();
    }

    @Test
    void aRequestBodyLargerThanTheWindowFlowsWithTheCreditThatComesBack() throws Exception {
        byte[] body = new byte[1_500_000];
        new Random(3).nextBytes(body);
        request(1, "PUT /file HTTP/1.1", "Content-Length: " + body.length);
        Peer local = fixture.local();
        Message head = local.readRequestHead();
        assertEquals(String.valueOf(body.length), head.get("Content-Length"));
        byte[][] received = new byte[1][];
        Thread reading = Thread.ofVirtual().start(() -> {
            try {
                received[0] = local.read(body.length);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        long credit = Limits.INITIAL_WINDOW;
        for (int sent = 0; sent < body.length;) {
            int count = (int) Math.min(Math.min(credit, 10_000), body.length - sent);
            int from = sent;
            if (count > 0) {
                data.send(frames -> frames.data(1, body, from, count));
                sent += count;
                credit -= count;
            } else {
                credit += credit(data.next(FrameType.WINDOW));
            }
        }
        data.end(1);
        reading.join();
        assertArrayEquals(body, received[0]);
        local.send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
        assertTrue(data.next(FrameType.RESPONSE).text().startsWith("HTTP/1.1 201"));
        data.next(FrameType.END);
    }

    @Test
    void anEarlyAnswerEndsTheExchangeAndTheRestOfTheBodyIsDropped() throws Exception {
        request(1, "POST / HTTP/1.1", "Content-Length: 1000000").data(1, "x".repeat(60_000));
        Peer local = fixture.local();
        local.readRequestHead();
        local.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        assertTrue(data.next(FrameType.RESPONSE).text().startsWith("HTTP/1.1 413"));
        data.next(FrameType.END);
        data.data(1, "x".repeat(60_000)).end(1);
        local.close();
        assertServes(2);
    }

    @Test
    void afterThe101BytesGoBothWaysAndEachSideEndsByItself() throws Exception {
        request(1, "GET / HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket");
        Peer local = fixture.local();
        local.readRequest();
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello");
        assertTrue(data.next(FrameType.RESPONSE).text().startsWith("HTTP/1.1 101"));
        assertEquals("hello", data.next(FrameType.DATA).text());
        data.data(1, "ping");
        assertEquals("ping", local.readText(4));
        data.end(1);
        assertTrue(local.atEnd(), "the end of one direction arrives");
        local.send("last words");
        assertEquals("last words", data.next(FrameType.DATA).text());
        local.finish();
        data.next(FrameType.END);
        assertServes(2);
    }

    @Test
    void theBodyOfAnUpgradeComesAheadOfTheSession() throws Exception {
        request(1, "POST / HTTP/1.1", "Connection: Upgrade", "Upgrade: tcp", "Content-Length: 8").data(1, "some").data(1, "body");
        Peer local = fixture.local();
        Message request = local.readRequest();
        assertEquals("tcp", request.get("Upgrade"));
        assertEquals("somebody", request.text());
        local.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello");
        data.next(FrameType.RESPONSE);
        assertEquals("hello", data.next(FrameType.DATA).text());
        data.data(1, "ping").end(1);
        assertEquals("ping", local.readText(4));
        assertTrue(local.atEnd());
        local.close();
        data.next(FrameType.END);
        assertServes(2);
    }

    @Test
    void a101ToWhatWasNotAskedForIsAnUpstreamThatIsInvalid() throws Exception {
        request(1, "GET / HTTP/1.1", "Connection: Upgrade", "Upgrade: tcp");
        Peer local = fixture.local();
        local.readRequest();
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n");
        assertEquals("UPSTREAM_INVALID", reset(data.next()));
        assertServes(2);
    }

    @Test
    void aLoginEndsWhenTheServerSaysThatItsVisitorHasLeft() throws Exception {
        request(1, "GET /1 HTTP/1.1", "tunnelforge-visitor-connection: alice", "Authorization: NTLM begin").end(1);
        Peer local = fixture.local();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        data.next(FrameType.RESPONSE);
        data.next(FrameType.END);
        data.send(frames -> frames.message(0, "{\"type\":\"visitor_left\"}"));
        data.send(frames -> frames.message(0, "{\"type\":\"visitor_left\",\"visitor_connection\":\"bob\"}"));
        request(2, "GET /2 HTTP/1.1", "tunnelforge-visitor-connection: alice").end(2);
        assertEquals("/2", local.readRequest().target());
        local.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        data.next(FrameType.RESPONSE);
        data.next(FrameType.END);
        data.send(frames -> frames.message(0, "{\"type\":\"visitor_left\",\"visitor_connection\":\"alice\"}"));
        assertTrue(local.atEnd());
        assertServes(3);
    }

    @Test
    void aLostDataConnectionBreaksOffWhatTheLocalServiceGets() throws Exception {
        request(1, "POST / HTTP/1.1", "Transfer-Encoding: chunked").data(1, "part");
        Peer local = fixture.local();
        local.readRequestHead();
        assertEquals("part", new String(local.readChunk(), StandardCharsets.US_ASCII));
        data.close();
        // No last chunk comes.
        local.awaitClosed();
        assertEquals(0, fixture.agent.log().entries("upstream_failed").stream()
                .filter(entry -> String.valueOf(entry.message()).contains("broke off")).count(), "the local service is not to blame");
    }
}
