package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import tunnelforge.net.ManualClock;

/** A local service that is gone, and comes back, behind an agent with a circuit breaker. */
final class CircuitBreakerInTunnelTest {
    private static final int FAILURES = 2;
    private static final Duration PAUSE = Duration.ofSeconds(5);

    @Test
    void visitorsAreToldAtOnceUntilOneFindsTheServiceAgain() throws Exception {
        ManualClock clock = new ManualClock();
        int port = ScriptedService.portForLater();
        TunnelFixture.Options options = new TunnelFixture.Options().target("127.0.0.1:" + port);
        options.agent().circuitBreaker(FAILURES).clock(clock);
        try (TunnelFixture tunnel = TunnelFixture.start(options)) {
            for (int i = 0; i < FAILURES; i++) {
                assertEquals("TF-UPSTREAM-REFUSED", tunnel.get("/").get("TunnelForge-Error"));
            }
            tunnel.agent().log().await("circuit_opened", Eventually.LIMIT);
            try (ScriptedService late = new ScriptedService(port)) {
                late.serveText("back");
                Message early = tunnel.get("/");
                assertEquals(502, early.status());
                assertTrue(early.text().contains("2 times in a row"), early.text());
                assertEquals(0, late.requests());
                clock.advance(PAUSE);
                assertEquals("back", tunnel.get("/").text());
                assertEquals("back", tunnel.get("/").text());
                tunnel.agent().log().await("circuit_closed", Eventually.LIMIT);
            }
        }
    }

    @Test
    void sessionsAreSparedToo() throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options().tcp().target("tcp://127.0.0.1:" + ScriptedService.closedPort());
        options.agent().circuitBreaker(FAILURES);
        try (TunnelFixture tunnel = TunnelFixture.start(options)) {
            for (int i = 0; i < 2 * FAILURES; i++) {
                tunnel.tcpVisitor().awaitClosed();
            }
            assertEquals(1, tunnel.agent().log().entries("circuit_opened").size());
        }
    }
}
