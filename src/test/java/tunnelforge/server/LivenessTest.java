package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.json.JsonObject;
import tunnelforge.net.ManualClock;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.JsonExchange;
import tunnelforge.wire.Limits;

/** Agents that fall silent, each in another way, and one that says no more than it must. */
class LivenessTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final ManualClock clock = new ManualClock();
    private TunnelFixture fixture;
    private ManualAgent agent;

    @BeforeEach
    void start() throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options().withoutAgent().grace(GRACE);
        options.server().clock(clock);
        fixture = TunnelFixture.start(options);
    }

    @AfterEach
    void end() throws Exception {
        agent.close();
        Eventually.await("the tunnel has ended", () -> {
            clock.advance(SECOND);
            return fixture.server().tunnels() == 0;
        });
        fixture.close();
    }

    /** Second by second, in each of which the control connection shows that it is alive. */
    private void pass(Duration time) throws IOException, InterruptedException {
        for (long left = time.toSeconds(); left > 0; left--) {
            clock.advance(SECOND);
            agent.sync();
        }
    }

    @Test
    void aDataConnectionThatAnswersNoPingIsGivenUp() throws Exception {
        agent = ManualAgent.register(fixture);
        FramePeer data = agent.open();
        Peer visitor = agent.visit("GET /");
        data.nextRequest();
        pass(Limits.DEAD_AFTER.minus(SECOND));
        assertEquals(1, fixture.server().exchanges());
        // One is sent when the connection begins.
        int pings = 0;
        while (pings < 2) {
            pings += data.nextOrNull().type() == FrameType.PING ? 1 : 0;
        }
        // In small steps: what it is told has two seconds to leave.
        clock.advanceBeside("it is told", SECOND.multipliedBy(5), () -> assertToldOfItsSilence(data));
        clock.advanceBeside("it ends", SECOND.multipliedBy(5), data::awaitEnd);
        assertEquals("TF-OUTCOME-UNKNOWN", visitor.readResponse().get("TunnelForge-Error"));
    }

    /** No PING is answered: the server would not read it any more. */
    private static void assertToldOfItsSilence(FramePeer data) throws IOException {
        FramePeer.Frame frame = data.nextOrNull();
        while (frame.type() == FrameType.PING) {
            frame = data.nextOrNull();
        }
        assertEquals(FrameType.MESSAGE, frame.type());
        assertTrue(frame.text().contains("nothing has come for 15 s"), frame.text());
    }

    @Test
    void aDataConnectionWhoseFrameStallsIsToldWhyItEnds() throws Exception {
        agent = ManualAgent.register(fixture);
        FramePeer data = agent.open();
        data.peer().send(new byte[] {0, 0, 0, 0, 0, 0, 0, 50, '{'});
        pass(Limits.DEAD_AFTER.minus(SECOND));
        clock.advanceBeside("it is told", SECOND.multipliedBy(6), () -> assertToldOfItsSilence(data));
        clock.advanceBeside("it ends", SECOND.multipliedBy(5), data::awaitEnd);
    }

    @Test
    void aControlConnectionThatAnswersNoPingIsGivenUp() throws Exception {
        agent = ManualAgent.silent(fixture);
        clock.advance(Limits.DEAD_AFTER.minus(SECOND));
        agent.sync();
        clock.advance(Limits.DEAD_AFTER.minus(SECOND));
        assertTrue(fixture.server().hasTunnel(agent.host()));
        clock.advance(SECOND.multipliedBy(2));
        JsonObject ended = agent.message();
        assertEquals("ended", ended.string("type"));
        assertEquals("closed: nothing has come for 15 s", ended.string("reason"));
        clock.advance(SECOND);
        Eventually.await("its agent is away", () -> fixture.server().log().entries("control_ended").size() == 1);
        clock.advance(GRACE.plus(SECOND));
        assertFalse(fixture.server().hasTunnel(agent.host()));
    }

    @Test
    void anAgentWhoseDataConnectionsAreSilentIsNotUpHoweverAliveItsControlConnection() throws Exception {
        agent = ManualAgent.register(fixture);
        FramePeer silent = agent.open();
        pass(Limits.DEAD_AFTER.multipliedBy(2));
        silent.awaitEnd();
        assertEquals(1, fixture.server().log().entries("tunnel_silent").size());
        assertTrue(fixture.server().hasTunnel(agent.host()));
        while (agent.invited() > 0) {
            agent.invitation();
        }
        while (agent.invited() == 0) {
            pass(SECOND);
        }
        FramePeer alive = agent.open();
        alive.assertAlive();
        pass(SECOND);
        assertEquals(1, fixture.server().log().entries("tunnel_silent").size());
        assertEquals(1, fixture.server().log().entries("tunnel_carries").size());
    }

    @Test
    void anAgentInTheJsonEncodingNeedSayNothingButPong() throws Exception {
        agent = ManualAgent.register(fixture);
        FramePeer data = agent.open("json");
        pass(Limits.DEAD_AFTER.plus(SECOND.multipliedBy(3)));
        Peer visitor = agent.visit("GET /still");
        FramePeer.Frame request = data.next(FrameType.MESSAGE);
        assertEquals("/still", JsonExchange.parseRequest(request.text()).path());
        data.send(frames -> frames.message(request.id(), "{\"type\":\"response\",\"request_id\":\"r\",\"status_code\":204}"));
        assertEquals(204, visitor.readResponse().status());
    }

    @Test
    void aJsonAgentThatDoesNotEndWhatWasResetIsGivenUp() throws Exception {
        agent = ManualAgent.register(fixture);
        FramePeer data = agent.open("json");
        Peer visitor = agent.visit("GET /");
        data.next(FrameType.MESSAGE);
        // Its visitor is watched when nobody has read from it for a while.
        visitor.reset();
        pass(SECOND.multipliedBy(2));
        assertEquals(FrameType.RESET, data.next().type());
        pass(Limits.RESET_SETTLES_WITHIN.minus(SECOND));
        data.assertAlive();
        pass(SECOND.multipliedBy(2));
        data.awaitEnd();
    }
}
