package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.FramePeer.Frame;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.net.ManualClock;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.JsonExchange;
import tunnelforge.wire.Limits;

/** Data connections are replaced after ten minutes, a tenth more or less, and what they carry is not touched. */
class CyclingTest {
    private static final Duration STEP = Duration.ofSeconds(4);
    private static final Duration SHORTEST = Duration.ofMinutes(9);
    private static final int MANY = 10_000;
    private static final Duration LONGEST = Duration.ofMinutes(11).plus(STEP);

    private final ManualClock clock = new ManualClock();
    private final List<FramePeer> open = new ArrayList<>();
    private final Set<FramePeer> drained = new LinkedHashSet<>();
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

    /** The first connection of three: the visitor that comes meanwhile is served on it. */
    private FramePeer register(String protocol, String encoding) throws Exception {
        agent = ManualAgent.register(fixture, protocol);
        return open(encoding);
    }

    private void openOthers(String encoding) throws Exception {
        while (open.size() < Limits.POOL_MIN) {
            if (agent.invited() == 0) {
                pass(STEP);
            }
            open(encoding);
        }
    }

    /** What the agent was asked for so far may be too old. */
    private void replace(String encoding) throws Exception {
        while (agent.invited() > 0) {
            agent.invitation();
        }
        while (agent.invited() == 0) {
            pass(STEP);
        }
        int before = drained.size();
        open(encoding);
        // PONG may overtake it.
        for (int looks = 0; drained.size() == before && looks < MANY; looks++) {
            clock.advance(Duration.ZERO);
            look();
        }
        assertEquals(before + 1, drained.size());
    }

    private FramePeer open(String encoding) throws Exception {
        int before = fixture.server().dataConnections();
        FramePeer joined = agent.open(encoding);
        Eventually.await("it has joined", () -> fixture.server().dataConnections() > before);
        open.add(joined);
        return joined;
    }

    /** In each step every connection that need not be quiet shows that it is alive, and is looked at for a DRAIN. */
    private void pass(Duration time) throws Exception {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(STEP)) {
            clock.advance(STEP);
            agent.sync();
            look();
        }
    }

    private void look() throws IOException {
        for (FramePeer each : List.copyOf(open)) {
            each.send(frames -> frames.ping(7));
            Frame frame = each.next();
            while (frame.type() != FrameType.PONG) {
                if (frame.type() == FrameType.DRAIN) {
                    drained.add(each);
                    open.remove(each);
                    return;
                }
                frame = each.next();
            }
        }
    }

    @Test
    void aConnectionGoesWhenItsReplacementIsThere() throws Exception {
        FramePeer busy = register("https", "binary");
        Peer visitor = agent.visit("GET /");
        int id = busy.nextRequest();
        openOthers("binary");
        pass(SHORTEST.minus(STEP.multipliedBy(2)));
        assertEquals(0, agent.invited());
        pass(LONGEST.minus(SHORTEST));
        assertTrue(agent.invited() >= Limits.POOL_MIN, "replacements were asked for: " + agent.invited());
        assertEquals(Set.of(), drained);
        boolean answered = false;
        for (int i = 1; i <= Limits.POOL_MIN; i++) {
            replace("binary");
            assertEquals(i, drained.size());
            assertEquals(Limits.POOL_MIN, fixture.server().dataConnections());
            if (drained.contains(busy) && !answered) {
                busy.answer(id, "served");
                assertEquals("served", visitor.readResponse().text());
                answered = true;
            }
        }
        assertTrue(answered);
        for (FramePeer each : drained) {
            each.awaitEnd();
        }
        agent.sync();
        assertEquals(0, agent.invited());
    }

    @Test
    void aConnectionWithAnUpgradedSessionIsNotCycledUntilThatIsOver() throws Exception {
        FramePeer busy = register("https", "binary");
        Peer visitor = agent.visit("GET /", "Connection: Upgrade", "Upgrade: echo");
        int id = busy.next(FrameType.REQUEST).id();
        busy.respond(id, "HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: echo");
        assertEquals(101, visitor.readResponseHead().status());
        openOthers("binary");
        pass(LONGEST);
        while (drained.size() < Limits.POOL_MIN - 1) {
            replace("binary");
        }
        pass(STEP.multipliedBy(8));
        assertEquals(Limits.POOL_MIN, fixture.server().dataConnections());
        assertFalse(drained.contains(busy));
        busy.data(id, "still here").end(id);
        visitor.finish();
        assertEquals("still here", new String(visitor.readToEnd()));
        Eventually.await("the session is over", () -> fixture.server().exchanges() == 0);
        replace("binary");
        assertTrue(drained.contains(busy));
    }

    @Test
    void aConnectionWithATcpSessionIsNotCycled() throws Exception {
        FramePeer busy = register("tcp", "binary");
        Peer visitor = agent.tcpVisitor();
        int id = busy.next(FrameType.OPEN).id();
        open.remove(busy);
        openOthers("binary");
        pass(LONGEST);
        while (drained.size() < Limits.POOL_MIN) {
            replace("binary");
        }
        busy.data(id, "still here").end(id);
        visitor.finish();
        assertEquals("still here", new String(visitor.readToEnd()));
    }

    @Test
    void aJsonConnectionGoesWhenItHasAnswered() throws Exception {
        FramePeer busy = register("https", "json");
        Peer visitor = agent.visit("GET /slow");
        Frame request = busy.next(FrameType.MESSAGE);
        assertEquals("/slow", JsonExchange.parseRequest(request.text()).path());
        openOthers("json");
        pass(LONGEST);
        while (drained.size() < Limits.POOL_MIN - 1) {
            replace("json");
        }
        assertFalse(drained.contains(busy));
        busy.send(frames -> frames.message(request.id(), "{\"type\":\"response\",\"request_id\":\"r\",\"status_code\":204}"));
        assertEquals(204, visitor.readResponse().status());
        Eventually.await("its place is free", () -> fixture.server().exchanges() == 0);
        replace("json");
        assertTrue(drained.contains(busy));
        busy.awaitEnd();
    }
}
