package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.net.ManualClock;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;

/** An agent that comes back on another network: of its old data connections nobody has heard that they are dead. Here they are those that nobody reads or writes any more. */
class HalfOpenConnectionsTest {
    private static final Duration TICK = Duration.ofMillis(250);
    private static final Duration SUSPECT_LIMIT = Duration.ofSeconds(5);

    private final ManualClock clock = new ManualClock();
    private TunnelFixture fixture;
    private ManualAgent agent;

    @BeforeEach
    void start() throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options().withoutAgent();
        options.server().clock(clock);
        fixture = TunnelFixture.start(options);
    }

    @AfterEach
    void end() throws Exception {
        agent.end();
        fixture.settle();
        fixture.close();
    }

    /** Registers, opens three data connections that die silently, and comes back. */
    private FramePeer[] dieAndResume(String protocol, String encoding) throws Exception {
        ManualAgent before = ManualAgent.register(fixture, protocol);
        FramePeer[] dead = {before.open(encoding), before.open(encoding), before.open(encoding)};
        Eventually.await("all have joined", () -> fixture.server().dataConnections() == dead.length);
        agent = before.resume();
        return dead;
    }

    private void answer(FramePeer data) throws IOException {
        int id = data.next(FrameType.MESSAGE).id();
        data.send(frames -> frames.message(id, "{\"type\":\"response\",\"request_id\":\"r\",\"status_code\":200}"));
    }

    private void assertKilled(FramePeer[] dead) throws Exception {
        clock.advance(SUSPECT_LIMIT.plus(TICK));
        for (FramePeer each : dead) {
            each.awaitEnd();
        }
    }

    @Test
    void deadJsonConnectionsSwallowedAVisitorEachAfterAResume() throws Exception {
        FramePeer[] dead = dieAndResume("https", "json");
        Peer visitor = agent.visit("GET /");
        FramePeer data = agent.open("json");
        answer(data);
        assertEquals(200, visitor.readResponse().status());
        assertKilled(dead);
        Peer next = agent.visit("GET /");
        answer(data);
        assertEquals(200, next.readResponse().status());
    }

    @Test
    void deadBinaryConnectionsSwallowedVisitorsAfterAResume() throws Exception {
        FramePeer[] dead = dieAndResume("https", "binary");
        Peer visitor = agent.visit("GET /");
        FramePeer data = agent.open();
        data.answer(data.nextRequest(), "served");
        assertEquals("served", visitor.readResponse().text());
        assertKilled(dead);
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "json"})
    void deadConnectionsSwallowedTcpVisitorsAfterAResume(String encoding) throws Exception {
        FramePeer[] dead = dieAndResume("tcp", encoding);
        Peer visitor = agent.tcpVisitor();
        FramePeer data = agent.open(encoding);
        int id = data.next(FrameType.OPEN).id();
        data.data(id, "served").end(id);
        visitor.finish();
        assertEquals("served", new String(visitor.readToEnd()));
        assertKilled(dead);
    }

    @Test
    void aConnectionThatAnswersServesOn() throws Exception {
        ManualAgent before = ManualAgent.register(fixture);
        FramePeer alive = before.open();
        Eventually.await("it has joined", () -> fixture.server().dataConnections() == 1);
        agent = before.resume();
        // It answers whatever PING has come.
        alive.assertAlive();
        clock.advance(SUSPECT_LIMIT.plus(TICK));
        Peer visitor = agent.visit("GET /");
        alive.answer(alive.nextRequest(), "served");
        assertEquals("served", visitor.readResponse().text());
    }

    @Test
    void aJsonConnectionAtWorkIsNotGivenUp() throws Exception {
        ManualAgent before = ManualAgent.register(fixture);
        FramePeer busy = before.open("json");
        Peer visitor = before.visit("GET /");
        int id = busy.next(FrameType.MESSAGE).id();
        agent = before.resume();
        clock.advance(SUSPECT_LIMIT.plus(TICK));
        busy.assertAlive().send(frames -> frames.message(id, "{\"type\":\"response\",\"request_id\":\"r\",\"status_code\":200}"));
        assertEquals(200, visitor.readResponse().status());
        assertTrue(fixture.server().dataConnections() >= 1);
    }

    @Test
    void aControlConnectionThatIsLostAgainAndAgainDoesNotMultiplyDataConnections() throws Exception {
        ManualAgent last = ManualAgent.register(fixture);
        List<FramePeer> open = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            last.sync();
            while (last.invited() > 0) {
                open.add(last.open());
            }
            agent = last.resume();
            last = agent;
        }
        assertTrue(open.size() <= Limits.POOL_MAX + Limits.POOL_MIN, open.size() + " data connections");
    }
}
