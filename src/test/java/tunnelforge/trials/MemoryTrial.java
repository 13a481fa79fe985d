package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.Peer;

/** What a crowd may ask for at once is more than a small heap holds: some are refused, nobody is left without an answer, and no program dies of it. */
final class MemoryTrial {
    private static final String SERVER_HEAP = "-Xmx256m";
    private static final int VISITORS = 1_000;
    private static final int FEWEST_SERVED = 200;
    private static final int FIELD_BYTES = 330;
    private static final int FIELDS_OF_60_KIB = 180;
    private static final int FIELDS_OF_27_KIB = 80;
    private static final int TUNNELS = 40;
    private static final int CONNECTIONS_PER_TUNNEL = 3;
    private static final int ANNOUNCED_BYTES = 2 * 1024 * 1024;
    private static final int MESSAGE = 0;
    private static final Duration HELD = Duration.ofSeconds(5);
    private static final double MEDIAN_LIMIT_MILLIS = 100;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** What caches and pools may keep of a crowd. */
    private static final long KEPT_BYTES = 12_000_000;

    @BeforeEach
    void canMeasure() {
        assumeTrue(Program.canMeasure(), "no jcmd in this runtime");
    }

    @Test
    void largeHeadsWhoseAnswersAreHeld() throws Exception {
        try (HoldingService service = new HoldingService(); Rig rig = Rig.startTo(service.port(), SERVER_HEAP)) {
            crowd(rig, service, Rig.request("GET /held", fields(FIELDS_OF_60_KIB)), "60 KiB heads and answers that are held");
        }
    }

    @Test
    void streamingAnswersThroughASmallAgent() throws Exception {
        try (HoldingService service = new HoldingService();
                Rig rig = Rig.startTo(service.port(), List.of(SERVER_HEAP), List.of("-Xmx128m"))) {
            crowd(rig, service, Rig.request("GET /stream", fields(FIELDS_OF_27_KIB)), "streaming answers, the agent with 128 MB");
        }
    }

    private static String[] fields(int count) {
        String[] fields = new String[count];
        for (int i = 0; i < count; i++) {
            fields[i] = "X-Large-" + i + ": " + "x".repeat(FIELD_BYTES);
        }
        return fields;
    }

    private static void crowd(Rig rig, HoldingService service, String request, String what) throws Exception {
        small(rig);
        long server = rig.server().liveBytes();
        long agent = rig.agent().liveBytes();
        Crowd crowd = new Crowd(rig, VISITORS, request);
        Eventually.await(() -> service.held() + " are held, " + crowd.answered() + " answered and " + crowd.left() + " have left; the server: " + rig.server().lastLines()
                + "\nthe agent: " + rig.agent().lastLines(), LIMIT, () -> Math.max(service.held(), crowd.answered()) + crowd.left() >= VISITORS);
        int held = service.held();
        // A while, and two full collections, so that it is felt what is held.
        Thread.sleep(HELD);
        assertAlive(rig);
        Figures.print("%d visitors with %s: %d held at once, for which the server has %,d bytes of heap, the agent %,d", VISITORS, what, held,
                rig.server().liveBytes() - server, rig.agent().liveBytes() - agent);
        service.release();
        Map<String, Integer> outcomes = crowd.outcomes();
        Figures.print("%d visitors with %s: %s", VISITORS, what, outcomes);
        assertAlive(rig);
        for (String outcome : outcomes.keySet()) {
            assertTrue(outcome.equals(Crowd.SERVED) || outcome.contains(" TF-"), () -> "served, or refused with a page: " + outcomes);
        }
        assertTrue(outcomes.getOrDefault(Crowd.SERVED, 0) >= FEWEST_SERVED, outcomes::toString);
        small(rig);
        awaitMemory(rig.server(), "the server", server);
        awaitMemory(rig.agent(), "the agent", agent);
    }

    @Test
    void messagesThatAreOnlyAnnounced() throws Exception {
        List<WireAgent> agents = new ArrayList<>();
        List<FramePeer> connections = new ArrayList<>();
        try (Rig rig = Rig.start(SERVER_HEAP)) {
            small(rig);
            long before = rig.server().liveBytes();
            Bystander bystander = Bystander.start(rig);
            try {
                for (int i = 0; i < TUNNELS; i++) {
                    WireAgent agent = new WireAgent(rig);
                    agents.add(agent);
                    for (int j = 0; j < CONNECTIONS_PER_TUNNEL; j++) {
                        connections.add(agent.open("json"));
                    }
                }
                for (FramePeer connection : connections) {
                    announce(connection);
                }
                Thread.sleep(HELD);
            } finally {
                bystander.stop();
                for (FramePeer connection : connections) {
                    connection.close();
                }
                for (WireAgent agent : agents) {
                    agent.close();
                }
            }
            Figures.print("%d JSON connections of %d tunnels announced 2 MiB each", connections.size(), TUNNELS);
            assertAlive(rig);
            Figures beside = bystander.figures();
            Figures.print("another visitor beside them: %s", beside);
            assertTrue(beside.medianMillis() < MEDIAN_LIMIT_MILLIS, beside::toString);
            assertEquals(0, rig.agent().count("\"event\":\"control_lost\""), () -> "the agent lost its control connection: " + rig.agent().lastLines());
            small(rig);
            awaitMemory(rig.server(), "the server", before);
        }
    }

    /** Sends the head of a message whose rest never comes. */
    private static void announce(FramePeer connection) {
        try {
            connection.sendRaw(0, MESSAGE, ANNOUNCED_BYTES, new byte[0]);
        } catch (IOException e) {
            // The server may end those that it has no room for.
        }
    }

    private static void assertAlive(Rig rig) {
        assertTrue(rig.server().isAlive(), () -> "the server: " + rig.server().lastLines());
        assertTrue(rig.agent().isAlive(), () -> "the agent: " + rig.agent().lastLines());
    }

    private static void small(Rig rig) throws IOException {
        try (Peer visitor = rig.visit()) {
            Figures.ofSmallRequests(visitor, 1);
        }
    }

    private static void awaitMemory(Program program, String name, long before) throws IOException, InterruptedException {
        long now = program.liveBytes();
        for (long end = System.nanoTime() + LIMIT.toNanos(); now > before + KEPT_BYTES && System.nanoTime() - end < 0;) {
            Thread.sleep(1000);
            now = program.liveBytes();
        }
        long after = now;
        Figures.print("%s: %,d bytes live before, %,d after", name, before, after);
        assertTrue(after <= before + KEPT_BYTES, () -> name + " keeps " + (after - before) + " bytes");
    }
}
