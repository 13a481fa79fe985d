package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.net.ManualClock;

/** What a stopping program waits for, and what not. */
final class StoppingTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /** Far below the limit that is given to what is in flight. */
    private static final Duration SOON = Duration.ofSeconds(10);

    private static final Duration BRIEF = Duration.ofMillis(200);

    private static Peer upgraded(TunnelFixture tunnel) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /", "Connection: upgrade", "Upgrade: chat/2"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat/2\r\n\r\n");
        assertEquals(101, visitor.readResponse().status());
        return visitor;
    }

    @RepeatedTest(10)
    void aServerWaitsUntilTheVisitorHasTheWholeResponse() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start()) {
            Peer visitor = tunnel.visitor();
            visitor.send(tunnel.head("GET /"));
            Peer local = tunnel.service().accept();
            local.readRequest();
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> {
                tunnel.server().drain(LIMIT);
                tunnel.server().close();
            });
            tunnel.agent().log().await("draining", LIMIT);
            ScriptedService.respond(local, "whole");
            assertEquals("whole", visitor.readResponse().text());
            stopped.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void anUpgradedSessionDoesNotHoldUpAServerThatStops() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start()) {
            Peer visitor = upgraded(tunnel);
            CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> tunnel.server().drain(LIMIT));
            drained.get(SOON.toSeconds(), TimeUnit.SECONDS);
            tunnel.server().close();
            visitor.awaitClosed();
        }
    }

    @Test
    void anUpgradedSessionDoesNotHoldUpAnAgentThatStops() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start()) {
            Peer visitor = upgraded(tunnel);
            tunnel.agent().stop();
            assertEquals(0, tunnel.agent().awaitExit(SOON));
            visitor.awaitClosed();
        }
    }

    @Test
    void visitorsThatWaitForAnAgentAreToldThatTheServerStops() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(new TunnelFixture.Options().withRelay())) {
            tunnel.relay().refuse(true);
            tunnel.relay().cutAll();
            Eventually.await("the pool is empty", () -> tunnel.server().dataConnections() == 0);
            Peer visitor = tunnel.visitor();
            visitor.send(tunnel.head("GET /"));
            CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> tunnel.server().drain(LIMIT));
            assertEquals("TF-AGENT-AWAY", visitor.readResponse().get("TunnelForge-Error"));
            drained.get(SOON.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void aConnectionIsNotKeptForFurtherRequestsWhenTheServerStops() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start()) {
            Peer busy = tunnel.visitor();
            busy.send(tunnel.head("GET /slow"));
            Peer local = tunnel.service().accept();
            local.readRequest();
            Peer kept = visit(tunnel);
            CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> tunnel.server().drain(LIMIT));
            tunnel.agent().log().await("draining", LIMIT);
            Eventually.await("the next response says close", () -> {
                try {
                    return "close".equals(kept.send(tunnel.head("GET /")).readResponse().get("Connection"));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertTrue(kept.atEnd());
            assertFalse(drained.isDone());
            ScriptedService.respond(local, "done");
            assertEquals("done", busy.readResponse().text());
            drained.get(SOON.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Small bodies are waited for before the tunnel is entered, and large ones behind that. */
    @ParameterizedTest
    @ValueSource(ints = {1_000, 60_000, 200_000})
    void aBodyThatIsComingIsWaitedForByAServerThatStops(int length) throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start()) {
            tunnel.service().serveText("whole");
            Peer visitor = tunnel.visitor();
            visitor.send(tunnel.head("POST /", "Content-Length: " + length)).send(new byte[length / 2]);
            CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> tunnel.server().drain(LIMIT));
            assertThrows(TimeoutException.class, () -> drained.get(1_200, TimeUnit.MILLISECONDS), "it waits for what is in flight");
            visitor.send(new byte[length - length / 2]);
            assertEquals("whole", visitor.readResponse().text());
            drained.get(SOON.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private interface Stop {
        void run(TunnelFixture tunnel) throws Exception;
    }

    /** A request that is in flight while {@code stop} stops the agent is answered whole, and then the agent has ended. */
    private static void assertServedWhile(Stop stop) throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(new TunnelFixture.Options().withRelay())) {
            Peer visitor = tunnel.visitor();
            visitor.send(tunnel.head("GET /"));
            Peer local = tunnel.service().accept();
            local.readRequest();
            stop.run(tunnel);
            assertThrows(AssertionError.class, () -> tunnel.agent().awaitExit(Duration.ofSeconds(1)), "it has something in flight");
            ScriptedService.respond(local, "whole");
            assertEquals("whole", visitor.readResponse().text());
            assertEquals(0, tunnel.agent().awaitExit(SOON));
        }
    }

    @Test
    void anAgentThatStopsWhileItsServerStopsServesWhatIsInFlight() throws Exception {
        assertServedWhile(tunnel -> {
            CompletableFuture.runAsync(() -> tunnel.server().drain(LIMIT));
            tunnel.agent().log().await("draining", LIMIT);
            tunnel.agent().stop();
        });
    }

    @Test
    void anAgentThatStopsWhileItsControlConnectionIsAwayServesWhatIsInFlight() throws Exception {
        assertServedWhile(tunnel -> {
            tunnel.relay().refuse(true);
            tunnel.relay().links().get(0).cut();
            tunnel.agent().log().await("control_lost", LIMIT);
            tunnel.agent().stop();
        });
    }

    @Test
    void anUpgradedSessionDoesNotHoldUpAnAgentThatStopsWithoutItsControlConnection() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(new TunnelFixture.Options().withRelay())) {
            Peer visitor = upgraded(tunnel);
            tunnel.relay().refuse(true);
            tunnel.relay().links().get(0).cut();
            tunnel.agent().log().await("control_lost", LIMIT);
            tunnel.agent().stop();
            assertEquals(0, tunnel.agent().awaitExit(SOON));
            visitor.awaitClosed();
        }
    }

    /** A tunnel that was closing had left the directory, and a server that stopped then cut its visitors. */
    @Test
    void aServerWaitsForATunnelThatItsAgentIsClosing() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start()) {
            Peer visitor = tunnel.visitor();
            visitor.send(tunnel.head("GET /"));
            Peer local = tunnel.service().accept();
            local.readRequest();
            tunnel.agent().stop();
            Eventually.await("the tunnel is closing", () -> tunnel.server().tunnels() == 0);
            long begun = System.nanoTime();
            tunnel.server().drain(BRIEF);
            assertTrue(System.nanoTime() - begun >= BRIEF.toNanos(), "it waits for as long as it may");
            CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> tunnel.server().drain(LIMIT));
            ScriptedService.respond(local, "whole");
            assertEquals("whole", visitor.readResponse().text());
            drained.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** The agent is elsewhere while the server stops, which ended the tunnel when the grace time was shorter than the response. */
    @Test
    void aShortGraceTimeDoesNotCutAVisitorWhileTheServerStops() throws Exception {
        ManualClock clock = new ManualClock();
        TunnelFixture.Options options = new TunnelFixture.Options().grace(Duration.ofSeconds(1));
        options.server().clock(clock);
        try (TunnelFixture tunnel = TunnelFixture.start(options)) {
            Peer visitor = tunnel.visitor();
            visitor.send(tunnel.head("GET /"));
            Peer local = tunnel.service().accept();
            local.readRequest();
            CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> tunnel.server().drain(LIMIT));
            tunnel.server().log().await("control_ended", LIMIT);
            clock.advance(Duration.ofSeconds(3));
            assertEquals(1, tunnel.server().tunnels());
            ScriptedService.respond(local, "whole");
            assertEquals("whole", visitor.readResponse().text());
            drained.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static Peer visit(TunnelFixture tunnel) throws IOException {
        tunnel.service().serveText("ok");
        Peer visitor = tunnel.visitor();
        assertEquals("ok", visitor.send(tunnel.head("GET /")).readResponse().text());
        return visitor;
    }
}
