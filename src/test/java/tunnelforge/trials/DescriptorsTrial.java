package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.Peer;

/** Programs that have as many files open as their system lets them have. */
final class DescriptorsTrial {
    private static final int SPARE = 8;
    private static final int UNLIMITED = 4_096;
    private static final int CONNECTIONS = 300;
    private static final long WATCHED_MILLIS = 5_000;
    private static final Duration MOST_PROCESSOR_TIME = Duration.ofMillis(1_000);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @BeforeAll
    static void canLimit() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")) && Program.canCountDescriptors(), "there is no prlimit");
    }

    @Test
    void aServerThatCanAcceptNoMoreServesOnAndWaits() throws Exception {
        List<Socket> more = new ArrayList<>();
        try (Rig rig = Rig.start(); Peer served = rig.visit()) {
            Figures.ofSmallRequests(served, 100);
            rig.server().limitDescriptors(rig.server().descriptors() + SPARE);
            for (int i = 0; i < CONNECTIONS; i++) {
                more.add(new Socket(InetAddress.getLoopbackAddress(), rig.port()));
            }
            rig.server().await("\"accept_failed\"");
            Duration before = rig.server().processorTime();
            Thread.sleep(WATCHED_MILLIS);
            Duration used = rig.server().processorTime().minus(before);
            Figures.print("no descriptor left for %d ms: %d ms of processor time", WATCHED_MILLIS, used.toMillis());
            assertTrue(used.compareTo(MOST_PROCESSOR_TIME) < 0, used.toString());
            assertTrue(rig.server().count("accept_failed") <= 2, rig.server()::lastLines);
            Figures.print("who was there is served on:  %s", Figures.ofSmallRequests(served, 100));
            for (Socket socket : more) {
                socket.close();
            }
            try (Peer next = rig.visit()) {
                Figures.print("and so is the next:          %s", Figures.ofSmallRequests(next, 100));
            }
        } finally {
            for (Socket socket : more) {
                socket.close();
            }
        }
    }

    @Test
    void anAgentThatCanConnectNoMoreSaysSo() throws Exception {
        int crowd = 60;
        try (HoldingService service = new HoldingService(); Rig rig = Rig.startTo(service.port()); Peer visitor = rig.visit()) {
            Figures.ofSmallRequests(visitor, 10);
            rig.agent().limitDescriptors(rig.agent().descriptors() + SPARE);
            Crowd held = new Crowd(rig, crowd, Rig.request("GET /held"));
            Eventually.await(() -> service.held() + " are held, " + held.left() + " have left", LIMIT, () -> service.held() + held.left() >= crowd);
            assertTrue(service.held() > 0);
            service.release();
            Map<String, Integer> outcomes = held.outcomes();
            Figures.print("an agent with %d descriptors to spare, and %d visitors: %s", SPARE, crowd, outcomes);
            assertEquals(crowd, outcomes.getOrDefault(Crowd.SERVED, 0) + outcomes.getOrDefault("503 TF-OVERLOADED", 0), outcomes::toString);
            assertEquals(1, rig.agent().count("descriptors_exhausted"), rig.agent()::lastLines);
            assertEquals(0, rig.agent().count("upstream_missing"), rig.agent()::lastLines);
            rig.agent().limitDescriptors(UNLIMITED);
            Figures.ofSmallRequests(visitor, 10);
        }
    }
}
