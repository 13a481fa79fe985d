package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.net.ManualClock;
import tunnelforge.wire.Limits;

/** Sessions of tcp tunnels that end because something between the two ends does: nobody may take a half for the whole. */
final class TcpTunnelEndsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration IDLE = Duration.ofSeconds(1);

    private volatile long lastSent;
    private volatile boolean waits;

    private static TunnelFixture.Options tcp() {
        return new TunnelFixture.Options().tcp();
    }

    /** A visitor whose session has carried something both ways; its other end is the next of the service. */
    private static Peer visit(TunnelFixture tunnel) throws IOException {
        return tunnel.tcpVisitor().send("ping");
    }

    private static Peer served(TunnelFixture tunnel, Peer visitor) throws Exception {
        Peer local = tunnel.service().accept("ping");
        local.send("pong");
        assertEquals("pong", visitor.readText(4));
        return local;
    }

    private static void assertServes(TunnelFixture tunnel) throws Exception {
        try (Peer visitor = visit(tunnel); Peer local = served(tunnel, visitor)) {
            visitor.finish();
            assertTrue(local.atEnd());
            local.finish();
            assertTrue(visitor.atEnd());
        }
    }

    @Test
    void whereNothingListensTheVisitorIsResetAtOnceAndTheAgentSaysSo() throws Exception {
        int port = ScriptedService.closedPort();
        try (TunnelFixture tunnel = TunnelFixture.start(tcp().target("127.0.0.1:" + port))) {
            long before = System.nanoTime();
            visit(tunnel).awaitReset();
            assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(3));
            tunnel.agent().log().await("upstream_missing", Peer.LIMIT);
            assertTrue(tunnel.agent().log().entries("upstream_missing").get(0).message().contains("127.0.0.1:" + port));
            for (int i = 0; i < 5; i++) {
                tunnel.tcpVisitor().awaitReset();
            }
            assertEquals(1, tunnel.agent().log().entries("upstream_missing").size(), "it is told once");
        }
    }

    // ---- Lost connections. ----

    /** A visitor that comes before the server has noticed may be lost with them. */
    private static void cutData(TunnelFixture tunnel) {
        tunnel.relay().cutAllBut(1, () -> tunnel.server().connections() == 1);
        tunnel.relay().refuse(false);
    }

    @Test
    void aLostDataConnectionIsAResetForBothEnds() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(tcp().withRelay())) {
            Peer visitor = visit(tunnel);
            Peer local = served(tunnel, visitor);
            cutData(tunnel);
            visitor.awaitReset();
            local.awaitReset();
            assertServes(tunnel);
        }
    }

    @Test
    void aDataConnectionLostBehindTheEndOfOneDirectionIsAResetAllTheSame() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(tcp().withRelay())) {
            Peer asking = visit(tunnel);
            Peer answering = served(tunnel, asking);
            asking.finish();
            assertTrue(answering.atEnd());
            Peer listening = visit(tunnel);
            Peer done = served(tunnel, listening);
            done.finish();
            assertTrue(listening.atEnd());
            cutData(tunnel);
            asking.awaitReset();
            done.awaitReset();
            assertServes(tunnel);
        }
    }

    @Test
    void withoutTheControlConnectionASessionGoesOn() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(tcp().withRelay())) {
            Peer visitor = visit(tunnel);
            Peer local = served(tunnel, visitor);
            tunnel.relay().links().get(0).cut();
            tunnel.server().log().await("control_ended", LIMIT);
            visitor.send("still");
            assertEquals("still", local.readText(5));
            Eventually.await("registered again", () -> tunnel.agent().log().entries("tunnel_registered").size() == 2);
            local.send("there").finish();
            assertEquals("there", new String(visitor.readToEnd()));
            visitor.close();
            assertTrue(local.atEnd());
            assertServes(tunnel);
        }
    }

    // ---- Programs that stop. ----

    @Test
    void aServerThatStopsResetsBothEnds() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(tcp())) {
            Peer visitor = visit(tunnel);
            Peer local = served(tunnel, visitor);
            Peer half = visit(tunnel);
            Peer halfLocal = served(tunnel, half);
            half.finish();
            assertTrue(halfLocal.atEnd());
            tunnel.server().close();
            visitor.awaitReset();
            local.awaitReset();
            half.awaitReset();
        }
    }

    @Test
    void aServerThatDrainsTakesNoFurtherVisitorsAndWaitsForNoSession() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(tcp())) {
            Peer visitor = visit(tunnel);
            Peer local = served(tunnel, visitor);
            CompletableFuture.runAsync(() -> tunnel.server().drain(LIMIT)).get(5, TimeUnit.SECONDS);
            visitor.send("still");
            assertEquals("still", local.readText(5));
            Eventually.await("the port is closed", () -> isRefused(tunnel));
        }
    }

    private static boolean isRefused(TunnelFixture tunnel) {
        try {
            tunnel.tcpVisitor().reset();
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void anAgentThatStopsResetsBothEnds() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(tcp())) {
            Peer visitor = visit(tunnel);
            Peer local = served(tunnel, visitor);
            tunnel.agent().stop();
            visitor.awaitReset();
            local.awaitReset();
            assertEquals(0, tunnel.agent().awaitExit(LIMIT));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAgentThatStopsWhileAnEndReadsNothingLeavesNothing(boolean upload) throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(tcp())) {
            Peer visitor = visit(tunnel);
            Peer local = served(tunnel, visitor);
            FutureTask<Void> sending = flood(upload ? visitor : local);
            Eventually.await("the sender is held back", () -> waits);
            tunnel.agent().stop();
            assertEquals(0, tunnel.agent().awaitExit(LIMIT));
            sending.get(10, TimeUnit.SECONDS);
            assertEquals(0, tunnel.agent().liveTasks());
        }
    }

    /** Sends until it cannot any more. */
    private FutureTask<Void> flood(Peer sender) {
        FutureTask<Void> sending = new FutureTask<>(() -> {
            try {
                while (true) {
                    sender.send(new byte[64 * 1024]);
                    lastSent = System.nanoTime();
                }
            } catch (IOException e) {
                return null;
            }
        });
        lastSent = System.nanoTime();
        Thread.ofVirtual().start(sending);
        Thread.ofVirtual().start(() -> {
            while (System.nanoTime() - lastSent < TimeUnit.MILLISECONDS.toNanos(500)) {
                LockSupport.parkNanos(10_000_000);
            }
            waits = true;
        });
        return sending;
    }

    @Test
    void aVisitorThatResetsWhileTheLocalServiceReadsNothingIsAResetWhenItReadsOn() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(tcp())) {
            Peer visitor = visit(tunnel);
            Peer local = served(tunnel, visitor);
            FutureTask<Void> sending = flood(visitor);
            Eventually.await("the sender is held back", () -> waits);
            visitor.reset();
            sending.get(10, TimeUnit.SECONDS);
            local.awaitReset();
            assertServes(tunnel);
        }
    }

    // ---- Idleness. ----

    private static TunnelFixture.Options tcp(ManualClock clock) {
        TunnelFixture.Options options = tcp();
        options.server().idleTimeout(IDLE).clock(clock);
        return options;
    }

    @Test
    void anIdleSessionIsResetAndItsDataConnectionServesOn() throws Exception {
        ManualClock clock = new ManualClock();
        try (TunnelFixture tunnel = TunnelFixture.start(tcp(clock))) {
            Peer visitor = visit(tunnel);
            Peer local = served(tunnel, visitor);
            Duration took = clock.advanceUntil("the session is over", IDLE.multipliedBy(3), () -> tunnel.server().exchanges() == 0);
            assertTrue(took.compareTo(IDLE.dividedBy(2)) > 0, took::toString);
            visitor.awaitReset();
            local.awaitReset();
            assertServes(tunnel);
            assertEquals(0, tunnel.server().log().entries("data_lost").size());
        }
    }

    @Test
    void soIsOneWhoseVisitorHasSentItsEnd() throws Exception {
        ManualClock clock = new ManualClock();
        try (TunnelFixture tunnel = TunnelFixture.start(tcp(clock))) {
            Peer visitor = visit(tunnel);
            Peer local = served(tunnel, visitor);
            visitor.finish();
            assertTrue(local.atEnd());
            clock.advanceUntil("its place is free", IDLE.multipliedBy(3).plus(Limits.RESET_SETTLES_WITHIN), () -> tunnel.server().exchanges() == 0);
            local.awaitSendFails();
            assertServes(tunnel);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSessionThatIsBusyInOneDirectionIsNotIdle(boolean upload) throws Exception {
        ManualClock clock = new ManualClock();
        try (TunnelFixture tunnel = TunnelFixture.start(tcp(clock))) {
            Peer visitor = visit(tunnel);
            Peer local = served(tunnel, visitor);
            Peer sender = upload ? visitor : local;
            Peer receiver = upload ? local : visitor;
            for (int i = 0; i < 15; i++) {
                sender.send("x");
                assertEquals("x", receiver.readText(1));
                clock.advance(IDLE.dividedBy(5));
            }
            receiver.send("alive");
            assertEquals("alive", sender.readText(5));
        }
    }
}
