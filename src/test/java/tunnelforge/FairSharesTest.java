package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.net.ManualClock;

/** What a slow visitor keeps from others, and when it has to go. The test moves the server's time. */
final class FairSharesTest {
    private static final int LARGE = 100_000;
    private static final Duration LONG = Duration.ofSeconds(45);

    private final ManualClock clock = new ManualClock();
    private TunnelFixture tunnel;

    @BeforeEach
    void start() throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options().http();
        options.server().clock(clock);
        tunnel = TunnelFixture.start(options);
    }

    @AfterEach
    void stop() throws IOException {
        tunnel.close();
    }

    private Peer post(int length, String first) throws IOException {
        return tunnel.plainVisitor().send(tunnel.head("POST /", "Content-Length: " + length) + first);
    }

    /** By a visitor of its own, whose request comes later and is served. */
    private void assertAnotherIsServed() throws Exception {
        Peer another = tunnel.plainVisitor().send(tunnel.head("GET /another"));
        Peer local = tunnel.service().accept();
        assertEquals("/another", local.readRequest().target());
        ScriptedService.respond(local, "served");
        assertEquals("served", another.readResponse().text());
        local.close();
    }

    @Test
    void aSmallBodyTakesAPlaceWhenItIsWhole() throws Exception {
        Peer visitor = post(10, "");
        assertAnotherIsServed();
        visitor.send("12345");
        assertAnotherIsServed();
        assertEquals(0, tunnel.server().exchanges());
        visitor.send("67890");
        Peer local = tunnel.service().accept();
        assertEquals("1234567890", local.readRequest().text());
        ScriptedService.respond(local, "all of it");
        assertEquals("all of it", visitor.readResponse().text());
    }

    @Test
    void aLargeBodyTakesAPlaceWithItsFirstByte() throws Exception {
        Peer visitor = post(LARGE, "");
        assertAnotherIsServed();
        assertEquals(0, tunnel.server().exchanges());
        visitor.send("x");
        Peer local = tunnel.service().accept();
        assertEquals(Integer.toString(LARGE), local.readRequestHead().get("Content-Length"));
        assertEquals("x", local.readText(1));
        assertEquals(1, tunnel.server().exchanges());
    }

    @Test
    void aVisitorThatLeavesBeforeItsBodyHasTakenNothing() throws Exception {
        leave(post(LARGE, ""));
        leave(post(10, "12345"));
        assertAnotherIsServed();
        assertEquals(0, tunnel.server().exchanges());
    }

    private static void leave(Peer visitor) {
        try {
            visitor.close();
        } catch (IOException e) {
            // It is still told that its request was not whole.
        }
    }

    @Test
    void aBodyThatPausesWhileMemoryIsShortIsAnswered408() throws Exception {
        Peer paused = post(LARGE, "x");
        Peer local = tunnel.service().accept();
        local.readRequestHead();
        Peer quick = post(100_000, "y");
        Peer quicksLocal = tunnel.service().accept();
        quicksLocal.readRequestHead();
        Peer asking = tunnel.plainVisitor().send(tunnel.head("GET /slow"));
        Peer askingsLocal = tunnel.service().accept();
        askingsLocal.readRequest();
        tunnel.server().reserveMoreThanHalf();
        // One goes, and what is too much is more than it had; so the other has to keep to the speed.
        clock.advanceUntil("the pause is too long", LONG, () -> {
            send(quick, "y".repeat(100));
            return tunnel.server().exchanges() == 2;
        });
        Message answer = paused.readResponse();
        assertEquals(408, answer.status());
        assertEquals("TF-BAD-REQUEST", answer.get("TunnelForge-Error"));
        assertEquals("close", answer.get("Connection"));
        assertEquals(1, tunnel.server().log().entries("slow_visitor").size());
        quicksLocal.readText(2);
        ScriptedService.respond(askingsLocal, "an answer that has not begun is not judged");
        assertEquals(200, asking.readResponse().status());
        tunnel.server().giveReservedBack();
    }

    /** Perhaps it waits for its answer, perhaps it has left: it is served as long as nobody needs its place. */
    @Test
    void whoHasEndedItsStreamMakesRoom() throws Exception {
        Peer waiting = tunnel.plainVisitor().send(tunnel.head("GET /hang"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        waiting.finish();
        Peer asking = tunnel.plainVisitor().send(tunnel.head("GET /slow"));
        Peer askingsLocal = tunnel.service().accept();
        askingsLocal.readRequest();
        tunnel.server().reserveMoreThanHalf();
        clock.advanceUntil("it makes room", LONG, () -> tunnel.server().exchanges() == 1);
        ScriptedService.respond(askingsLocal, "one that has not ended its stream stays");
        assertEquals(200, asking.readResponse().status());
        tunnel.server().giveReservedBack();
    }

    private static void send(Peer visitor, String text) {
        try {
            visitor.send(text);
        } catch (IOException e) {
            throw new AssertionError("it was cut off", e);
        }
    }
}
