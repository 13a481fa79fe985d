package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The events of server and agent in a recording of the JDK's flight recorder. */
final class FlightRecordingTest {
    /** The recorder has a clock of its own. */
    private static final Duration CLOCKS_DIFFER = Duration.ofMillis(1);
    private static final Duration SLOW = Duration.ofMillis(50);

    @TempDir
    private Path directory;

    private interface Meanwhile {
        void run() throws Exception;
    }

    /** Whatever is recorded in this JVM meanwhile. */
    private List<RecordedEvent> recorded(Meanwhile meanwhile) throws Exception {
        Path file = directory.resolve("test.jfr");
        try (Recording recording = new Recording()) {
            List.of("tunnelforge.Exchange", "tunnelforge.LocalExchange", "tunnelforge.PoolWait").forEach(recording::enable);
            recording.start();
            meanwhile.run();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file);
    }

    private static RecordedEvent only(List<RecordedEvent> events, String name, String field, String value) {
        List<RecordedEvent> found = events.stream().filter(event -> event.getEventType().getName().equals(name) && value.equals(event.getString(field))).toList();
        assertEquals(1, found.size(), () -> found.toString());
        return found.getFirst();
    }

    /** When it is over, so is the request before it. */
    private static void refused(Peer visitor) throws Exception {
        visitor.send("GET / HTTP/1.1\r\nHost: recorded.tunnel.localhost:x\r\n\r\n").readResponse();
        visitor.awaitClosed();
    }

    @Test
    void anExchangeIsRecordedOnBothSides() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(new TunnelFixture.Options().subdomain("recorded"))) {
            tunnel.service().serve((request, connection) -> {
                long began = System.nanoTime();
                while (System.nanoTime() - began < SLOW.toNanos()) {
                    Thread.onSpinWait();
                }
                ScriptedService.respond(connection, "hello");
                return true;
            });
            List<RecordedEvent> events = recorded(() -> {
                try (Peer visitor = tunnel.visitor()) {
                    visitor.send(tunnel.head("POST /?secret", "Content-Length: 3") + "abc").readResponse();
                    refused(visitor);
                }
                tunnel.settle();
            });
            RecordedEvent exchange = only(events, "tunnelforge.Exchange", "host", "recorded.tunnel.localhost");
            assertEquals("POST", exchange.getString("method"));
            assertEquals(200, exchange.getInt("status"));
            assertEquals(3, exchange.getLong("bytesIn"));
            assertEquals(5, exchange.getLong("bytesOut"));
            assertEquals(0, exchange.getInt("resent"));
            assertTrue(exchange.getDuration("agentTime").compareTo(SLOW) >= 0, exchange.toString());
            assertTrue(exchange.getDuration().plus(CLOCKS_DIFFER).compareTo(exchange.getDuration("agentTime").plus(exchange.getDuration("waitTime"))) >= 0, exchange.toString());
            RecordedEvent local = only(events, "tunnelforge.LocalExchange", "requestId", exchange.getString("requestId"));
            assertEquals(200, local.getInt("status"));
            assertEquals(5, local.getLong("bytes"));
            // It begins when the request has left, which the service may see first.
            assertTrue(local.getDuration("upstreamTime").compareTo(SLOW.dividedBy(2)) >= 0, local.toString());
            assertTrue(local.getDuration().plus(CLOCKS_DIFFER).compareTo(local.getDuration("upstreamTime")) >= 0, local.toString());
            RecordedEvent refused = only(events, "tunnelforge.Exchange", "host", "recorded.tunnel.localhost:x");
            assertEquals(400, refused.getInt("status"));
            assertEquals("TF-BAD-REQUEST", refused.getString("error"));
            assertTrue(events.stream().noneMatch(event -> event.toString().contains("secret")));
        }
    }

    @Test
    void aVisitorThatWaitsForADataConnectionIsRecorded() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(new TunnelFixture.Options().withRelay().subdomain("awaited"))) {
            tunnel.service().serveText("back");
            List<RecordedEvent> events = recorded(() -> {
                tunnel.relay().cutAllBut(0, () -> tunnel.server().dataConnections() == 0);
                Peer visitor = tunnel.visitor().send(tunnel.head("GET /"));
                Eventually.await("the visitor waits", () -> tunnel.server().waiting() == 1);
                tunnel.relay().refuse(false);
                assertEquals("back", visitor.readResponse().text());
                refused(visitor);
                tunnel.settle();
            });
            RecordedEvent wait = only(events, "tunnelforge.PoolWait", "tunnel", "awaited.tunnel.localhost");
            assertTrue(wait.getBoolean("served"));
            assertTrue(wait.getDuration().isPositive());
            RecordedEvent exchange = only(events, "tunnelforge.Exchange", "host", "awaited.tunnel.localhost");
            assertTrue(exchange.getDuration("waitTime").compareTo(wait.getDuration()) >= 0, exchange.toString());
        }
    }
}
