package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.json.JsonObject;
import tunnelforge.net.ManualClock;
import tunnelforge.websocket.CloseCode;
import tunnelforge.wire.Limits;

/** Who starts something and does not go on is cut off in time. The test moves the server's time. */
final class TimeLimitsTest {
    private static final Duration STEP = Duration.ofSeconds(1);
    private static final Duration A_BIT = Duration.ofSeconds(2);
    /** For whoever is told to read it. */
    private static final Duration LINGER = Duration.ofSeconds(6);
    private static final Duration IDLE = Duration.ofSeconds(75);
    private static final Duration HEAD = Duration.ofSeconds(30);
    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: nobody.tunnel.localhost\r\n\r\n";

    private final ManualClock clock = new ManualClock();
    private TunnelFixture tunnel;

    @BeforeEach
    void start() throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options().withoutAgent().http();
        options.server().clock(clock);
        tunnel = TunnelFixture.start(options);
    }

    @AfterEach
    void stop() throws IOException {
        tunnel.close();
    }

    /** What happens while the time passes. */
    private interface Meanwhile {
        void step() throws IOException;
    }

    private void assertLimit(Duration limit, Peer... peers) throws Exception {
        assertLimit(limit, () -> { }, peers);
    }

    /**
     * The server keeps all of these until just before the limit, and none of them behind it. It may learn of what the limit is for while the time passes already: so the
     * time goes on, but for no longer than that again.
     */
    private void assertLimit(Duration limit, Meanwhile meanwhile, Peer... peers) throws Exception {
        int open = tunnel.server().tickerSize();
        Duration moved = Duration.ZERO;
        for (; moved.compareTo(limit.minus(A_BIT)) < 0; moved = moved.plus(STEP)) {
            meanwhile.step();
            clock.advance(STEP);
        }
        assertEquals(open, tunnel.server().tickerSize(), "some were cut off before " + limit);
        clock.advanceUntil("they are cut off", limit.plus(LINGER).plus(A_BIT), () -> tunnel.server().tickerSize() <= open - peers.length);
        for (Peer peer : peers) {
            peer.awaitClosed();
        }
        assertEquals(404, tunnel.plainVisitor().send(REQUEST).readResponse().status(), "another visitor");
    }

    private void awaitConnections(int count) {
        Eventually.await(() -> tunnel.server().tickerSize() + " things under the ticker", Eventually.LIMIT,
                () -> tunnel.server().tickerSize() == tunnel.server().tickedAtRest() + count);
    }

    @Test
    void theHandshakeMustEndWithinTenSeconds() throws Exception {
        Peer silent = tunnel.rawVisitor();
        Peer halfHello = tunnel.rawVisitor();
        halfHello.send(new byte[] {22, 3, 1, 2, 0, 1, 0, 1});
        awaitConnections(2);
        assertLimit(Duration.ofSeconds(10), silent, halfHello);
    }

    // ---- Who is late is told so. ----

    /** Until just before the limit nothing is answered; then, while the time passes, 408. */
    private void assertTimeout(Peer visitor) throws Exception {
        clock.advance(HEAD.minus(A_BIT));
        FutureTask<Message> answer = new FutureTask<>(visitor::readResponse);
        Thread.ofVirtual().start(answer);
        // The server may have seen the first byte only now.
        clock.advanceUntil("the visitor is answered", HEAD.plus(A_BIT), answer::isDone);
        assertEquals(408, answer.get().status());
        assertEquals("TF-BAD-REQUEST", answer.get().get("TunnelForge-Error"));
        assertEquals("close", answer.get().get("Connection"));
        assertTrue(visitor.awaitClosed(), "the answer is not followed by a clean end");
    }

    @ParameterizedTest
    @ValueSource(strings = {"G", "GET / HTTP/1.1\r\nHost: x\r\nX-", "\r\n"})
    void aHeadThatIsNotCompleteInTimeIsAnswered(String begun) throws Exception {
        Peer visitor = tunnel.plainVisitor().send(begun);
        assertTimeout(visitor);
        assertEquals(1, tunnel.server().log().entries("request_refused").size());
    }

    @Test
    void aHeadThatIsNotCompleteInTimeIsAnsweredOverTls() throws Exception {
        Peer visitor = tunnel.visitor("nobody.tunnel.localhost").send(REQUEST);
        assertEquals(404, visitor.readResponse().status());
        assertTimeout(visitor.send("GET / HTTP/1.1\r\nHost: nobody"));
    }

    @Test
    void theRestOfALateHeadIsNotServed() throws Exception {
        Peer visitor = tunnel.plainVisitor().send(REQUEST.substring(0, REQUEST.length() - 2));
        clock.advanceUntil("it is late", HEAD.plus(A_BIT), () -> !tunnel.server().log().entries("request_refused").isEmpty());
        visitor.send("\r\n");
        assertEquals(408, visitor.readResponse().status());
        assertTrue(visitor.awaitClosed());
    }

    @Test
    void anAgentThatDoesNotRegisterIsTold() throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        clock.advanceUntil("it is late", Limits.REGISTER_WITHIN.plus(A_BIT), () -> !tunnel.server().log().entries("tunnel_refused").isEmpty());
        JsonObject error = agent.next();
        assertEquals("TF-PROTOCOL", error.string("name"));
        assertEquals("no register_tunnel within 10 s", error.string("message"));
        assertTrue(error.bool("retry", false));
        assertEquals(CloseCode.POLICY_VIOLATION, agent.awaitClose());
        assertEquals(1, tunnel.server().log().entries("tunnel_refused").size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\0\0\0\0\0\0\0\u0032{"})
    void aDataConnectionThatDoesNotSayHelloIsTold(String begun) throws Exception {
        ScriptedAgent.Data data = ScriptedAgent.openData(tunnel);
        data.connection().send(begun);
        clock.advanceUntil("it is late", Limits.HELLO_WITHIN.plus(A_BIT), () -> !tunnel.server().log().entries("data_refused").isEmpty());
        JsonObject error = data.nextMessage();
        assertEquals("error", error.string("type"));
        assertEquals("no data_connection within 10 s", error.string("message"));
        assertTrue(data.connection().awaitClosed());
        assertEquals(1, tunnel.server().log().entries("data_refused").size());
    }

    @Test
    void anAgentMustRegisterWithinTenSeconds() throws Exception {
        Peer unregistered = new ScriptedAgent(tunnel).connection();
        // The connection, and what makes it one for control.
        awaitConnections(2);
        assertLimit(Limits.REGISTER_WITHIN, unregistered);
    }

    @Test
    void aDataConnectionMustSayHelloWithinTenSeconds() throws Exception {
        Peer silent = ScriptedAgent.openData(tunnel).connection();
        Peer halfFrame = ScriptedAgent.openData(tunnel).connection();
        halfFrame.send(new byte[] {0, 0, 0, 0, 0, 0, 0, 50, '{'});
        awaitConnections(2);
        assertLimit(Limits.HELLO_WITHIN, silent, halfFrame);
    }

    @Test
    void aVisitorIsWaitedForBetweenItsRequests() throws Exception {
        Peer visitor = tunnel.plainVisitor();
        assertEquals(404, visitor.send(REQUEST).readResponse().status());
        assertLimit(IDLE, visitor);
    }

    @Test
    void aHeadMustEndInTimeHoweverSteadilyItComes() throws Exception {
        Peer visitor = tunnel.plainVisitor();
        assertEquals(404, visitor.send(REQUEST).readResponse().status());
        visitor.send("GET / HTTP/1.1\r\nX: ");
        assertLimit(HEAD, () -> visitor.send("x"), visitor);
    }
}
