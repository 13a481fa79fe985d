package tunnelforge.mux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.Eventually;
import tunnelforge.Peer;
import tunnelforge.net.Connection;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.SessionOpen;

/** A session on its link: liveness meanwhile, and what waits for what when one of its ends reads nothing. */
class SessionTest {
    private static final SessionOpen OPEN = new SessionOpen("203.0.113.9", 51_200, "198.51.100.7", 20_004, null);
    private static final Duration LONG = Duration.ofHours(1);
    private static final byte[] NOTHING = {};
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

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
                    session.run(connection, LONG, NOTHING);
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
        if (!responder) {
            Session session = fixture.link.openSession(OPEN);
            assertEquals("OPEN 1", fixture.next());
            return session;
        }
        byte[] json = OPEN.toJson().getBytes(StandardCharsets.UTF_8);
        fixture.send(frames -> frames.frame(1, FrameType.OPEN, json, 0, json.length));
        return fixture.link.sessions.poll(LinkFixture.LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private static LinkFixture link(boolean responder) throws IOException {
        return (responder ? LinkFixture.agent() : LinkFixture.server()).start();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void silenceIsNeitherAskedAfterNorJudgedInASessionAndCountsFromItsEnd(boolean responder) throws Exception {
        try (LinkFixture fixture = link(responder)) {
            assertTrue(fixture.nextIsPing(), "the round trip is measured at the start");
            Session session = opened(fixture, responder);
            try (Running running = new Running(fixture, session)) {
                long now = System.nanoTime();
                fixture.link.tick(now + Limits.PING_AFTER.toNanos() + SECOND);
                fixture.link.tick(now + 100 * Limits.DEAD_AFTER.toNanos());
                running.peer.send("x").finish();
                fixture.send(frames -> frames.end(1));
                assertEquals("DATA 1", fixture.nextOfAny());
                assertEquals("END 1", fixture.nextOfAny());
                running.awaitEnd();
                fixture.link.awaitSeen("session over");
            }
            long over = System.nanoTime();
            fixture.link.tick(over + Limits.PING_AFTER.toNanos() - SECOND);
            fixture.send(frames -> frames.ping(7));
            assertEquals("PONG 0", fixture.nextOfAny());
            fixture.link.tick(System.nanoTime() + Limits.PING_AFTER.toNanos() + SECOND);
            assertTrue(fixture.nextIsPing());
            fixture.link.tick(over + Limits.DEAD_AFTER.toNanos() - SECOND);
            assertFalse(fixture.ended.isDone());
            fixture.link.tick(System.nanoTime() + Limits.DEAD_AFTER.toNanos() + SECOND);
            assertInstanceOf(IOException.class, fixture.awaitEnd());
        }
    }

    @Test
    void afterMuchWasSentTheServersLinkIsFreeOnlyWhenAllOfItWasTaken() throws Exception {
        try (LinkFixture fixture = link(false)) {
            assertTrue(fixture.nextIsPing());
            Session session = opened(fixture, false);
            try (Running running = new Running(fixture, session)) {
                fixture.send(frames -> frames.end(1));
                running.peer.send(new byte[200_000]).finish();
                String frame;
                while ((frame = fixture.nextOfAny()).equals("DATA 1")) {
                    // All of it.
                }
                assertEquals("END 1", frame);
                running.awaitEnd();
                assertTrue(fixture.nextIsPing());
                fixture.link.tick(System.nanoTime() + 100 * Limits.DEAD_AFTER.toNanos());
                assertFalse(fixture.link.seen.contains("session over"));
                fixture.send(frames -> frames.pong(0));
                fixture.link.awaitSeen("session over");
            }
        }
    }

    @Test
    void theSilenceOfALongSessionIsForgottenWithIt() throws Exception {
        try (LinkFixture fixture = link(false)) {
            assertTrue(fixture.nextIsPing());
            Session session = opened(fixture, false);
            try (Running running = new Running(fixture, session)) {
                fixture.send(frames -> frames.end(1));
                assertTrue(running.peer.atEnd());
                long heard = System.nanoTime();
                Eventually.await("a second of silence", () -> System.nanoTime() - heard > SECOND);
                running.peer.finish();
                assertEquals("END 1", fixture.nextOfAny());
                running.awaitEnd();
                fixture.link.awaitSeen("session over");
                // Counted from what was heard last it would be a PING.
                fixture.link.tick(heard + Limits.PING_AFTER.toNanos() + SECOND / 2);
                fixture.send(frames -> frames.ping(7));
                assertEquals("PONG 0", fixture.nextOfAny());
            }
        }
    }

    /** Each waits for the other: the END cannot leave, and a RESET must wait for it. */
    @Test
    void anEndThatCannotLeaveHoldsNothingUpWhenTheConnectionIsGivenUp() throws Exception {
        try (LinkFixture fixture = link(true)) {
            Session session = opened(fixture, true);
            try (Running running = new Running(fixture, session)) {
                // One of them writes, the other fills the queue.
                List<FutureTask<Void>> filling = List.of(filling(fixture), filling(fixture));
                List<Thread> threads = filling.stream().map(each -> Thread.ofVirtual().start(each)).toList();
                Eventually.await("the queue is full", () -> threads.stream().allMatch(each -> each.getState() == Thread.State.WAITING));
                running.peer.close();
                for (int i = 0; i < 100; i++) {
                    // The first comes back as an RST, and a later one is not taken any more.
                    fixture.send(frames -> frames.data(1, new byte[1], 0, 1));
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
                fixture.link.tick(System.nanoTime() + 2 * Limits.RESET_SETTLES_WITHIN.toNanos());
                assertThrows(ExecutionException.class, running::awaitEnd);
                assertInstanceOf(IOException.class, fixture.awaitEnd());
                for (FutureTask<Void> each : filling) {
                    assertThrows(ExecutionException.class, () -> each.get(10, TimeUnit.SECONDS));
                }
            }
        }
    }

    /** Sends what is not read, of a type that nobody knows. */
    private static FutureTask<Void> filling(LinkFixture fixture) {
        FrameBuffer frames = new FrameBuffer(Limits.MAX_UNKNOWN);
        frames.frame(0, FrameType.FIRST_CRITICAL - 1, new byte[60_000], 0, 60_000);
        return new FutureTask<>(() -> {
            while (true) {
                fixture.link.sendAll(frames);
            }
        });
    }
}
