package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.json.JsonObject;
import tunnelforge.net.ManualClock;
import tunnelforge.wire.Limits;

/** A control connection that lives says nothing of those that carry visitors. */
class NoDataConnectionTest {
    private static final Duration STEP = Duration.ofSeconds(4);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ManualClock clock = new ManualClock();

    /** The control connection shows that it lives, which the agent notices beside; for long enough, or until there is another one. */
    private void pass(AgentFixture fixture, Duration time) throws Exception {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0 && fixture.server.controls() == 0; passed = passed.plus(STEP)) {
            int seen = fixture.agent.log().entries("keep_alive").size();
            fixture.control.send("{'type':'keep_alive','tunnel_id':'t','sent_at':" + passed.toMillis() + "}");
            Eventually.await("it has come", () -> fixture.agent.log().entries("keep_alive").size() > seen || fixture.server.controls() > 0);
            clock.advance(STEP);
        }
    }

    @Test
    void anAgentWhoseDataConnectionsAreSilentRegistersAnewAndSaysSoOnce() throws Exception {
        try (AgentFixture fixture = new AgentFixture("https", clock)) {
            FramePeer silent = fixture.open();
            pass(fixture, Limits.DEAD_AFTER.multipliedBy(3));
            ManualServer.Control next = fixture.server.control();
            JsonObject register = next.next("register_tunnel");
            assertEquals("resume-t", register.string("resume_token"));
            fixture.agent.log().await("data_silent", LIMIT);
            next.registered("t");
            Eventually.await("it has its tunnel", () -> fixture.agent.log().entries("tunnel_registered").size() == 2);
            FramePeer alive = next.openData();
            clock.advance(Duration.ofSeconds(1));
            alive.assertAlive();
            fixture.agent.log().await("data_carried", LIMIT);
            assertEquals(1, fixture.agent.log().entries("data_silent").size());
            silent.awaitEnd();
        }
    }

    @Test
    void anAgentThatIsAskedForNoneRegistersAnew() throws Exception {
        try (AgentFixture fixture = new AgentFixture("https", clock)) {
            pass(fixture, Limits.DEAD_AFTER.multipliedBy(3));
            assertTrue(fixture.server.control().next("register_tunnel").has("resume_token"));
        }
    }

    @Test
    void oneThatIsAliveIsEnough() throws Exception {
        try (AgentFixture fixture = new AgentFixture("https", clock)) {
            fixture.open();
            FramePeer alive = fixture.open();
            for (int i = 0; i < 10; i++) {
                alive.assertAlive();
                pass(fixture, STEP);
            }
            assertEquals(0, fixture.server.controls());
            assertEquals(0, fixture.agent.log().entries("data_silent").size());
        }
    }
}
