package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.Peer;
import tunnelforge.server.TestServer;

/** Ten tunnels in one agent need little more memory than one. */
final class SeveralTunnelsTrial {
    private static final int SEVERAL = 10;
    private static final int REQUESTS = 2_000;
    private static final double MOST = 1.3;
    private static final double MB = 1e6;

    @TempDir
    private Path directory;

    /** Of an agent with so many tunnels, after requests to each of them. */
    private record Memory(long resident, long live, long metaspace) {
        long used() {
            return live + metaspace;
        }

        @Override
        public String toString() {
            return "%.1f MB resident, %.1f MB of live heap, %.1f MB of metaspace".formatted(resident / MB, live / MB, metaspace / MB);
        }
    }

    @Test
    void tenTunnelsInOneAgent() throws Exception {
        assumeTrue(Program.canMeasure() && Program.canCountDescriptors(), "no jcmd in this runtime, or no /proc");
        Path state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        try (BulkService service = new BulkService(0);
                Program server = Program.start(List.of(), Map.of(), "server", "--port", "0", "--bind", "127.0.0.1", "--state-dir", state.toString(), "--log-format", "json")) {
            int port = Integer.parseInt(server.await("\"event\":\"listening\".*\"port\":(\\d+)").group(1));
            Doorway doorway = new Doorway(state.resolve("ca.pem"), port);
            Memory one = measure(state, doorway, port, service, 1);
            Memory several = measure(state, doorway, port, service, SEVERAL);
            Figures.print("an agent with 1 tunnel: %s", one);
            Figures.print("an agent with %d tunnels: %s; %.2f times the heap and metaspace, %.2f times what is resident", SEVERAL, several, (double) several.used() / one.used(),
                    (double) several.resident() / one.resident());
            assertTrue(several.used() <= MOST * one.used(), () -> several + ", with one tunnel " + one);
            assertTrue(!Figures.JUDGED || several.resident() <= MOST * one.resident(), () -> several + ", with one tunnel " + one);
        } finally {
            TestServer.delete(state);
        }
    }

    private Memory measure(Path state, Doorway doorway, int port, BulkService service, int tunnels) throws Exception {
        Path file = Files.writeString(directory.resolve(tunnels + ".json"), "{ \"tunnels\": {" + IntStream.range(0, tunnels)
                .mapToObj(i -> "\"t%d\": { \"target\": %d, \"subdomain\": \"t%d\" }".formatted(i, service.port(), i)).collect(Collectors.joining(",\n")) + "} }");
        try (Program agent = Program.start(List.of("-Xmx128m"), Map.of(), "agent", "--config", file.toString(), "--state-dir", state.toString(), "--log-format", "json")) {
            for (int i = 0; i < tunnels; i++) {
                agent.await("\"event\":\"tunnel_registered\"");
            }
            for (int i = 0; i < tunnels; i++) {
                visit(doorway, "t" + i + "." + TestServer.DOMAIN, port, REQUESTS / tunnels);
            }
            // First what needs a full collection.
            long live = agent.liveBytes();
            return new Memory(agent.residentBytes(), live, agent.metaspaceBytes());
        }
    }

    private static void visit(Doorway doorway, String host, int port, int requests) throws Exception {
        try (Peer visitor = doorway.connect(host, 0)) {
            for (int i = 0; i < requests; i++) {
                assertEquals(BulkService.SMALL, visitor.send("GET /small HTTP/1.1\r\nHost: " + host + ":" + port + "\r\n\r\n").readResponse().text());
            }
        }
    }
}
