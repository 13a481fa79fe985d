package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who starts something and does not go on is cut off in time; the waits run at once, so that the test takes as long as the longest. */
final class TimeLimitsTest {
    private static final Duration TEN_SECONDS_AND_A_BIT = Duration.ofSeconds(14);
    private static TunnelFixture tunnel;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start();
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    @Test
    void handshakeRegistrationAndHelloMustComeWithinTenSeconds() throws Exception {
        Peer silent = tunnel.rawVisitor();
        Peer halfHello = tunnel.rawVisitor();
        halfHello.send(new byte[] {22, 3, 1, 2, 0, 1, 0, 1});
        ScriptedAgent unregistered = new ScriptedAgent(tunnel);
        ScriptedAgent.Data withoutHello = ScriptedAgent.openData(tunnel);
        ScriptedAgent.Data halfFrame = ScriptedAgent.openData(tunnel);
        halfFrame.connection().send(new byte[] {0, 0, 0, 0, 0, 0, 0, 50, '{'});
        long begun = System.nanoTime();
        for (Peer each : List.of(silent, halfHello, unregistered.connection(), withoutHello.connection(), halfFrame.connection())) {
            each.socket().setSoTimeout((int) TEN_SECONDS_AND_A_BIT.toMillis());
            each.awaitClosed();
        }
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        assertTrue(took.compareTo(Duration.ofSeconds(8)) > 0 && took.compareTo(TEN_SECONDS_AND_A_BIT) < 0, took::toString);
        tunnel.service().serveText("unharmed");
        assertEquals("unharmed", tunnel.get("/").text());
    }
}
