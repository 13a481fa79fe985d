package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.TestAgent;

/** Bytes of tcp tunnels, and how each end of a connection learns how the other has ended. After each test the next visitor is served. */
final class TcpTunnelTest {
    private static final int MIB = 1024 * 1024;
    /** Data connections that are kept idle when many sessions have begun at once, and the few that are on their way. */
    private static final int MOST_KEPT = 64 + 10;

    private static TunnelFixture tunnel;
    private static int sessions;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start(new TunnelFixture.Options().tcp());
    }

    @AfterEach
    void theNextVisitorIsServed() throws Exception {
        tunnel.service().reset();
        try (Session next = new Session()) {
            next.visitor.send("ping");
            assertEquals("ping", next.local.readText(4));
            next.local.send("pong");
            assertEquals("pong", next.visitor.readText(4));
            next.endBoth();
        }
        tunnel.settle();
        Eventually.await(() -> "no session is left in the agent: " + tunnel.agent().liveTasks() + " tasks", Peer.LIMIT,
                () -> tunnel.agent().liveTasks() == TestAgent.TASKS_AT_REST + 2 * tunnel.server().dataConnections());
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    /** A visitor and the local service's end. */
    private static final class Session implements AutoCloseable {
        private final Peer visitor;
        private final Peer local;

        Session() throws Exception {
            String mark = "%08x".formatted(++sessions);
            visitor = tunnel.tcpVisitor().send(mark);
            local = tunnel.service().accept(mark);
        }

        void endBoth() throws IOException {
            visitor.finish();
            assertTrue(local.atEnd());
            local.finish();
            assertTrue(visitor.atEnd());
        }

        @Override
        public void close() throws IOException {
            visitor.close();
            local.close();
        }
    }

    private static FutureTask<Void> start(Callable<Void> body) {
        FutureTask<Void> task = new FutureTask<>(body);
        Thread.ofVirtual().start(task);
        return task;
    }

    private static byte[] pattern(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static void assertReceives(Peer peer, byte[] expected) throws IOException {
        byte[] piece = new byte[64 * 1024];
        for (int at = 0; at < expected.length;) {
            int count = peer.in().read(piece, 0, Math.min(piece.length, expected.length - at));
            assertTrue(count > 0, "the end after " + at + " of " + expected.length + " bytes");
            int mismatch = Arrays.mismatch(piece, 0, count, expected, at, at + count);
            assertEquals(-1, mismatch, "a wrong byte at " + (at + mismatch));
            at += count;
        }
    }

    // ---- Bytes. ----

    @Test
    void everyByteComesThroughAsItIs() throws Exception {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        try (Session session = new Session()) {
            session.visitor.send(all);
            assertArrayEquals(all, session.local.read(all.length));
            session.local.send(all);
            assertArrayEquals(all, session.visitor.read(all.length));
            session.endBoth();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64 * 1024, 20 * MIB})
    void bothDirectionsFlowAtTheSameTime(int length) throws Exception {
        byte[] up = pattern(1, length);
        byte[] down = pattern(2, length);
        try (Session session = new Session()) {
            List<FutureTask<Void>> running = List.of(start(() -> {
                session.visitor.send(up).finish();
                return null;
            }), start(() -> {
                session.local.send(down).finish();
                return null;
            }), start(() -> {
                assertReceives(session.local, up);
                assertTrue(session.local.atEnd());
                return null;
            }));
            assertReceives(session.visitor, down);
            assertTrue(session.visitor.atEnd());
            for (FutureTask<Void> each : running) {
                each.get(30, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void aLocalServiceThatSpeaksFirstIsHeard() throws Exception {
        try (Session session = new Session()) {
            session.local.send("220 ready\r\n");
            assertEquals("220 ready", session.visitor.readLine());
            session.local.finish();
            assertTrue(session.visitor.atEnd());
            session.visitor.finish();
            assertTrue(session.local.atEnd());
        }
    }

    // ---- Ends. ----

    @Test
    void aVisitorThatHasEndedItsDirectionGetsTheAnswer() throws Exception {
        try (Session session = new Session()) {
            session.visitor.send("the question").finish();
            assertEquals("the question", new String(session.local.readToEnd()));
            byte[] answer = pattern(3, MIB);
            session.local.send(answer).close();
            assertReceives(session.visitor, answer);
            assertTrue(session.visitor.atEnd());
        }
    }

    @Test
    void whenTheLocalServiceHasEndedItsDirectionTheVisitorMaySendOn() throws Exception {
        try (Session session = new Session()) {
            session.local.send("enough").finish();
            assertEquals("enough", new String(session.visitor.readToEnd()));
            byte[] more = pattern(4, MIB);
            session.visitor.send(more).close();
            assertReceives(session.local, more);
            assertTrue(session.local.atEnd());
        }
    }

    @Test
    void aResetByTheVisitorIsOneForTheLocalService() throws Exception {
        try (Session session = new Session()) {
            session.visitor.send("x");
            session.local.read(1);
            session.visitor.reset();
            session.local.awaitReset();
        }
    }

    @Test
    void aResetByTheLocalServiceIsOneForTheVisitor() throws Exception {
        try (Session session = new Session()) {
            session.local.send("x");
            session.visitor.read(1);
            session.local.reset();
            session.visitor.awaitReset();
        }
    }

    @Test
    void aResetWhileBothSendIsSeenByTheOther() throws Exception {
        byte[] much = new byte[MIB];
        for (boolean byVisitor : new boolean[] {true, false}) {
            try (Session session = new Session()) {
                Peer leaves = byVisitor ? session.visitor : session.local;
                Peer stays = byVisitor ? session.local : session.visitor;
                FutureTask<Void> sending = start(() -> {
                    try {
                        while (true) {
                            stays.send(much);
                        }
                    } catch (IOException e) {
                        return null;
                    }
                });
                leaves.send(much).read(much.length);
                leaves.reset();
                stays.awaitClosed();
                sending.get(10, TimeUnit.SECONDS);
            }
        }
    }

    /** Nobody reads from it any more: it shows when there is something for it. */
    @Test
    void aResetBehindAnEndIsSeenByTheOtherWhenItSends() throws Exception {
        for (boolean byVisitor : new boolean[] {true, false}) {
            try (Session session = new Session()) {
                Peer leaves = byVisitor ? session.visitor : session.local;
                Peer stays = byVisitor ? session.local : session.visitor;
                leaves.finish();
                assertTrue(stays.atEnd());
                leaves.reset();
                stays.awaitSendFails();
            }
        }
    }

    @Test
    void visitorsThatResetAtOnceLeaveNothingBehind() throws Exception {
        for (int i = 0; i < 50; i++) {
            tunnel.tcpVisitor().reset();
        }
        Eventually.await(() -> "no session is left in the agent: " + tunnel.agent().liveTasks() + " tasks", Peer.LIMIT,
                () -> tunnel.server().exchanges() == 0 && tunnel.agent().liveTasks() == TestAgent.TASKS_AT_REST + 2 * tunnel.server().dataConnections());
    }

    // ---- Many. ----

    /** Both directions of a session, each with bytes of its own. */
    private static void exchange(int seed) throws IOException {
        byte[] up = pattern(seed, 5_000);
        try (Peer visitor = tunnel.tcpVisitor()) {
            visitor.send(up).finish();
            byte[] expected = up.clone();
            for (int i = 0; i < expected.length; i++) {
                expected[i] ^= 0x55;
            }
            assertReceives(visitor, expected);
            assertTrue(visitor.atEnd());
        }
    }

    /** Answers each connection with its bytes, changed, when they have ended. */
    private static void answer() {
        tunnel.service().play(local -> {
            byte[] bytes = local.readToEnd();
            for (int at = 0; at < bytes.length; at++) {
                bytes[at] ^= 0x55;
            }
            local.send(bytes).close();
        });
    }

    @Test
    void sessionsOneAfterTheOtherReuseDataConnections() throws Exception {
        int before = tunnel.server().log().entries("data_opened").size();
        answer();
        for (int i = 0; i < 300; i++) {
            exchange(i);
        }
        int opened = tunnel.server().log().entries("data_opened").size() - before;
        assertTrue(opened <= MOST_KEPT, opened + " data connections for 300 sessions");
    }

    @Test
    void fiftySessionsAtOnceKeepTheirBytesApart() throws Exception {
        int before = tunnel.server().log().entries("data_opened").size();
        answer();
        List<FutureTask<Void>> visitors = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            int seed = 1_000 * i;
            visitors.add(start(() -> {
                for (int round = 0; round < 5; round++) {
                    exchange(seed + round);
                }
                return null;
            }));
        }
        for (FutureTask<Void> each : visitors) {
            each.get(30, TimeUnit.SECONDS);
        }
        int opened = tunnel.server().log().entries("data_opened").size() - before;
        assertTrue(opened <= MOST_KEPT + 50, opened + " data connections for 50 sessions at once");
    }
}
