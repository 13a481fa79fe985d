package tunnelforge.mux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.Eventually;
import tunnelforge.Peer;
import tunnelforge.net.Clock;
import tunnelforge.net.Connection;
import tunnelforge.net.ManualClock;
import tunnelforge.wire.Features;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;
import tunnelforge.wire.WireException;

/** A session on its link: liveness meanwhile, and what waits for what when one of its ends reads nothing. */
class SessionTest {
    private static final SessionOpen OPEN = new SessionOpen("203.0.113.9", 51_200, "198.51.100.7", 20_004, null);
    private static final Duration LONG = Duration.ofHours(1);
    private static final byte[] NOTHING = {};
    private static final long NOTHING_TAKEN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** The session's peer, and the task that runs the session. */
    private static final class Running implements AutoCloseable {
        private final Peer peer;
        private final FutureTask<Void> task;

        Running(LinkFixture fixture, Session session) throws IOException {
            Connection connection;
            try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                connection = Connection.connect(List.of(listener.getInetAddress()), listener.getLocalPort(), LONG, fixture.ticker);
                java.net.Socket accepted = listener.accept();
                peer = new Peer(accepted, accepted);
            }
            task = new FutureTask<>(() -> {
                try {
                    session.run(connection, LONG);
                    return null;
                } finally {
                    connection.close();
                }
            });
            Thread.ofVirtual().start(task);
        }

        void awaitEnd() throws Exception {
            task.get(LinkFixture.LIMIT.toSeconds(), TimeUnit.SECONDS);
        }

        @Override
        public void close() throws IOException {
            peer.close();
        }
    }

    private static Session opened(LinkFixture fixture, boolean responder) throws Exception {
        return opened(fixture, responder, 1);
    }

    private static Session opened(LinkFixture fixture, boolean responder, int id) throws Exception {
        if (!responder) {
            Session session = fixture.link.openSession(OPEN, NOTHING);
            assertEquals("OPEN " + id, fixture.next());
            return session;
        }
        byte[] json = OPEN.toJson().getBytes(StandardCharsets.UTF_8);
        fixture.send(frames -> frames.frame(id, FrameType.OPEN, json, 0, json.length));
        return fixture.role.sessions.poll(LinkFixture.LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private static LinkFixture link(boolean responder) throws IOException {
        return LinkFixture.of(responder, Features.DONE).start();
    }

    /** Both directions of session 1 end, the peer's first; DONE of this side has come. */
    private static void endBoth(LinkFixture fixture, Running running) throws Exception {
        fixture.send(frames -> frames.end(1));
        assertTrue(running.peer.atEnd());
        running.peer.finish();
        assertEquals("END 1", fixture.next());
        assertEquals("DONE 1", fixture.next());
        running.awaitEnd();
    }

    private static void assertPong(LinkFixture fixture) throws IOException {
        fixture.send(frames -> frames.ping(7));
        assertEquals("PONG 0", fixture.nextOfAny());
    }

    // ---- When the connection is free. ----

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theConnectionIsFreeWhenBothHaveSaidDone(boolean responder) throws Exception {
        try (LinkFixture fixture = link(responder)) {
            Session session = opened(fixture, responder);
            try (Running running = new Running(fixture, session)) {
                endBoth(fixture, running);
                fixture.send(frames -> frames.ping(7));
                assertEquals("PONG 0 7", fixture.next());
                assertFalse(fixture.role.seen.contains("session over"));
                fixture.send(frames -> frames.done(1));
                fixture.role.awaitSeen("session over");
            }
            opened(fixture, responder, 2);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void thePeersDoneMayComeFirst(boolean responder) throws Exception {
        try (LinkFixture fixture = link(responder)) {
            Session session = opened(fixture, responder);
            try (Running running = new Running(fixture, session)) {
                running.peer.finish();
                assertEquals("END 1", fixture.next());
                fixture.send(frames -> {
                    frames.end(1);
                    frames.done(1);
                });
                assertEquals("DONE 1", fixture.next());
                running.awaitEnd();
                fixture.role.awaitSeen("session over");
            }
            opened(fixture, responder, 2);
        }
    }

    /** Its first PING was sent behind OPEN, and whichever PONG came was taken for the answer to a later one. */
    @Test
    void noPongFreesAConnectionWhoseSessionIsNotDone() throws Exception {
        try (LinkFixture fixture = link(false)) {
            assertTrue(fixture.nextIsPing());
            Session session = opened(fixture, false);
            try (Running running = new Running(fixture, session)) {
                fixture.send(frames -> frames.end(1));
                running.peer.send(new byte[200_000]).finish();
                String frame;
                while ((frame = fixture.next()).startsWith("DATA 1")) {
                    // All of it.
                }
                assertEquals("END 1", frame);
                assertEquals("DONE 1", fixture.next());
                running.awaitEnd();
                fixture.send(frames -> frames.pong(fixture.clock.nanos()));
                assertPong(fixture);
                fixture.clock.advance(Limits.DEAD_AFTER.multipliedBy(100));
                assertFalse(fixture.role.seen.contains("session over"));
                fixture.send(frames -> frames.done(1));
                fixture.role.awaitSeen("session over");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withAPeerThatDoesNotKnowDoneTheConnectionEndsAfterItsSession(boolean responder) throws Exception {
        try (LinkFixture fixture = LinkFixture.of(responder).start()) {
            Session session = opened(fixture, responder);
            try (Running running = new Running(fixture, session)) {
                fixture.send(frames -> frames.end(1));
                assertTrue(running.peer.atEnd());
                running.peer.finish();
                assertEquals("END 1", fixture.next());
                assertEquals("end", fixture.next());
                running.awaitEnd();
            }
            assertFalse(fixture.role.seen.contains("session over"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSessionThatWasResetFreesItsConnectionAsWell(boolean responder) throws Exception {
        try (LinkFixture fixture = link(responder)) {
            Session session = opened(fixture, responder);
            try (Running running = new Running(fixture, session)) {
                fixture.send(frames -> frames.reset(1, ResetCode.CANCELLED, "enough"));
                assertEquals("RESET 1 CANCELLED", fixture.next());
                assertEquals("DONE 1", fixture.next());
                fixture.send(frames -> frames.done(1));
                fixture.role.awaitSeen("session over");
                assertThrows(ExecutionException.class, running::awaitEnd);
            }
            opened(fixture, responder, 2);
            fixture.clock.advance(Limits.RESET_SETTLES_WITHIN.multipliedBy(2));
            assertPong(fixture);
        }
    }

    @Test
    void aSessionThatIsNotThroughLongAfterItsResetCostsTheConnection() throws Exception {
        try (LinkFixture fixture = link(false)) {
            Session session = opened(fixture, false);
            try (Running running = new Running(fixture, session)) {
                fixture.send(frames -> frames.reset(1, ResetCode.CANCELLED, "enough"));
                assertEquals("RESET 1 CANCELLED", fixture.next());
                assertEquals("DONE 1", fixture.next());
                fixture.clock.advance(Limits.RESET_SETTLES_WITHIN);
                assertFalse(fixture.ended.isDone());
                fixture.clock.advance(Duration.ofMillis(1));
                assertInstanceOf(IOException.class, fixture.awaitEnd());
                assertThrows(ExecutionException.class, running::awaitEnd);
                assertFalse(fixture.role.seen.contains("session over"));
            }
        }
    }

    // ---- A data connection that is gone, or to be given up, while nobody reads from it. ----

    /** Sends DATA until nothing more is taken: whoever delivers it waits for a peer that reads nothing. */
    private static void fill(LinkFixture fixture) throws IOException {
        FrameBuffer data = new FrameBuffer(Limits.MAX_DATA + Limits.FRAME_HEADER);
        data.data(1, new byte[Limits.MAX_DATA], 0, Limits.MAX_DATA);
        AtomicLong written = new AtomicLong();
        OutputStream out = fixture.peer().getOutputStream();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    out.write(data.array(), 0, data.length());
                    written.incrementAndGet();
                }
            } catch (IOException e) {
                // The test is over.
            }
        });
        AtomicLong last = new AtomicLong(-1);
        AtomicLong since = new AtomicLong(System.nanoTime());
        Eventually.await("nothing more is taken", () -> {
            if (last.getAndSet(written.get()) != written.get()) {
                since.set(System.nanoTime());
            }
            return written.get() > 0 && System.nanoTime() - since.get() > NOTHING_TAKEN_NANOS;
        });
    }

    /** A local service that read nothing held its session, and a place for one, for a day after the visitor had left. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSessionWhosePeerReadsNothingEndsWithItsDataConnection(boolean responder) throws Exception {
        try (LinkFixture fixture = link(responder)) {
            Session session = opened(fixture, responder);
            try (Running running = new Running(fixture, session)) {
                fill(fixture);
                fixture.peer().setSoLinger(true, 0);
                fixture.peer().close();
                Eventually.await("the session ends", () -> {
                    fixture.clock.advance(Duration.ofSeconds(1));
                    return running.task.isDone();
                });
                ExecutionException e = assertThrows(ExecutionException.class, running::awaitEnd);
                assertEquals(ResetCode.BROKEN_OFF, assertInstanceOf(ResetException.class, e.getCause()).code());
                assertInstanceOf(IOException.class, fixture.awaitEnd());
            }
        }
    }

    /** An end of stream would wait behind what the other side does not read. */
    @Test
    void aDataConnectionThatIsGivenUpIsReset() throws Exception {
        try (LinkFixture fixture = link(false)) {
            Session session = opened(fixture, false);
            try (Running running = new Running(fixture, session)) {
                fixture.send(frames -> frames.reset(1, ResetCode.CANCELLED, "enough"));
                assertEquals("RESET 1 CANCELLED", fixture.next());
                assertEquals("DONE 1", fixture.next());
                fixture.clock.advance(Limits.RESET_SETTLES_WITHIN.plusMillis(1));
                assertInstanceOf(IOException.class, fixture.awaitEnd());
                assertThrows(SocketException.class, fixture::next);
                assertThrows(ExecutionException.class, running::awaitEnd);
            }
        }
    }

    // ---- What the peer may not say. ----

    private static void assertBreaksTheProtocol(LinkFixture.Frames wrong, String message) throws Exception {
        try (LinkFixture fixture = link(false)) {
            Session session = opened(fixture, false);
            try (Running running = new Running(fixture, session)) {
                fixture.send(wrong);
                WireException e = assertInstanceOf(WireException.class, fixture.awaitEnd());
                assertEquals(message, e.getMessage());
                running.peer.close();
            }
        }
    }

    @Test
    void doneComesBehindALastFrameAndNothingBehindDone() throws Exception {
        assertBreaksTheProtocol(frames -> frames.done(1), "DONE before END or RESET");
        assertBreaksTheProtocol(frames -> {
            frames.end(1);
            frames.done(1);
            frames.done(1);
        }, "a frame of a session after its DONE");
        assertBreaksTheProtocol(frames -> {
            frames.end(1);
            frames.done(1);
            frames.reset(1, ResetCode.CANCELLED, "");
        }, "a frame of a session after its DONE");
        assertBreaksTheProtocol(frames -> frames.done(2), "DONE for exchange 2, which was never opened");
    }

    // ---- Silence. ----

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutHeartbeatsSilenceIsNeitherAskedAfterNorJudgedInASessionAndCountsFromItsEnd(boolean responder) throws Exception {
        try (LinkFixture fixture = link(responder)) {
            assertTrue(fixture.nextIsPing(), "the round trip is measured at the start");
            Session session = opened(fixture, responder);
            try (Running running = new Running(fixture, session)) {
                fixture.clock.advance(Limits.PING_AFTER.plusSeconds(1));
                fixture.clock.advance(Limits.DEAD_AFTER.multipliedBy(100));
                running.peer.send("x").finish();
                fixture.send(frames -> {
                    frames.end(1);
                    frames.done(1);
                });
                assertEquals("DATA 1", fixture.nextOfAny());
                assertEquals("END 1", fixture.nextOfAny());
                assertEquals("DONE 1", fixture.nextOfAny());
                running.awaitEnd();
                fixture.role.awaitSeen("session over");
            }
            fixture.clock.advance(Limits.PING_AFTER.minusSeconds(1));
            assertPong(fixture);
            fixture.clock.advance(Limits.PING_AFTER.plusSeconds(1));
            assertTrue(fixture.nextIsPing());
            fixture.clock.advance(Limits.DEAD_AFTER.minus(Limits.PING_AFTER).minusSeconds(2));
            assertFalse(fixture.ended.isDone());
            fixture.clock.advance(Duration.ofSeconds(2));
            assertInstanceOf(IOException.class, fixture.awaitEnd());
        }
    }

    private static void awaitHeartbeat(LinkFixture fixture) throws Exception {
        fixture.clock.advanceBeside("a heartbeat", Limits.DEAD_AFTER.minusSeconds(1), () -> assertEquals("PONG 0 0", fixture.next()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPeerThatKnowsHeartbeatsAndSendsNoneInASessionIsDead(boolean responder) throws Exception {
        try (LinkFixture fixture = LinkFixture.of(responder, Features.HEARTBEAT).start()) {
            Session session = opened(fixture, responder);
            try (Running running = new Running(fixture, session)) {
                running.peer.send("x");
                assertEquals("DATA 1 1", fixture.next());
                for (int i = 0; i < 3; i++) {
                    awaitHeartbeat(fixture);
                    fixture.send(frames -> {
                        frames.pong(0);
                        frames.data(1, new byte[1], 0, 1);
                    });
                    assertEquals(1, running.peer.read(1).length);
                }
                Duration silent = fixture.clock.advanceUntil("it is given up", Limits.DEAD_AFTER.plusSeconds(2), fixture.ended::isDone);
                assertTrue(silent.compareTo(Limits.DEAD_AFTER.minusSeconds(1)) > 0, silent.toString());
                assertInstanceOf(IOException.class, fixture.awaitEnd());
                assertThrows(SocketException.class, () -> running.peer.readToEnd(), "the session's peer sees it broken");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoWaitsForTheSessionsPeerJudgesNobodyAndShowsThatItIsThere(boolean responder) throws Exception {
        try (LinkFixture fixture = LinkFixture.of(responder, Features.HEARTBEAT).start()) {
            Session session = opened(fixture, responder);
            try (Running running = new Running(fixture, session)) {
                fill(fixture);
                for (int i = 0; i < 3; i++) {
                    awaitHeartbeat(fixture);
                }
                assertFalse(fixture.ended.isDone());
                // The watch has read ahead what it has room for.
                fixture.clock.advance(Limits.DEAD_AFTER.plusSeconds(1));
                fixture.link.peerIsSilent(fixture.clock.nanos());
                assertInstanceOf(IOException.class, fixture.awaitEnd(), "where the control connection says that nobody is there");
                assertThrows(ExecutionException.class, running::awaitEnd);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSessionThatIsReadIsNotJudgedByItsControlConnection(boolean responder) throws Exception {
        try (LinkFixture fixture = link(responder)) {
            Session session = opened(fixture, responder);
            try (Running running = new Running(fixture, session)) {
                fixture.clock.advance(Limits.DEAD_AFTER.multipliedBy(2));
                Eventually.await("it is read", () -> fixture.connection.unreadFor(fixture.clock.nanos()) == 0);
                fixture.link.peerIsSilent(fixture.clock.nanos());
                running.peer.send("x");
                assertEquals("DATA 1 1", fixture.next());
                assertFalse(fixture.ended.isDone());
                running.peer.reset();
            }
        }
    }

    /** The last frame of the session was the last of all: nothing resumed what the session had paused. */
    @Test
    void anIdleLinkIsJudgedAgainAfterASession() throws Exception {
        try (LinkFixture fixture = link(false)) {
            assertTrue(fixture.nextIsPing());
            Session session = opened(fixture, false);
            try (Running running = new Running(fixture, session)) {
                fixture.send(frames -> {
                    frames.end(1);
                    frames.done(1);
                });
                running.peer.finish();
                running.awaitEnd();
                fixture.role.awaitSeen("session over");
                fixture.clock.advance(Limits.DEAD_AFTER.plusSeconds(1));
                assertInstanceOf(IOException.class, fixture.awaitEnd());
            }
        }
    }

    // ---- Ends that wait for each other. ----

    /** A data connection on which no session is done. */
    private abstract static class UnfinishedCarrier implements SessionCarrier {
        final ManualClock clock = new ManualClock();
        final List<String> posted = new CopyOnWriteArrayList<>();

        @Override
        public void post(FrameBuffer frames, FrameWriter.By by) {
            posted.add(FrameType.name(frames.array()[4]));
        }

        @Override
        public boolean knowsDone() {
            return true;
        }

        @Override
        public void free() {
            throw new AssertionError("the other side has not said DONE");
        }

        @Override
        public void placeFree() {
            throw new AssertionError("the other side has not said DONE");
        }

        @Override
        public void endWhenSent() {
            throw new AssertionError("DONE is known");
        }

        @Override
        public Clock clock() {
            return clock;
        }
    }

    /** The other side's RESET comes when DATA is about to be queued. */
    private static final class ResetBeforeData extends UnfinishedCarrier {
        private Session session;

        @Override
        public boolean send(FrameBuffer frames, BooleanSupplier wanted) throws IOException {
            session.deliverReset(ResetCode.CANCELLED, "enough");
            if (!wanted.getAsBoolean()) {
                return false;
            }
            post(frames, FrameWriter.By.FLUSH_TASK);
            return true;
        }

        @Override
        public void flush() {
            // All has left.
        }
    }

    /** A data connection on which nothing leaves. */
    private static final class StuckCarrier extends UnfinishedCarrier {
        private final CountDownLatch sending = new CountDownLatch(1);
        private final CountDownLatch gone = new CountDownLatch(1);

        @Override
        public boolean send(FrameBuffer frames, BooleanSupplier wanted) throws IOException {
            sending.countDown();
            try {
                gone.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            throw new IOException("the data connection is gone");
        }

        @Override
        public void flush() throws IOException {
            send(null, null);
        }
    }

    /** The RESET was posted between the look at the session's state and the writer's lock: DATA came behind it, which costs the connection. */
    @Test
    void noDataLeavesBehindTheSessionsOwnReset() throws Exception {
        try (LinkFixture fixture = LinkFixture.agent()) {
            ResetBeforeData carrier = new ResetBeforeData();
            Session session = new Session(carrier, 1, null);
            carrier.session = session;
            try (Running running = new Running(fixture, session)) {
                running.peer.send("x");
                assertThrows(ExecutionException.class, running::awaitEnd);
            }
            assertEquals(List.of("RESET", "DONE"), carrier.posted);
        }
    }

    /** Neither side's peer is to blame for it. */
    @Test
    void aSenderThatFindsTheDataConnectionGoneDoesNotBlameItsPeer() throws Exception {
        try (LinkFixture fixture = LinkFixture.agent()) {
            StuckCarrier carrier = new StuckCarrier();
            carrier.gone.countDown();
            Session session = new Session(carrier, 1, null);
            try (Running running = new Running(fixture, session)) {
                running.peer.send("x");
                ExecutionException e = assertThrows(ExecutionException.class, running::awaitEnd);
                assertEquals(ResetCode.BROKEN_OFF, assertInstanceOf(ResetException.class, e.getCause()).code());
            }
        }
    }

    /** The END cannot leave, and the RESET that comes behind it waits for nobody. */
    @Test
    void anEndThatCannotLeaveHoldsNothingUpWhenTheConnectionIsGivenUp() throws Exception {
        try (LinkFixture fixture = LinkFixture.agent()) {
            StuckCarrier carrier = new StuckCarrier();
            Session session = new Session(carrier, 1, null);
            try (Running running = new Running(fixture, session)) {
                running.peer.finish();
                assertTrue(carrier.sending.await(LinkFixture.LIMIT.toSeconds(), TimeUnit.SECONDS));
                running.peer.close();
                FutureTask<Void> delivering = new FutureTask<>(() -> {
                    // The first comes back as an RST, and a later one is not taken any more.
                    while (carrier.posted.size() < 2) {
                        session.deliverData(new byte[1], 0, 1);
                        LockSupport.parkNanos(PAUSE_NANOS);
                    }
                    return null;
                });
                Thread.ofVirtual().start(delivering);
                Eventually.await("the RESET is behind the END", () -> carrier.posted.equals(List.of("END", "RESET")));
                carrier.clock.advance(Limits.RESET_SETTLES_WITHIN);
                assertFalse(session.giveUp(carrier.clock.nanos()));
                carrier.clock.advance(Duration.ofMillis(1));
                assertTrue(session.giveUp(carrier.clock.nanos()));
                carrier.gone.countDown();
                assertThrows(ExecutionException.class, running::awaitEnd);
                delivering.get(LinkFixture.LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }
}
