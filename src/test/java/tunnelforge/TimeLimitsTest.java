package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.net.ManualClock;
import tunnelforge.wire.Limits;

/** Who starts something and does not go on is cut off in time. The test moves the server's time. */
final class TimeLimitsTest {
    private static final Duration STEP = Duration.ofSeconds(1);
    private static final Duration A_BIT = Duration.ofSeconds(2);
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
        clock.advanceUntil("they are cut off", limit.plus(A_BIT), () -> tunnel.server().tickerSize() <= open - peers.length);
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
