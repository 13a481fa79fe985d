package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.TestAgent;
import tunnelforge.log.RecordingLog;
import tunnelforge.server.TestServer;

/** Cut connections between agent and server: what goes on, what waits, what ends. */
final class ReconnectionTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static TunnelFixture.Options cuttable() {
        return new TunnelFixture.Options().withRelay();
    }

    /** Waits until the agent has registered so many times. */
    private static void awaitRegistered(TunnelFixture tunnel, int times) {
        Eventually.await(() -> "registered " + times + " times: " + tunnel.agent().log().entries(), LIMIT,
                () -> tunnel.agent().log().entries("tunnel_registered").size() >= times);
        assertEquals(1, tunnel.agent().log().entries("tunnel_registered").stream().map(entry -> entry.fields().get("url")).distinct().count());
    }

    private static void cutControl(TunnelFixture tunnel) throws Exception {
        tunnel.relay().refuse(true);
        tunnel.relay().links().get(0).cut();
        tunnel.server().log().await("control_ended", LIMIT);
    }

    @Test
    void withoutTheControlConnectionTheDataConnectionsServeOn() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(cuttable())) {
            Peer inFlight = tunnel.visitor();
            inFlight.send(tunnel.head("GET /before"));
            Peer local = tunnel.service().accept();
            local.readRequest();
            cutControl(tunnel);
            tunnel.service().serveText("still served");
            for (int i = 0; i < 5; i++) {
                assertEquals("still served", tunnel.get("/meanwhile").text());
            }
            tunnel.relay().refuse(false);
            awaitRegistered(tunnel, 2);
            ScriptedService.respond(local, "unharmed");
            assertEquals("unharmed", inFlight.readResponse().text());
            local.close();
            assertEquals("still served", tunnel.get("/after").text());
            assertEquals(1, tunnel.server().tunnels());
        }
    }

    @Test
    void visitorsThatComeWhileTheAgentIsAwayAreServedWhenItIsBack() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(cuttable())) {
            tunnel.service().serve((request, connection) -> {
                ScriptedService.respond(connection, "back " + request.text());
                return true;
            });
            tunnel.relay().refuse(true);
            tunnel.relay().cutAll();
            Eventually.await("the pool is empty", () -> tunnel.server().dataConnections() == 0);
            Peer get = tunnel.visitor();
            get.send(tunnel.head("GET /"));
            Peer post = tunnel.visitor();
            post.send(tunnel.head("POST /", "Content-Length: 100000")).send(new byte[100_000]);
            tunnel.relay().refuse(false);
            assertEquals("back ", get.readResponse().text());
            assertEquals(100_005, post.readResponse().text().length());
            awaitRegistered(tunnel, 2);
        }
    }

    @Test
    void whenTheGraceTimeIsOverTheTunnelIsUnknownAndTheAgentMayStillComeBack() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(cuttable().grace(Duration.ofSeconds(1)))) {
            tunnel.relay().refuse(true);
            tunnel.relay().cutAll();
            Eventually.await("the server has lost its data connections", () -> tunnel.server().dataConnections() == 0);
            Peer waiting = tunnel.visitor();
            waiting.send(tunnel.head("GET /waiting"));
            Message away = waiting.readResponse();
            assertEquals(503, away.status());
            assertEquals("TF-AGENT-AWAY", away.get("TunnelForge-Error"));
            tunnel.server().log().await("tunnel_expired", LIMIT);
            Message unknown = tunnel.get("/after");
            assertEquals(404, unknown.status());
            assertEquals("TF-TUNNEL-UNKNOWN", unknown.get("TunnelForge-Error"));
            assertEquals(0, tunnel.server().tunnels());
            tunnel.relay().refuse(false);
            awaitRegistered(tunnel, 2);
            tunnel.service().serveText("back");
            assertEquals("back", tunnel.get("/").text());
        }
    }

    @Test
    void dataConnectionsCutUnderLoadAreReplaced() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(cuttable())) {
            tunnel.service().serve((request, connection) -> {
                ScriptedService.respond(connection, request.target());
                return true;
            });
            AtomicInteger served = new AtomicInteger();
            AtomicInteger failed = new AtomicInteger();
            CountDownLatch stop = new CountDownLatch(1);
            List<CompletableFuture<Void>> load = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                String name = "/" + i;
                load.add(CompletableFuture.runAsync(() -> visitUntil(stop, tunnel, name, served, failed)));
            }
            for (int round = 0; round < 3; round++) {
                int before = served.get();
                List<Relay.Link> links = tunnel.relay().links();
                for (Relay.Link link : links.subList(1, links.size())) {
                    link.cut();
                }
                Eventually.await(() -> "served again; failed " + failed, LIMIT, () -> served.get() > before + 50);
                Eventually.await("the pool is filled again", () -> tunnel.server().dataConnections() >= 3);
            }
            stop.countDown();
            for (CompletableFuture<Void> each : load) {
                each.get(10, TimeUnit.SECONDS);
            }
            assertEquals(1, tunnel.agent().log().entries("tunnel_registered").size(), "the control connection was not cut");
        }
    }

    /** Every answer is either the right one or a visible error; nothing hangs. */
    private static void visitUntil(CountDownLatch stop, TunnelFixture tunnel, String name, AtomicInteger served, AtomicInteger failed) {
        try (Peer visitor = tunnel.visitor()) {
            for (int i = 0; stop.getCount() > 0; i++) {
                Message response = visitor.send(tunnel.head("GET " + name + i)).readResponse();
                if (response.status() == 200) {
                    assertEquals(name + i, response.text());
                    served.incrementAndGet();
                } else {
                    assertEquals("TF-OUTCOME-UNKNOWN", response.get("TunnelForge-Error"));
                    failed.incrementAndGet();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aStoppedAgentFreesItsNameAtOnceAndServesWhatIsInFlight() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(new TunnelFixture.Options().subdomain("stopping"))) {
            Peer visitor = tunnel.visitor();
            visitor.send(tunnel.head("GET /"));
            Peer local = tunnel.service().accept();
            local.readRequest();
            local.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf ");
            assertEquals(200, visitor.readResponseHead().status());
            tunnel.agent().stop();
            Eventually.await("the name is free", () -> !tunnel.server().hasTunnel("stopping.tunnel.localhost"));
            assertEquals(404, tunnel.get("/new").status());
            TestAgent next = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().subdomain("stopping"));
            assertEquals(tunnel.url().toString(), next.url());
            local.send("half.");
            assertEquals("half half.", visitor.readText(10));
            assertEquals(0, tunnel.agent().awaitExit(LIMIT));
            tunnel.service().serveText("the next agent");
            assertEquals("the next agent", tunnel.get("/").text());
        }
    }

    @Test
    void aRestartedServerIsReturnedToUnderTheSameAddress() throws Exception {
        Path state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        try (ScriptedService service = new ScriptedService().serveText("ok")) {
            TestServer before = TestServer.start(new TestServer.Options().stateDirectory(state));
            TestAgent.Options options = new TestAgent.Options().ca(before.caFile());
            try (TestAgent agent = TestAgent.start("127.0.0.1:" + service.port(), before.port(), before.token(), options)) {
                String host = URI.create(agent.url()).getHost();
                before.close();
                assertEquals(0, before.liveTasks());
                try (TestServer after = TestServer.start(new TestServer.Options().stateDirectory(state).port(before.port()))) {
                    Eventually.await("the tunnel is back", () -> after.hasTunnel(host));
                    Eventually.await("registered twice", () -> agent.log().entries("tunnel_registered").size() == 2);
                    agent.stop();
                    assertEquals(0, agent.awaitExit(LIMIT));
                }
            }
        } finally {
            TestServer.delete(state);
        }
    }

    @Test
    void aServerThatComesBackWithOtherKeysIsSaidToBeUntrusted() throws Exception {
        try (TestServer other = TestServer.start(new TestServer.Options().domain("other.test"));
                TunnelFixture tunnel = TunnelFixture.start(cuttable())) {
            tunnel.relay().redirect(other.port());
            tunnel.relay().cutAll();
            RecordingLog.Entry untrusted = tunnel.agent().log().await("server_untrusted", LIMIT);
            assertTrue(untrusted.message().matches("the server .* is not trusted \\(if the server was set up anew, .*\\); next try in .*"), untrusted.message());
        }
    }

    /** The agent keeps its label, and says loudly that the address is another. */
    @ParameterizedTest
    @ValueSource(strings = {"", "mine"})
    void aServerThatComesBackWithAnotherDomainGivesANameBelowIt(String subdomain) throws Exception {
        Path state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        try (ScriptedService service = new ScriptedService().serveText("ok")) {
            TestServer before = TestServer.start(new TestServer.Options().stateDirectory(state));
            TestAgent.Options options = new TestAgent.Options().ca(before.caFile()).subdomain(subdomain.isEmpty() ? null : subdomain);
            try (TestAgent agent = TestAgent.start("127.0.0.1:" + service.port(), before.port(), before.token(), options)) {
                String first = agent.url();
                before.close();
                try (TestServer after = TestServer.start(new TestServer.Options().stateDirectory(state).domain("other.test").port(before.port()))) {
                    RecordingLog.Entry changed = agent.log().await("url_changed", LIMIT);
                    String url = first.replace(TestServer.DOMAIN, "other.test");
                    assertEquals(List.of(first, url), List.of(changed.fields().get("before"), changed.fields().get("url")));
                    assertTrue(after.hasTunnel(URI.create(url).getHost()));
                    agent.stop();
                    assertEquals(0, agent.awaitExit(LIMIT));
                }
            }
        } finally {
            TestServer.delete(state);
        }
    }

    @Test
    void aDrainingServerFinishesWhatIsInFlight() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start()) {
            Peer visitor = tunnel.visitor();
            visitor.send(tunnel.head("GET /"));
            Peer local = tunnel.service().accept();
            local.readRequest();
            CompletableFuture<Void> draining = CompletableFuture.runAsync(() -> tunnel.server().drain(LIMIT));
            tunnel.agent().log().await("draining", LIMIT);
            assertFalse(draining.isDone());
            ScriptedService.respond(local, "finished");
            assertEquals("finished", visitor.readResponse().text());
            draining.get(10, TimeUnit.SECONDS);
        }
    }
}
