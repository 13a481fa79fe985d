package tunnelforge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;

/** Whoever looks at a fixture's server by its admin port. */
final class AdminClient {
    private final TunnelFixture fixture;
    private final int port;

    /** {@code port}: of the admin port. */
    AdminClient(TunnelFixture fixture, int port) {
        this.fixture = fixture;
        this.port = port;
    }

    int port() {
        return port;
    }

    /** Asks once, with these further lines. */
    Message ask(String methodAndTarget, String... lines) throws IOException {
        return askAs("localhost:" + port, methodAndTarget, lines);
    }

    Message askAs(String host, String methodAndTarget, String... lines) throws IOException {
        try (Peer peer = fixture.tcp(port)) {
            StringBuilder head = new StringBuilder(methodAndTarget).append(" HTTP/1.1\r\nHost: ").append(host).append("\r\n");
            for (String line : lines) {
                head.append(line).append("\r\n");
            }
            peer.send(head.append("\r\n").toString());
            return methodAndTarget.startsWith("HEAD ") ? peer.readResponseHead() : peer.readResponse();
        }
    }

    JsonObject json(String path) throws IOException {
        return JsonReader.parseObject(ask("GET " + path).text());
    }

    /** The tunnels as the API has them. */
    List<JsonObject> tunnels() throws IOException {
        return json("/api/tunnels").arrayOrEmpty("tunnels").stream().map(JsonObject.class::cast).toList();
    }

    /** As Prometheus reads them. */
    String metrics() {
        try {
            return ask("GET /metrics").text();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All samples that only grow, by name and labels; of histograms how often something was recorded. */
    Map<String, Double> counters() {
        Map<String, Double> counters = new HashMap<>();
        Set<String> growing = new HashSet<>();
        for (String line : metrics().lines().toList()) {
            String[] words = line.split(" ");
            if (line.startsWith("# TYPE ")) {
                if (words[3].equals("counter")) {
                    growing.add(words[2]);
                } else if (words[3].equals("histogram")) {
                    growing.add(words[2] + "_count");
                }
            } else if (!line.startsWith("#") && growing.contains(words[0].replaceAll("\\{.*", ""))) {
                counters.put(words[0], Double.parseDouble(words[1]));
            }
        }
        return counters;
    }

    /** What has grown since, and by how much: names without the program's prefix. What the JVM and the clock do by themselves is left out. */
    Map<String, Integer> since(Map<String, Double> before) {
        Map<String, Integer> grown = new TreeMap<>();
        counters().forEach((name, value) -> {
            double by = value - before.getOrDefault(name, 0.0);
            if (by != 0 && name.startsWith("tunnelforge_")) {
                grown.put(name.substring("tunnelforge_".length()), (int) by);
            }
        });
        return grown;
    }

    /** Waits until exactly this has moved since, but for {@code others}. */
    void awaitMoved(Map<String, Double> before, Map<String, Integer> expected, String... others) {
        AtomicReference<Map<String, Integer>> last = new AtomicReference<>();
        Eventually.await(() -> "moved: " + last.get() + " and not " + expected, Eventually.LIMIT, () -> {
            Map<String, Integer> moved = since(before);
            moved.keySet().removeAll(List.of(others));
            last.set(moved);
            return moved.equals(expected);
        });
    }
}
