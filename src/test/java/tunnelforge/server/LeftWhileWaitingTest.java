package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.net.ManualClock;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;

/**
 * A visitor's leaving, which is a reset, is seen in whatever state its request or session is: while it waits for credit, for an absent agent, for a place. One that ends its direction
 * has not left.
 */
final class LeftWhileWaitingTest {
    private static final int PIECE = 16 * 1024;
    private static TunnelFixture fixture;

    private int tasksBefore;

    @BeforeAll
    static void start() throws Exception {
        fixture = TunnelFixture.start(new TunnelFixture.Options().withoutAgent().grace(Duration.ofMinutes(5)));
    }

    @BeforeEach
    void nothingIsLeft() {
        Eventually.await("the last test's tasks have ended", () -> fixture.server().liveTasks() <= idleTasks());
    }

    @AfterEach
    void settle() throws IOException {
        fixture.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        fixture.close();
    }

    /** Those that accept. */
    private static int idleTasks() {
        return 2;
    }

    /** Waits until the tasks that have come since {@link #tasksBefore} was noted have ended. */
    private void awaitForgotten() {
        Eventually.await(() -> fixture.server().liveTasks() + " tasks where there were " + tasksBefore, Eventually.LIMIT,
                () -> fixture.server().liveTasks() <= tasksBefore);
    }

    @Test
    void anUploadThatWaitsForCreditWasHeldForMinutes() throws Exception {
        ManualAgent agent = ManualAgent.register(fixture);
        FramePeer data = agent.open();
        Peer visitor = agent.visit("POST /upload", "Content-Length: 1000000");
        visitor.send(new byte[Limits.INITIAL_WINDOW]);
        int id = data.next(FrameType.REQUEST).id();
        awaitData(data, Limits.INITIAL_WINDOW);
        visitor.reset();
        assertCancelled(data.next(FrameType.RESET), id);
        agent.end();
    }

    @Test
    void anUploadWithMuchUnreadWasHeldForMinutes() throws Exception {
        ManualAgent agent = ManualAgent.register(fixture);
        FramePeer data = agent.open();
        Peer visitor = agent.visit("POST /upload", "Content-Length: 1000000000");
        Thread upload = Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    visitor.send(new byte[PIECE]);
                }
            } catch (IOException e) {
                // The visitor has left.
            }
        });
        int id = data.next(FrameType.REQUEST).id();
        awaitData(data, Limits.INITIAL_WINDOW);
        // Full is what lies between: the visitor cannot send any more.
        Eventually.await("the visitor waits", () -> upload.getState() == Thread.State.WAITING || upload.getState() == Thread.State.TIMED_WAITING);
        visitor.reset();
        assertCancelled(data.next(FrameType.RESET), id);
        upload.join();
        agent.end();
    }

    private static void awaitData(FramePeer data, int bytes) throws IOException {
        for (int received = 0; received < bytes;) {
            received += data.next(FrameType.DATA).text().length();
        }
    }

    private static void assertCancelled(FramePeer.Frame frame, int id) throws IOException {
        assertEquals(id, frame.id());
        byte[] payload = frame.text().getBytes(StandardCharsets.ISO_8859_1);
        assertEquals(ResetCode.CANCELLED.code(), FrameBuffer.resetCode(payload, 0, payload.length));
    }

    @Test
    void aPostRanSecondsAfterItsVisitorHadLeft() throws Exception {
        ManualAgent agent = ManualAgent.register(fixture);
        Eventually.await("data connections are asked for", () -> agent.invited() > 0);
        tasksBefore = fixture.server().liveTasks();
        Peer visitor = agent.visit("POST /left", "Content-Length: 4").send("data");
        Eventually.await("the visitor waits", () -> fixture.server().liveTasks() > tasksBefore);
        visitor.reset();
        awaitForgotten();
        FramePeer data = agent.open();
        Peer next = agent.visit("GET /next");
        FramePeer.Frame request = data.next(FrameType.REQUEST);
        assertTrue(request.text().startsWith("GET /next "), request::toString);
        data.next(FrameType.END);
        data.answer(request.id(), "served");
        assertEquals("served", next.readResponse().text());
        agent.end();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aVisitorThatEndsItsDirectionWhileItWaitsIsServed(boolean goodbye) throws Exception {
        ManualAgent agent = ManualAgent.register(fixture);
        Eventually.await("data connections are asked for", () -> agent.invited() > 0);
        tasksBefore = fixture.server().liveTasks();
        Peer visitor = agent.visit("POST /wait", "Content-Length: 4").send("data");
        Eventually.await("the visitor waits, and is watched", () -> fixture.server().liveTasks() == tasksBefore + 2);
        if (goodbye) {
            visitor.finish();
        } else {
            visitor.endRaw();
        }
        Eventually.await("its end is seen", () -> goodbye || fixture.server().liveTasks() == tasksBefore + 1);
        FramePeer data = agent.open();
        FramePeer.Frame request = data.next(FrameType.REQUEST);
        assertEquals("data", data.next(FrameType.DATA).text());
        data.next(FrameType.END);
        data.answer(request.id(), "served");
        assertEquals("served", visitor.readResponse().text());
        agent.end();
    }

    /** It may just as well have closed, and nothing was written to it that would tell. */
    @Test
    void aVisitorThatHasEndedItsDirectionIsNotWaitedForForEver() throws Exception {
        ManualClock clock = new ManualClock();
        TunnelFixture.Options options = new TunnelFixture.Options().withoutAgent();
        options.server().clock(clock);
        try (TunnelFixture moved = TunnelFixture.start(options)) {
            ManualAgent agent = ManualAgent.register(moved);
            FramePeer data = agent.open("json");
            Peer visitor = agent.visit("GET /");
            int id = data.next(FrameType.MESSAGE).id();
            int tasks = moved.server().liveTasks();
            clock.advance(Duration.ofMillis(500));
            clock.advance(Duration.ofMillis(1_000));
            Eventually.await("it is watched", () -> moved.server().liveTasks() == tasks + 1);
            visitor.endRaw();
            Eventually.await("its end is seen", () -> moved.server().liveTasks() == tasks);
            for (int seconds = 0; seconds < 596; seconds += 4) {
                clock.advance(Duration.ofSeconds(4));
                agent.sync();
            }
            assertFalse(visitor.socket().getInputStream().available() > 0);
            assertEquals(tasks, moved.server().liveTasks());
            clock.advance(Duration.ofSeconds(4));
            assertCancelled(data.next(FrameType.RESET), id);
            visitor.awaitClosed();
            data.close();
            agent.end();
        }
    }

    @Test
    void aTcpVisitorThatResetsWhileItWaitsIsForgotten() throws Exception {
        ManualAgent agent = ManualAgent.register(fixture, "tcp");
        Eventually.await("data connections are asked for", () -> agent.invited() > 0);
        tasksBefore = fixture.server().liveTasks();
        Peer visitor = agent.tcpVisitor().send("nobody wants this");
        Eventually.await("the visitor waits", () -> fixture.server().liveTasks() > tasksBefore);
        visitor.reset();
        awaitForgotten();
        Peer next = agent.tcpVisitor();
        FramePeer data = agent.open();
        FramePeer.Frame open = data.next(FrameType.OPEN);
        assertTrue(open.text().contains("\"visitor_port\":" + next.socket().getLocalPort()), open::toString);
        next.reset();
        data.next(FrameType.RESET);
        data.reset(open.id(), ResetCode.CANCELLED, "");
        agent.end();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTcpVisitorThatEndsItsDirectionWhileItWaitsIsServed(boolean withBytes) throws Exception {
        ManualAgent agent = ManualAgent.register(fixture, "tcp");
        Eventually.await("data connections are asked for", () -> agent.invited() > 0);
        tasksBefore = fixture.server().liveTasks();
        Peer visitor = agent.tcpVisitor();
        Eventually.await("the visitor waits, and is watched", () -> fixture.server().liveTasks() == tasksBefore + 2);
        if (withBytes) {
            visitor.send("all");
        }
        visitor.socket().shutdownOutput();
        Eventually.await("its end is seen", () -> fixture.server().liveTasks() == tasksBefore + 1);
        FramePeer data = agent.open();
        int id = data.next(FrameType.OPEN).id();
        if (withBytes) {
            assertEquals("all", data.next(FrameType.DATA).text());
        }
        data.next(FrameType.END);
        data.data(id, "answer").end(id);
        assertEquals("answer", visitor.readText(6));
        assertTrue(visitor.atEnd());
        agent.end();
    }
}
