package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.FramePeer.Frame;
import tunnelforge.FramePeer.Received;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.net.ManualClock;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.JsonExchange;
import tunnelforge.wire.ResetCode;

/** Which requests are sent again when a data connection is lost, refuses, or drains; and that no other is. */
class LostConnectionsTest {
    private TunnelFixture fixture;
    private ManualAgent agent;

    private void start(Duration grace) throws Exception {
        fixture = TunnelFixture.start(new TunnelFixture.Options().withoutAgent().grace(grace));
        agent = ManualAgent.register(fixture);
    }

    private void start(ManualClock clock) throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options().withoutAgent();
        options.server().clock(clock);
        fixture = TunnelFixture.start(options);
        agent = ManualAgent.register(fixture);
    }

    @AfterEach
    void end() throws Exception {
        agent.end();
        fixture.settle();
        Eventually.await("the tunnel has ended", () -> fixture.server().tunnels() == 0);
        fixture.close();
    }

    private static void assertPage(Peer visitor, int status, String error) throws IOException {
        Message page = visitor.readResponse();
        assertEquals(status, page.status(), page.toString());
        assertEquals(error, page.get("TunnelForge-Error"));
    }

    // ---- Nobody there. ----

    @Test
    void anAgentThatNeverOpensADataConnectionCostsVisitorsNoLongerThanTheGraceTime() throws Exception {
        start(Duration.ofMillis(500));
        long before = System.nanoTime();
        Peer visitor = agent.visit("GET /");
        assertPage(visitor, 503, "TF-AGENT-AWAY");
        long millis = (System.nanoTime() - before) / 1_000_000;
        assertTrue(millis >= 400 && millis < 5_000, millis + " ms");
        assertEquals(0, fixture.server().budgetUsed());
    }

    @Test
    void dataConnectionsThatEndAtOnceAreNotAskedForWithoutPause() throws Exception {
        ManualClock clock = new ManualClock();
        start(clock);
        int opened = 0;
        for (int tenths = 0; tenths < 30; tenths++) {
            clock.advance(Duration.ofMillis(100));
            agent.sync();
            while (agent.invited() > 0 && opened <= 20) {
                agent.open().close();
                opened++;
                Eventually.await("it has ended", () -> fixture.server().dataConnections() == 0);
                agent.sync();
            }
        }
        assertTrue(opened >= 3 && opened <= 20, opened + " data connections in 3 s");
    }

    @Test
    void aRequestThatWasNotRunIsSentAgainInAnotherEncodingToo() throws Exception {
        start(Duration.ofSeconds(20));
        FramePeer binary = agent.open();
        Peer visitor = agent.visitor().send("POST / HTTP/1.1\r\nHost: " + agent.host() + "\r\nContent-Length: 5\r\n\r\nHello");
        assertEquals(1, binary.next(FrameType.REQUEST).id());
        binary.next(FrameType.DATA);
        binary.next(FrameType.END);
        binary.send(frames -> {
            frames.drain();
            frames.reset(1, ResetCode.NOT_RUN, "");
        });
        // One encoding at a time: the other one may join when nobody is left.
        binary.awaitEnd();
        Eventually.await("nobody is left", () -> fixture.server().dataConnections() == 0);
        FramePeer json = agent.open("json");
        JsonExchange.Request request = JsonExchange.parseRequest(json.next(FrameType.MESSAGE).text());
        assertEquals("Hello", new String(request.body(), StandardCharsets.ISO_8859_1));
        json.send(frames -> frames.message(1, "{\"type\":\"response\",\"request_id\":\"r\",\"status_code\":201}"));
        assertEquals(201, visitor.readResponse().status());
    }

    @Test
    void eachTimeThatARequestIsSentAgainIsCounted() throws Exception {
        start(Duration.ofSeconds(20));
        FramePeer first = agent.open();
        Peer visitor = agent.visit("GET /");
        first.nextRequest();
        assertEquals(0, fixture.server().resent());
        FramePeer second = agent.open();
        Eventually.await("both serve", () -> fixture.server().dataConnections() == 2);
        first.send(frames -> frames.reset(1, ResetCode.NOT_RUN, ""));
        second.answer(second.nextRequest(), "by another");
        assertEquals("by another", visitor.readResponse().text());
        assertEquals(1, fixture.server().resent());
    }

    @Test
    void aVisitorWaitsForTheFirstDataConnection() throws Exception {
        start(Duration.ofSeconds(20));
        Peer visitor = agent.visit("GET /");
        Eventually.await("it waits", () -> fixture.server().budgetUsed() > 0);
        FramePeer data = agent.open();
        data.answer(data.nextRequest(), "at last");
        assertEquals("at last", visitor.readResponse().text());
    }

    @Test
    void noMoreDataConnectionsAreAskedForThanThereMayBe() throws Exception {
        // Its time stands: nobody here answers PING.
        start(new ManualClock());
        List<FramePeer> open = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            open.add(agent.open());
        }
        List<Peer> visitors = new ArrayList<>();
        // So many that ten connections are loaded, and more would be.
        int all = 200;
        for (int i = 0; i < all; i++) {
            visitors.add(agent.visit("GET /" + i));
            while (agent.invited() > 0) {
                open.add(agent.open());
            }
        }
        Eventually.await("all are under way", () -> fixture.server().exchanges() == all);
        while (agent.invited() > 0) {
            open.add(agent.open());
        }
        assertTrue(open.size() <= 10, open.size() + " data connections");
        assertTrue(open.size() >= 9, open.size() + " data connections");
        visitors.forEach(LostConnectionsTest::reset);
    }

    private static void reset(Peer visitor) {
        try {
            visitor.reset();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void whoWaitsWhileTheServerStopsIsToldWhenTheLastDataConnectionEnds() throws Exception {
        start(Duration.ofSeconds(20));
        FramePeer data = agent.open("json");
        Peer served = agent.visit("GET /served");
        data.next(FrameType.MESSAGE);
        Peer waiting = agent.visit("GET /waiting");
        Eventually.await("it waits", () -> fixture.server().waiting() == 1);
        Thread draining = Thread.ofVirtual().start(() -> fixture.server().drain(Duration.ofSeconds(20)));
        assertEquals("drain", agent.message().string("type"));
        data.close();
        assertPage(served, 502, "TF-OUTCOME-UNKNOWN");
        assertPage(waiting, 503, "TF-AGENT-AWAY");
        assertTrue(draining.join(Duration.ofSeconds(10)), "the server still waits for somebody");
    }

    // ---- Refused. ----

    @Test
    void whatWasNotRunIsSentElsewhere() throws Exception {
        start(Duration.ofSeconds(20));
        LinkedBlockingQueue<Received> frames = new LinkedBlockingQueue<>();
        agent.open().into(frames);
        Peer visitor = agent.visitor().send("POST / HTTP/1.1\r\nHost: " + agent.host() + "\r\nContent-Length: 4\r\n\r\nbody");
        Received first = Received.next(frames, FrameType.REQUEST);
        Received.next(frames, FrameType.END);
        agent.open().into(frames);
        first.peer().reset(first.frame().id(), ResetCode.NOT_RUN, "full");
        Received again = Received.next(frames, FrameType.REQUEST);
        assertTrue(again.frame().text().startsWith("POST / HTTP/1.1"), again.frame().text());
        assertEquals("body", Received.next(frames, FrameType.DATA).frame().text());
        again.answer("run once");
        assertEquals("run once", visitor.readResponse().text());
    }

    @Test
    void whatIsRefusedAgainAndAgainIsOverloaded() throws Exception {
        start(Duration.ofSeconds(20));
        FramePeer data = agent.open();
        Peer visitor = agent.visit("GET /");
        int requests = 0;
        for (int i = 0; i < 3; i++) {
            data.reset(data.nextRequest(), ResetCode.NOT_RUN, "full");
            requests++;
        }
        assertPage(visitor, 503, "TF-OVERLOADED");
        data.assertAlive();
        assertEquals(3, requests);
        assertEquals(0, fixture.server().exchanges());
    }

    // ---- Lost. ----

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "DELETE"})
    void whatMayHaveRunIsNeverSentAgain(String method) throws Exception {
        start(Duration.ofSeconds(20));
        FramePeer first = agent.open();
        Peer visitor = agent.visit(method + " /once");
        first.next(FrameType.REQUEST);
        FramePeer second = agent.open();
        first.close();
        assertPage(visitor, 502, "TF-OUTCOME-UNKNOWN");
        visitor.send("GET /another HTTP/1.1\r\nHost: " + agent.host() + "\r\n\r\n");
        Frame next = second.next(FrameType.REQUEST);
        assertTrue(next.text().startsWith("GET /another "), next.text());
        second.answer(next.id(), "fine");
        assertEquals("fine", visitor.readResponse().text());
    }

    @Test
    void aResponseThatBreaksOffWithItsConnectionLooksBroken() throws Exception {
        start(Duration.ofSeconds(20));
        FramePeer data = agent.open();
        Peer visitor = agent.visit("GET /");
        int id = data.nextRequest();
        data.respond(id, "HTTP/1.1 200 OK", "Transfer-Encoding: chunked").data(id, "part");
        visitor.readResponseHead();
        assertEquals("part", new String(visitor.readChunk(), StandardCharsets.US_ASCII));
        data.close();
        // No last chunk comes, only an end.
        visitor.awaitClosed();
    }

    @Test
    void anIdleConnectionThatIsLostHarmsNobody() throws Exception {
        start(Duration.ofSeconds(20));
        LinkedBlockingQueue<Received> frames = new LinkedBlockingQueue<>();
        for (int i = 0; i < 20; i++) {
            FramePeer[] both = {agent.open().into(frames), agent.open().into(frames)};
            Eventually.await("both are there", () -> fixture.server().dataConnections() == 2);
            FramePeer kept = both[1 - i % 2];
            both[i % 2].close();
            Eventually.await("the loss is noticed", () -> fixture.server().dataConnections() == 1);
            Peer visitor = agent.visit("GET /" + i);
            Received request = Received.next(frames, FrameType.REQUEST);
            assertSame(kept, request.peer());
            request.answer("fine");
            assertEquals("fine", visitor.readResponse().text());
            kept.close();
            Eventually.await("both have gone", () -> fixture.server().dataConnections() == 0);
            frames.clear();
        }
    }

    /** The connection's stream is full, so a further request waits in the queue: no byte of it has left when the connection is lost. */
    @Test
    void whatWasOnlyQueuedIsServedByAnother() throws Exception {
        start(Duration.ofSeconds(20));
        FramePeer first = agent.open();
        long size = 1L << 30;
        Peer uploading = agent.visit("POST /upload", "Content-Length: " + size);
        AtomicLong sent = new AtomicLong();
        Thread sender = Thread.ofVirtual().start(() -> {
            byte[] piece = new byte[64 * 1024];
            try {
                for (; sent.get() < size; sent.addAndGet(piece.length)) {
                    uploading.send(piece);
                }
            } catch (IOException e) {
                // The server answers early.
            }
        });
        int id = first.next(FrameType.REQUEST).id();
        first.send(frames -> frames.window(id, 1 << 30));
        awaitSteady(sent, sender);
        Peer queued = agent.visit("GET /queued");
        Eventually.await("it is queued", () -> fixture.server().exchanges() == 2);
        FramePeer second = agent.open();
        first.close();
        Frame request = second.next(FrameType.REQUEST);
        assertTrue(request.text().startsWith("GET /queued "), request.text());
        second.next(FrameType.END);
        second.answer(request.id(), "served");
        assertEquals("served", queued.readResponse().text());
        second.assertAlive();
        assertPage(uploading, 502, "TF-OUTCOME-UNKNOWN");
        uploading.reset();
        sender.join();
    }

    /** A sender that only got no turn would be runnable. */
    private static void awaitSteady(AtomicLong counter, Thread sender) {
        long[] last = {-1, System.nanoTime()};
        Eventually.await("the streams are full", () -> {
            long now = counter.get();
            if (now != last[0] || sender.getState() != Thread.State.WAITING) {
                last[0] = now;
                last[1] = System.nanoTime();
            }
            return now > 0 && System.nanoTime() - last[1] > 1_000_000_000;
        });
    }

    // ---- Drained. ----

    @Test
    void aConnectionThatDrainsServesWhatItHasAndIsReplaced() throws Exception {
        start(Duration.ofSeconds(20));
        LinkedBlockingQueue<Received> frames = new LinkedBlockingQueue<>();
        agent.open().into(frames);
        Peer slow = agent.visit("GET /slow");
        Received kept = Received.next(frames, FrameType.REQUEST);
        FramePeer data = kept.peer();
        data.send(buffer -> buffer.drain());
        assertSame(data, Received.next(frames, FrameType.DRAIN).peer());
        Peer next = agent.visit("GET /next");
        agent.open().into(frames);
        Received other = Received.next(frames, FrameType.REQUEST);
        assertNotSame(data, other.peer(), "the next request goes elsewhere");
        other.answer("replaced");
        assertEquals("replaced", next.readResponse().text());
        data.send(buffer -> buffer.ping(1));
        assertSame(data, Received.next(frames, FrameType.PONG).peer());
        kept.answer("to its end");
        assertEquals("to its end", slow.readResponse().text());
        assertTrue(data.ended().await(Peer.LIMIT.toSeconds(), TimeUnit.SECONDS));
    }

    @Test
    void anIdleConnectionThatDrainsIsClosedAtOnce() throws Exception {
        start(Duration.ofSeconds(20));
        FramePeer data = agent.open();
        data.send(frames -> frames.drain());
        data.awaitEnd();
        FramePeer next = agent.open();
        Peer visitor = agent.visit("GET /");
        next.answer(next.nextRequest(), "fine");
        assertEquals("fine", visitor.readResponse().text());
    }

    @Test
    void aSessionOnADrainingConnectionEndsWithItsLastBytes() throws Exception {
        start(Duration.ofSeconds(20));
        FramePeer data = agent.open();
        Peer visitor = agent.visit("GET /", "Connection: Upgrade", "Upgrade: websocket");
        int id = data.next(FrameType.REQUEST).id();
        data.respond(id, "HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket");
        assertEquals(101, visitor.readResponseHead().status());
        data.send(frames -> frames.drain());
        assertEquals(FrameType.DRAIN, data.next().type());
        data.data(id, "goodbye").end(id);
        assertEquals("goodbye", new String(visitor.readToEnd(), StandardCharsets.US_ASCII));
        visitor.send("last words").finish();
        StringBuilder words = new StringBuilder();
        Frame frame;
        while ((frame = data.next()).type() == FrameType.DATA) {
            words.append(frame.text());
        }
        assertEquals("last words", words.toString());
        assertEquals(FrameType.END, frame.type());
        data.awaitEnd();
    }

    /** DRAIN from the server promises that no REQUEST follows on the connection, whatever visitors do at that moment. */
    @Test
    void noRequestFollowsADrain() throws Exception {
        start(Duration.ofSeconds(20));
        AtomicBoolean over = new AtomicBoolean();
        AtomicBoolean visitorsLeft = new AtomicBoolean();
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        AtomicLong served = new AtomicLong();
        List<Thread> visitors = new ArrayList<>();
        List<Thread> agents = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            agents.add(Thread.ofVirtual().start(() -> serveAndDrain(visitorsLeft, wrong)));
        }
        for (int i = 0; i < 8; i++) {
            visitors.add(Thread.ofVirtual().start(() -> {
                try (Peer visitor = agent.visitor()) {
                    while (!over.get()) {
                        Message answer = visitor.send("GET / HTTP/1.1\r\nHost: " + agent.host() + "\r\n\r\n").readResponse();
                        if (answer.status() != 200) {
                            wrong.add(answer.toString());
                        }
                        served.incrementAndGet();
                    }
                } catch (IOException | RuntimeException | AssertionError e) {
                    wrong.add("visitor: " + e);
                }
            }));
        }
        Eventually.await("thirty connections have drained", () -> served.get() > 300 || !wrong.isEmpty());
        over.set(true);
        for (Thread thread : visitors) {
            assertTrue(thread.join(Duration.ofSeconds(20)));
        }
        visitorsLeft.set(true);
        for (Thread thread : agents) {
            assertTrue(thread.join(Duration.ofSeconds(20)));
        }
        assertEquals(List.of(), List.copyOf(wrong));
        assertFalse(fixture.server().log().entries().stream().anyMatch(entry -> entry.event().equals("data_refused")));
    }

    /** One data connection after the other, each draining after a few answers. */
    private void serveAndDrain(AtomicBoolean over, ConcurrentLinkedQueue<String> wrong) {
        try {
            while (!over.get()) {
                FramePeer data = agent.open();
                boolean drained = false;
                data.peer().socket().setSoTimeout(2_000);
                try {
                    Frame frame;
                    for (int answered = 0; (frame = data.nextOrNull()) != null;) {
                        if (frame.type() == FrameType.DRAIN) {
                            drained = true;
                        } else if (frame.type() == FrameType.REQUEST) {
                            if (drained) {
                                wrong.add("a REQUEST after the DRAIN");
                            }
                            data.answer(frame.id(), "ok");
                            if (++answered == 10) {
                                data.send(frames -> frames.drain());
                            }
                        }
                    }
                } catch (IOException e) {
                    // The server closes when it has drained, or the test is over.
                }
            }
        } catch (IOException | InterruptedException | AssertionError e) {
            if (!over.get()) {
                wrong.add("agent: " + e);
            }
        }
    }
}
