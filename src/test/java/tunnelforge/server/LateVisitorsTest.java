package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.AccessLines;
import tunnelforge.FramePeer;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.json.JsonObject;
import tunnelforge.net.ManualClock;
import tunnelforge.server.accesslog.AccessLogOptions;
import tunnelforge.wire.FrameType;

/** Visitors whose body does not come: they get 408 while nothing was answered, and the agent learns that nobody waits any more. */
final class LateVisitorsTest {
    /** For a next piece of a body, and for the whole of one that is collected. */
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration STEP = Duration.ofSeconds(4);

    @TempDir
    private Path directory;

    private final ManualClock clock = new ManualClock();
    private TunnelFixture fixture;
    private ManualAgent agent;

    @BeforeEach
    void start() throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options().withoutAgent();
        options.server().clock(clock).accessLog(directory.resolve("access.json"), AccessLogOptions.Format.JSON);
        fixture = TunnelFixture.start(options);
        agent = ManualAgent.register(fixture);
    }

    @AfterEach
    void end() throws Exception {
        agent.end();
        fixture.settle();
        fixture.close();
    }

    /** What goes on while the time passes. */
    private interface Meanwhile {
        void step() throws Exception;
    }

    private void pass(Duration time, Meanwhile meanwhile) throws Exception {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(STEP)) {
            clock.advance(STEP);
            // The agent lives: it has answered every Ping so far.
            agent.sync();
            meanwhile.step();
        }
    }

    private void assertTimeout(Peer visitor) throws Exception {
        FutureTask<Message> answer = new FutureTask<>(visitor::readResponse);
        Thread.ofVirtual().start(answer);
        // The server may have begun to wait while the time passed already.
        for (Duration passed = Duration.ZERO; !answer.isDone() && passed.compareTo(LIMIT) < 0; passed = passed.plus(STEP)) {
            clock.advance(STEP);
            agent.sync();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        assertEquals(408, answer.get().status());
        assertEquals("TF-BAD-REQUEST", answer.get().get("TunnelForge-Error"));
        assertTrue(visitor.awaitClosed(), "the answer is not followed by a clean end");
    }

    @Test
    void aBodyOfWhichNothingMoreComesIsAnswered() throws Exception {
        FramePeer data = agent.open();
        Peer visitor = agent.visit("POST /", "Content-Length: 100000").send("half");
        assertEquals(FrameType.REQUEST, data.next(FrameType.REQUEST).type());
        assertEquals("half", data.next(FrameType.DATA).text());
        pass(LIMIT.minus(STEP), data::assertAlive);
        assertTimeout(visitor);
        JsonObject told = new AccessLines(directory.resolve("access.json")).nextObject();
        assertEquals(List.of(408L, 4L), List.of(told.integer("status", 0, 999), told.integer("bytes_in", 0, 999)));
        assertEquals("TF-BAD-REQUEST", told.string("error"));
        assertEquals(FrameType.RESET, data.next(FrameType.RESET).type());
    }

    /** No byte of it has come, so no 100 was sent either where the agent does not send one. */
    @Test
    void aBodyThatNeverBeginsIsAnswered() throws Exception {
        FramePeer data = agent.open();
        Peer visitor = agent.visit("POST /", "Transfer-Encoding: chunked");
        data.next(FrameType.REQUEST);
        pass(LIMIT.minus(STEP), data::assertAlive);
        assertTimeout(visitor);
    }

    @Test
    void aBodyWhoseAnswerHasBegunIsCutOff() throws Exception {
        FramePeer data = agent.open();
        Peer visitor = agent.visit("POST /", "Content-Length: 100000").send("half");
        int id = data.next(FrameType.REQUEST).id();
        byte[] head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".getBytes();
        data.sendRaw(id, FrameType.RESPONSE, head.length, head);
        assertEquals(200, visitor.readResponseHead().status());
        pass(LIMIT.plus(STEP.multipliedBy(4)), data::assertAlive);
        assertEquals(-1, next(visitor), "of the five that were announced");
    }

    /** -1 for an end of whatever kind. */
    private static int next(Peer visitor) throws IOException {
        try {
            return visitor.in().read();
        } catch (SSLException e) {
            return -1;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBodyThatIsCollectedIsAnsweredHoweverSteadilyItComes(boolean steadily) throws Exception {
        agent.open("json");
        Peer visitor = agent.visit("POST /", "Content-Length: 1000").send("x");
        pass(LIMIT.minus(STEP), () -> {
            if (steadily) {
                visitor.send("x");
            }
        });
        assertTimeout(visitor);
    }
}
