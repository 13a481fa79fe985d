package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.ScriptedService;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.FramePeer.Frame;
import tunnelforge.Peer;
import tunnelforge.net.ManualClock;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;

/** What the agent does with sessions that a server opens, and what it sends (PROTOCOL.md section 8). */
class AgentSessionFramesTest {
    private static final byte[] NONE = {};
    private static final byte[] OPEN = new SessionOpen("203.0.113.9", 51_200, "198.51.100.7", 20_004, null).toJson().getBytes(StandardCharsets.UTF_8);
    private static AgentFixture fixture;
    private FramePeer data;

    @BeforeAll
    static void start() throws Exception {
        fixture = new AgentFixture("tcp");
    }

    @AfterAll
    static void stop() throws IOException {
        fixture.close();
    }

    @BeforeEach
    void openData() throws Exception {
        data = fixture.open();
    }

    @AfterEach
    void settle() throws IOException {
        data.close();
        Eventually.await(() -> fixture.agent.liveTasks() + " tasks are left", Eventually.LIMIT, () -> fixture.agent.liveTasks() == TestAgent.TASKS_AT_REST);
        fixture.settle();
    }

    private void open(int id) throws IOException {
        data.send(frames -> frames.frame(id, FrameType.OPEN, OPEN, 0, OPEN.length));
    }

    /** The local service's end of a new session. */
    private Peer session(int id) throws Exception {
        open(id);
        return fixture.service.accept();
    }

    /** The same, when the agent is sure to have its end. */
    private Peer establishedSession(int id) throws Exception {
        Peer local = session(id).send("x");
        assertEquals("x", data.next(FrameType.DATA).text());
        return local;
    }

    private void next(int type, int id) throws IOException {
        assertEquals(id, data.next(type).id());
    }

    private static ResetCode code(Frame reset) {
        assertEquals(FrameType.RESET, reset.type(), reset.toString());
        return ResetCode.of(reset.text().charAt(0) << 8 | reset.text().charAt(1));
    }

    /** The connection carries a whole session next. */
    private void assertServes(int id) throws Exception {
        Peer local = session(id);
        data.data(id, "next").end(id);
        assertEquals("next", new String(local.readToEnd()));
        local.send("served").close();
        assertEquals("served", data.next(FrameType.DATA).text());
        next(FrameType.END, id);
        data.done(id);
    }

    // ---- As it should be. ----

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theConnectionServesTheNextWhenBothAreDone(boolean visitorFirst) throws Exception {
        for (int id = 1; id <= 4; id++) {
            Peer local = session(id);
            data.data(id, "up");
            assertEquals("up", local.readText(2));
            local.send("down");
            assertEquals("down", data.next(FrameType.DATA).text());
            if (visitorFirst) {
                data.data(id, "last").end(id);
                assertEquals("last", new String(local.readToEnd()));
                local.send("words").finish();
                assertEquals("words", data.next(FrameType.DATA).text());
                next(FrameType.END, id);
            } else {
                local.send("words").finish();
                assertEquals("words", data.next(FrameType.DATA).text());
                next(FrameType.END, id);
                data.data(id, "last").end(id);
                assertEquals("last", new String(local.readToEnd()));
            }
            data.done(id);
        }
        data.assertAlive();
    }

    @Test
    void idsNeedOnlyGrow() throws Exception {
        assertServes(3);
        assertServes(1_000_000);
    }

    /** The task that has sent DONE may not have come further when the server's next frame is here. */
    @Test
    void theNextSessionMayComeTheMomentDoneHasLeft() throws Exception {
        fixture.service.play(local -> { });
        for (int id = 1; id <= 1_000; id++) {
            int now = id;
            data.send(frames -> {
                frames.frame(now, FrameType.OPEN, OPEN, 0, OPEN.length);
                frames.end(now);
                frames.done(now);
            });
            next(FrameType.END, id);
            next(FrameType.DONE, id);
        }
        data.assertAlive();
    }

    // ---- The server resets. ----

    @Test
    void aResetIsAnsweredWithAReset() throws Exception {
        for (int id = 1; id <= 3; id++) {
            Peer local = session(id);
            data.data(id, "x").reset(id, ResetCode.CANCELLED, "");
            next(FrameType.RESET, id);
            local.awaitReset();
            data.done(id);
        }
        assertServes(4);
    }

    @Test
    void aResetBehindTheAgentsEndIsNotAnswered() throws Exception {
        Peer local = session(1);
        local.finish();
        next(FrameType.END, 1);
        data.reset(1, ResetCode.CANCELLED, "");
        local.awaitReset();
        data.done(1);
        assertServes(2);
    }

    @Test
    void aResetBehindTheServersOwnEndIsAnswered() throws Exception {
        Peer local = session(1);
        data.end(1);
        assertTrue(local.atEnd());
        data.reset(1, ResetCode.CANCELLED, "");
        next(FrameType.RESET, 1);
        local.awaitSendFails();
        data.done(1);
        assertServes(2);
    }

    @Test
    void aSessionThatIsResetBeforeTheLocalServiceIsConnectedIsEndedThere() throws Exception {
        for (int id = 1; id <= 20; id++) {
            int now = id;
            data.send(frames -> {
                frames.frame(now, FrameType.OPEN, OPEN, 0, OPEN.length);
                frames.reset(now, ResetCode.CANCELLED, "");
            });
            next(FrameType.RESET, id);
            data.done(id);
        }
        for (int i = 0; i < 20; i++) {
            fixture.service.accept().awaitReset();
        }
        // Of a data connection: its own and the one that flushes.
        Eventually.await(() -> fixture.agent.liveTasks() + " tasks", Eventually.LIMIT, () -> fixture.agent.liveTasks() == TestAgent.TASKS_AT_REST + 2);
        assertServes(21);
    }

    /** With a local service of its own: whether it is still connected to nobody knows. */
    @Test
    void aDataConnectionThatIsLostBeforeTheLocalServiceIsConnectedEndsTheSession() throws Exception {
        try (AgentFixture alone = new AgentFixture("tcp")) {
            FramePeer frames = alone.open();
            frames.send(buffer -> buffer.frame(1, FrameType.OPEN, OPEN, 0, OPEN.length)).peer().reset();
            Eventually.await(() -> alone.agent.liveTasks() + " tasks", Eventually.LIMIT, () -> alone.agent.liveTasks() == TestAgent.TASKS_AT_REST);
        }
    }

    // ---- The local service resets. ----

    @ParameterizedTest
    @ValueSource(ints = {FrameType.RESET, FrameType.END})
    void dataBetweenAResetAndItsAnswerIsDropped(int answer) throws Exception {
        for (int id = 1; id <= 3; id++) {
            establishedSession(id).reset();
            assertEquals(ResetCode.CANCELLED, code(data.next()));
            data.data(id, "still under way").data(id, "and more");
            if (answer == FrameType.RESET) {
                data.reset(id, ResetCode.CANCELLED, "");
            } else {
                data.end(id);
            }
            data.done(id).assertAlive();
        }
        assertServes(4);
    }

    @Test
    void aResetBehindTheServersEndNeedsNoAnswer() throws Exception {
        Peer local = session(1);
        data.end(1);
        assertTrue(local.atEnd());
        local.reset();
        next(FrameType.RESET, 1);
        data.done(1);
        assertServes(2);
    }

    @Test
    void aLocalServiceThatIsGoneBehindItsEndIsNoticedByWhatIsSentToIt() throws Exception {
        Peer local = session(1);
        local.close();
        next(FrameType.END, 1);
        Frame frame;
        do {
            data.data(1, "x").send(frames -> frames.ping(1));
            frame = data.next();
        } while (frame.type() == FrameType.PONG);
        assertEquals(ResetCode.CANCELLED, code(frame));
        assertEquals(FrameType.PONG, data.next().type());
        data.data(1, "dropped").reset(1, ResetCode.CANCELLED, "").done(1);
        assertServes(2);
    }

    @Test
    void aResetThatIsNotAnsweredInTimeEndsTheConnection() throws Exception {
        ManualClock clock = new ManualClock();
        try (AgentFixture slow = new AgentFixture("tcp", clock); FramePeer frames = slow.open()) {
            frames.send(open -> open.frame(1, FrameType.OPEN, OPEN, 0, OPEN.length));
            Peer local = slow.service.accept().send("x");
            frames.next(FrameType.DATA);
            local.reset();
            frames.next(FrameType.RESET);
            Duration took = clock.advanceBeside("the connection ends", Limits.RESET_SETTLES_WITHIN.multipliedBy(2), frames::awaitEnd);
            assertTrue(took.compareTo(Limits.RESET_SETTLES_WITHIN) >= 0, took.toString());
        }
    }

    @Test
    void aRefusedSessionSaysWhy() throws Exception {
        int port = ScriptedService.closedPort();
        try (AgentFixture alone = new AgentFixture("tcp", null, port)) {
            FramePeer frames = alone.open();
            for (int id = 1; id <= 2; id++) {
                int now = id;
                frames.send(buffer -> buffer.frame(now, FrameType.OPEN, OPEN, 0, OPEN.length)).data(id, "GET / HTTP/1.1");
                Frame reset = frames.next();
                assertEquals(ResetCode.UPSTREAM_REFUSED, code(reset));
                assertTrue(reset.text().contains("127.0.0.1:" + port), reset.text());
                frames.reset(id, ResetCode.CANCELLED, "").done(id);
            }
            frames.assertAlive();
        }
    }

    // ---- What ends the connection. ----

    @ParameterizedTest
    @ValueSource(ints = {FrameType.WINDOW, FrameType.RESPONSE})
    void aFrameThatIsNotOneOfASession(int type) throws Exception {
        Peer local = session(1);
        data.sendRaw(1, type, 0, NONE).awaitEnd();
        local.awaitReset();
    }

    @ParameterizedTest
    @ValueSource(ints = {FrameType.DATA, FrameType.END})
    void dataOrAnEndBehindTheEnd(int type) throws Exception {
        Peer local = session(1);
        data.end(1);
        assertTrue(local.atEnd());
        data.sendRaw(1, type, 0, NONE).awaitEnd();
        local.awaitSendFails();
    }

    @ParameterizedTest
    @ValueSource(ints = {FrameType.DATA, FrameType.END, FrameType.RESET})
    void aFrameOfASessionThatWasNeverOpened(int type) throws Exception {
        Peer local = session(1);
        data.sendRaw(2, type, 0, NONE).awaitEnd();
        local.awaitReset();
    }

    @Test
    void aSecondOpenDuringASession() throws Exception {
        Peer local = session(1);
        open(2);
        data.awaitEnd();
        local.awaitReset();
    }

    @Test
    void aSecondOpenBehindOneEndOnly() throws Exception {
        Peer local = session(1);
        local.finish();
        next(FrameType.END, 1);
        open(2);
        data.awaitEnd();
        local.awaitSendFails();
    }

    @Test
    void aRequestDuringASession() throws Exception {
        Peer local = session(1);
        request(data, 2);
        data.awaitEnd();
        local.awaitReset();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anOpenOutOfOrder(int id) throws Exception {
        assertServes(2);
        open(id);
        data.awaitEnd();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{}", "{\"visitor_address\":\"x\",\"visitor_port\":65536,\"public_address\":\"x\",\"public_port\":1}"})
    void anOpenThatCannotBeUnderstood(String json) throws Exception {
        data.sendRaw(1, FrameType.OPEN, json.length(), json.getBytes(StandardCharsets.US_ASCII)).awaitEnd();
    }

    private static void request(FramePeer to, int id) throws IOException {
        byte[] head = "GET / HTTP/1.1\r\nHost: x.test\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        to.send(frames -> {
            frames.frame(id, FrameType.REQUEST, head, 0, head.length);
            frames.end(id);
        });
    }

    // ---- Late, and misplaced. ----

    @Test
    void framesOfASessionThatIsOverAreDropped() throws Exception {
        assertServes(1);
        data.data(1, "late").end(1).reset(1, ResetCode.CANCELLED, "").assertAlive();
        Peer local = session(2);
        data.data(1, "late").end(1).reset(1, ResetCode.CANCELLED, "").data(2, "mine").end(2);
        assertEquals("mine", new String(local.readToEnd()));
        local.close();
        next(FrameType.END, 2);
        data.done(2);
        assertServes(3);
    }

    @Test
    void aRequestForATunnelOfSessionsIsReset() throws Exception {
        request(data, 1);
        assertEquals(ResetCode.PROTOCOL, code(data.next()));
        assertServes(2);
    }

    @Test
    void anOpenWhileExchangesAreOpenEndsTheConnectionOfAnHttpTunnelAndAnyOtherIsRefused() throws Exception {
        try (AgentFixture http = new AgentFixture()) {
            FramePeer frames = http.open();
            frames.send(buffer -> buffer.frame(1, FrameType.OPEN, OPEN, 0, OPEN.length));
            assertEquals(ResetCode.NOT_RUN, code(frames.next()));
            frames.reset(1, ResetCode.CANCELLED, "").done(1);
            request(frames, 2);
            Peer local = http.local();
            local.readRequestHead();
            frames.send(buffer -> buffer.frame(3, FrameType.OPEN, OPEN, 0, OPEN.length)).awaitEnd();
            local.awaitClosed();
        }
    }
}
