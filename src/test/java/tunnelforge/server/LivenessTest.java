package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.JsonExchange;

/** Agents that fall silent, each in another way, and one that says no more than it must. All at once, so that it takes as long as the longest. */
class LivenessTest {
    private static final long DEAD_AFTER_SECONDS = 15;

    private final Map<String, FutureTask<Void>> running = new LinkedHashMap<>();
    private final List<ManualAgent> agents = new ArrayList<>();
    private TunnelFixture fixture;

    private void start(String name, Callable<Void> body) {
        FutureTask<Void> task = new FutureTask<>(body);
        running.put(name, task);
        Thread.ofVirtual().name(name).start(task);
    }

    private static double secondsSince(long before) {
        return (System.nanoTime() - before) / 1e9;
    }

    private static void assertBetween(double least, double most, double seconds) {
        assertTrue(seconds >= least && seconds <= most, seconds + " s");
    }

    private ManualAgent agent(boolean answersPing) throws IOException {
        ManualAgent agent = answersPing ? ManualAgent.register(fixture) : ManualAgent.silent(fixture);
        agents.add(agent);
        return agent;
    }

    @Test
    void theSilentAreGivenUpInTimeAndTheQuietAreNot() throws Exception {
        fixture = TunnelFixture.start(new TunnelFixture.Options().withoutAgent().grace(Duration.ofSeconds(2)));
        ManualAgent noPong = agent(true);
        ManualAgent noControlPong = agent(false);
        ManualAgent minimal = agent(true);
        ManualAgent unsettled = agent(true);
        start("a data connection that answers no PING", () -> {
            FramePeer data = noPong.open();
            Peer visitor = noPong.visit("GET /");
            data.nextRequest();
            long before = System.nanoTime();
            data.peer().socket().setSoTimeout(0);
            int pings = 0;
            FramePeer.Frame frame;
            try {
                while ((frame = data.nextOrNull()) != null) {
                    pings += frame.type() == FrameType.PING ? 1 : 0;
                }
            } catch (IOException e) {
                // Killed is what it was to be.
            }
            assertBetween(DEAD_AFTER_SECONDS - 1, DEAD_AFTER_SECONDS + 4, secondsSince(before));
            assertTrue(pings >= 2, pings + " PINGs");
            assertEquals("TF-OUTCOME-UNKNOWN", visitor.readResponse().get("TunnelForge-Error"));
            return null;
        });
        start("a control connection that answers no Ping", () -> {
            long before = System.nanoTime();
            assertEquals("ended", noControlPong.message().string("type"));
            assertBetween(DEAD_AFTER_SECONDS - 1, DEAD_AFTER_SECONDS + 4, secondsSince(before));
            Eventually.await("its name is free", () -> {
                try {
                    return !fixture.server().hasTunnel(noControlPong.host());
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            return null;
        });
        start("an agent in the JSON encoding that says nothing but Pong", () -> {
            FramePeer data = minimal.open("json");
            data.peer().socket().setSoTimeout((int) TimeUnit.SECONDS.toMillis(DEAD_AFTER_SECONDS + 3));
            long before = System.nanoTime();
            Eventually.await(() -> "time", Duration.ofSeconds(DEAD_AFTER_SECONDS + 10), () -> secondsSince(before) > DEAD_AFTER_SECONDS + 2);
            assertTrue(fixture.server().hasTunnel(minimal.host()));
            Peer visitor = minimal.visit("GET /still");
            FramePeer.Frame request = data.next(FrameType.MESSAGE);
            assertEquals("/still", JsonExchange.parseRequest(request.text()).path());
            data.send(frames -> frames.message(request.id(), "{\"type\":\"response\",\"request_id\":\"r\",\"status_code\":204}"));
            Message answer = visitor.readResponse();
            assertEquals(204, answer.status());
            return null;
        });
        start("a JSON agent that does not end what was reset", () -> {
            FramePeer data = unsettled.open("json");
            Peer visitor = unsettled.visit("GET /");
            data.next(FrameType.MESSAGE);
            visitor.reset();
            assertEquals(FrameType.RESET, data.next().type());
            long before = System.nanoTime();
            data.awaitEnd();
            assertBetween(4, 8, secondsSince(before));
            return null;
        });
        for (Map.Entry<String, FutureTask<Void>> each : running.entrySet()) {
            try {
                each.getValue().get(40, TimeUnit.SECONDS);
            } catch (java.util.concurrent.ExecutionException e) {
                throw new AssertionError(each.getKey(), e.getCause());
            }
        }
        for (ManualAgent agent : agents) {
            agent.close();
        }
        Eventually.await("all tunnels have ended", () -> fixture.server().tunnels() == 0);
        fixture.close();
    }
}
