package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.FramePeer.Frame;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.net.ManualClock;
import tunnelforge.net.TestHello;
import tunnelforge.server.tunnel.ServerLimits;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;

/** What the server sends and takes in a session (PROTOCOL.md section 8), which is the same in both encodings. */
class SessionFramesTest {
    private static final byte[] NONE = {};
    private static final int BEYOND = 5;
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

    private void register(String encoding) throws Exception {
        agent = ManualAgent.register(fixture, "tcp");
        data = agent.open(encoding);
    }

    @AfterEach
    void end() throws Exception {
        if (agent != null) {
            agent.end();
        }
        fixture.settle();
        assertEquals(0, fixture.server().tunnels());
    }

    /** A visitor whose session has been opened, by this id. */
    private Peer visitor(int id) throws IOException {
        Peer visitor = agent.tcpVisitor();
        assertEquals(id, data.next(FrameType.OPEN).id());
        return visitor;
    }

    private String nextData(int id, int length) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            Frame frame = data.next(FrameType.DATA);
            assertEquals(id, frame.id());
            text.append(frame.text());
        }
        return text.toString();
    }

    private void next(int type, int id) throws IOException {
        assertEquals(id, data.next(type).id());
    }

    private static ResetCode code(Frame reset) {
        return ResetCode.of(reset.text().charAt(0) << 8 | reset.text().charAt(1));
    }

    /** The connection carries a whole session next. */
    private void assertServes(int id) throws IOException {
        Peer visitor = visitor(id).send("next");
        assertEquals("next", nextData(id, 4));
        data.data(id, "served").end(id);
        assertEquals("served", new String(visitor.readToEnd()));
        visitor.finish();
        next(FrameType.END, id);
        data.done(id);
    }

    // ---- As it should be. ----

    @ParameterizedTest
    @ValueSource(strings = {"binary", "json"})
    void openSaysWhoHasCome(String encoding) throws Exception {
        register(encoding);
        Peer visitor = agent.tcpVisitor();
        Frame frame = data.next(FrameType.OPEN);
        assertEquals(1, frame.id());
        SessionOpen open = SessionOpen.parse(frame.text());
        assertEquals("127.0.0.1", open.visitorAddress());
        assertEquals(visitor.socket().getLocalPort(), open.visitorPort());
        assertEquals("127.0.0.1", open.publicAddress());
        assertEquals(agent.port(), open.publicPort());
        assertNull(open.sni());
        visitor.close();
        next(FrameType.END, 1);
        data.end(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "json"})
    void ofATlsTunnelOpenHasTheNameAndTheFirstDataIsTheClientHello(String encoding) throws Exception {
        agent = ManualAgent.register(fixture, "tls");
        data = agent.open(encoding);
        byte[] hello = TestHello.record(TestHello.message(TestHello.sni(agent.host())));
        Peer visitor = fixture.rawVisitor().send(hello);
        SessionOpen open = SessionOpen.parse(data.next(FrameType.OPEN).text());
        assertEquals(agent.host(), open.sni());
        assertEquals(fixture.server().port(), open.publicPort());
        assertEquals(new String(hello, StandardCharsets.ISO_8859_1), data.next(FrameType.DATA).text());
        data.data(1, "server hello").end(1);
        assertEquals("server hello", new String(visitor.readToEnd()));
        visitor.finish();
        next(FrameType.END, 1);
    }

    @ParameterizedTest
    @CsvSource({"binary, true", "binary, false", "json, true", "json, false"})
    void dataComesBeforeTheEndAndTheConnectionServesTheNextWhenBothAreDone(String encoding, boolean visitorFirst) throws Exception {
        register(encoding);
        for (int id = 1; id <= 4; id++) {
            Peer visitor = visitor(id).send("up" + id);
            assertEquals("up" + id, nextData(id, 3));
            data.data(id, "down" + id);
            assertEquals("down" + id, visitor.readText(5));
            if (visitorFirst) {
                visitor.send("last").finish();
                assertEquals("last", nextData(id, 4));
                next(FrameType.END, id);
                data.data(id, "words").end(id);
                assertEquals("words", new String(visitor.readToEnd()));
            } else {
                data.data(id, "words").end(id);
                assertEquals("words", new String(visitor.readToEnd()));
                visitor.send("last").finish();
                assertEquals("last", nextData(id, 4));
                next(FrameType.END, id);
            }
            data.done(id);
        }
        data.assertAlive();
    }

    // ---- The agent resets. ----

    @ParameterizedTest
    @ValueSource(strings = {"binary", "json"})
    void aResetIsAnsweredWithAReset(String encoding) throws Exception {
        register(encoding);
        for (int id = 1; id <= 3; id++) {
            Peer visitor = visitor(id);
            data.reset(id, ResetCode.UPSTREAM_REFUSED, "no luck");
            visitor.awaitReset();
            next(FrameType.RESET, id);
            data.done(id);
        }
        assertServes(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "json"})
    void aResetBehindTheVisitorsEndIsNotAnswered(String encoding) throws Exception {
        register(encoding);
        Peer visitor = visitor(1);
        visitor.finish();
        next(FrameType.END, 1);
        data.reset(1, ResetCode.BROKEN_OFF, "");
        visitor.awaitReset();
        data.done(1);
        assertServes(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "json"})
    void aResetBehindTheAgentsOwnEndIsAnswered(String encoding) throws Exception {
        register(encoding);
        Peer visitor = visitor(1);
        data.data(1, "x").end(1);
        assertEquals("x", new String(visitor.readToEnd()));
        data.reset(1, ResetCode.BROKEN_OFF, "");
        next(FrameType.RESET, 1);
        visitor.awaitSendFails();
        data.done(1);
        assertServes(2);
    }

    // ---- The visitor resets. ----

    @ParameterizedTest
    @CsvSource({"binary, RESET", "binary, END", "json, RESET", "json, END"})
    void dataBetweenAResetAndItsAnswerIsDropped(String encoding, String answer) throws Exception {
        register(encoding);
        for (int id = 1; id <= 3; id++) {
            visitor(id).reset();
            assertEquals(ResetCode.CANCELLED, code(data.next(FrameType.RESET)));
            data.data(id, "still under way").data(id, "and more");
            if (answer.equals("RESET")) {
                data.reset(id, ResetCode.CANCELLED, "");
            } else {
                data.end(id);
            }
            data.done(id).assertAlive();
        }
        assertServes(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "json"})
    void nothingNewComesBeforeTheAnswerToAReset(String encoding) throws Exception {
        register(encoding);
        visitor(1).reset();
        next(FrameType.RESET, 1);
        Peer waiting = agent.tcpVisitor().send("hello");
        data.assertAlive();
        data.reset(1, ResetCode.CANCELLED, "").done(1);
        next(FrameType.OPEN, 2);
        assertEquals("hello", nextData(2, 5));
        data.data(2, "hi").end(2);
        assertEquals("hi", new String(waiting.readToEnd()));
        waiting.close();
        next(FrameType.END, 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "json"})
    void aResetBehindTheAgentsEndNeedsNoAnswer(String encoding) throws Exception {
        register(encoding);
        Peer visitor = visitor(1);
        data.end(1);
        assertTrue(visitor.atEnd());
        visitor.reset();
        next(FrameType.RESET, 1);
        data.done(1);
        assertServes(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "json"})
    void resetsThatCrossAreEachOthersAnswer(String encoding) throws Exception {
        register(encoding);
        Peer visitor = visitor(1);
        visitor.reset();
        data.reset(1, ResetCode.BROKEN_OFF, "");
        next(FrameType.RESET, 1);
        data.done(1);
        assertServes(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "json"})
    void aVisitorThatIsGoneBehindItsEndIsNoticedByWhatIsSentToIt(String encoding) throws Exception {
        register(encoding);
        Peer visitor = visitor(1);
        visitor.finish();
        next(FrameType.END, 1);
        visitor.reset();
        Frame frame;
        do {
            // What was sent before the RST came back goes nowhere, and is not noticed.
            data.data(1, "x").send(frames -> frames.ping(1));
            frame = data.next();
        } while (frame.type() == FrameType.PONG);
        assertEquals(FrameType.RESET, frame.type());
        assertEquals(FrameType.PONG, data.next().type());
        data.data(1, "dropped").end(1).done(1);
        assertServes(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "json"})
    void aResetThatIsNotAnsweredInTimeEndsTheConnection(String encoding) throws Exception {
        ManualClock clock = new ManualClock();
        TunnelFixture.Options options = new TunnelFixture.Options().withoutAgent();
        options.server().clock(clock);
        try (TunnelFixture slow = TunnelFixture.start(options)) {
            ManualAgent one = ManualAgent.register(slow, "tcp");
            FramePeer frames = one.open(encoding);
            one.tcpVisitor().send("x").reset();
            frames.next(FrameType.OPEN);
            Frame frame = frames.next();
            assertEquals(FrameType.RESET, frame.type() == FrameType.DATA ? frames.next().type() : frame.type());
            Duration took = clock.advanceBeside("the connection ends", Limits.RESET_SETTLES_WITHIN.multipliedBy(2), frames::awaitEnd);
            assertTrue(took.compareTo(Limits.RESET_SETTLES_WITHIN) >= 0, took.toString());
            one.end();
        }
    }

    // ---- What ends the connection. ----

    private void assertBroken(Peer visitor) throws Exception {
        data.awaitEnd();
        visitor.awaitReset();
        data = agent.open("binary");
        assertServes(1);
    }

    @ParameterizedTest
    @CsvSource({"binary, 1", "binary, 2", "binary, 6", "binary, 10", "json, 1", "json, 2", "json, 6", "json, 10"})
    void aFrameThatIsNotOneOfASessionsEndsTheConnection(String encoding, int type) throws Exception {
        register(encoding);
        Peer visitor = visitor(1);
        data.sendRaw(1, type, 0, NONE);
        assertBroken(visitor);
    }

    @ParameterizedTest
    @CsvSource({"binary, 3", "binary, 4", "json, 3", "json, 4"})
    void dataOrAnEndBehindTheEndEndsTheConnection(String encoding, int type) throws Exception {
        register(encoding);
        Peer visitor = visitor(1);
        data.end(1);
        assertTrue(visitor.atEnd());
        data.sendRaw(1, type, 0, NONE).awaitEnd();
        visitor.awaitSendFails();
        data = agent.open(encoding);
        assertServes(1);
    }

    @ParameterizedTest
    @CsvSource({"binary, 3", "binary, 4", "binary, 5", "json, 3", "json, 4", "json, 5"})
    void aFrameOfASessionThatWasNeverOpenedEndsTheConnection(String encoding, int type) throws Exception {
        register(encoding);
        Peer visitor = visitor(1);
        data.sendRaw(2, type, 0, NONE);
        assertBroken(visitor);
    }

    // ---- Late. ----

    @ParameterizedTest
    @ValueSource(strings = {"binary", "json"})
    void framesOfASessionThatIsOverAreDropped(String encoding) throws Exception {
        register(encoding);
        assertServes(1);
        Eventually.await("the session is over for the server", () -> fixture.server().exchanges() == 0);
        data.data(1, "late").end(1).reset(1, ResetCode.CANCELLED, "").assertAlive();
        Peer visitor = visitor(2);
        data.data(1, "late").end(1).reset(1, ResetCode.CANCELLED, "").data(2, "mine").end(2);
        assertEquals("mine", new String(visitor.readToEnd()));
        visitor.close();
        next(FrameType.END, 2);
        data.done(2);
        assertServes(3);
    }

    // ---- Limits. ----

    @Test
    void visitorsBeyondThoseThatMayWaitAreReset() throws Exception {
        register("binary");
        Peer served = visitor(1);
        List<Peer> others = new ArrayList<>();
        for (int i = 0; i < ServerLimits.MAX_WAITING + BEYOND; i++) {
            others.add(agent.tcpVisitor());
        }
        Eventually.await("those beyond are refused", () -> fixture.server().log().entries("session_refused").size() == BEYOND);
        int waiting = 0;
        for (Peer each : others) {
            each.socket().setSoTimeout(1);
            waiting += waits(each) ? 1 : 0;
            each.close();
        }
        assertEquals(ServerLimits.MAX_WAITING, waiting);
        served.close();
    }

    /** False when it was reset. */
    private static boolean waits(Peer visitor) {
        try {
            visitor.in().read();
        } catch (java.net.SocketTimeoutException e) {
            return true;
        } catch (IOException e) {
            assertEquals("Connection reset", e.getMessage());
            return false;
        }
        throw new AssertionError("a clean end");
    }
}
