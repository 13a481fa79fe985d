package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.agent.TestAgent;
import tunnelforge.cli.ExitException;
import tunnelforge.net.ManualClock;
import tunnelforge.server.TestServer;

/** What a server that was started again still knows of the tunnels of its last run, and how their visitors fare until the agents are back. */
final class RestartedServerTest {
    /** So long the handshakes of visitors wait for their agent. */
    private static final Duration AGENT_FIRST = Duration.ofSeconds(1);
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String LABEL = "kept";
    /** More than the kernel buffers. */
    private static final int LARGE = 32 * 1024 * 1024;
    private static final String HOST = LABEL + ".tunnel.localhost";

    @TempDir
    private Path ids;
    private final ManualClock clock = new ManualClock();
    private final ScriptedService service;
    private Path state;
    private TestServer before;
    private Relay relay;
    private TestAgent agent;

    RestartedServerTest() throws IOException {
        service = new ScriptedService().serveText("served");
    }

    @BeforeEach
    void start() throws Exception {
        state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        before = TestServer.start(new TestServer.Options().stateDirectory(state));
        relay = new Relay(before.port());
    }

    @AfterEach
    void stop() throws Exception {
        if (agent != null) {
            agent.close();
        }
        relay.close();
        service.close();
        before.close();
        TestServer.delete(state);
    }

    private TestAgent.Options options() {
        return new TestAgent.Options().subdomain(LABEL).idIn(ids).ca(before.caFile());
    }

    private TestAgent startAgent(TestAgent.Options options) throws IOException {
        return TestAgent.start("127.0.0.1:" + service.port(), relay.port(), before.token(), options);
    }

    /** It has its tunnel, and cannot reach the server that comes next before {@link #letTheAgentBack}. */
    private String open(TestAgent.Options options) throws Exception {
        agent = startAgent(options);
        String url = agent.url();
        relay.refuse(true);
        return url;
    }

    private TunnelFixture.Options next() {
        TunnelFixture.Options options = new TunnelFixture.Options().withoutAgent();
        options.server().stateDirectory(state).tcpPorts(before.firstTcpPort(), before.lastTcpPort());
        return options;
    }

    private TunnelFixture restart() throws Exception {
        before.drain(LIMIT);
        before.close();
        relay.cutAll();
        return TunnelFixture.start(next());
    }

    private void letTheAgentBack(TunnelFixture after) {
        relay.redirect(after.server().port());
        relay.refuse(false);
    }

    /** So that nothing of it is left when the server ends. */
    private void endAgent() throws InterruptedException {
        agent.stop();
        assertEquals(0, agent.awaitExit(LIMIT));
        agent.releaseId();
    }

    private static Peer ask(TunnelFixture after, String methodAndTarget, String... lines) throws IOException {
        return after.visitor(HOST).send(methodAndTarget + " HTTP/1.1\r\nHost: " + HOST + "\r\n" + String.join("", Stream.of(lines).map(line -> line + "\r\n").toList()) + "\r\n");
    }

    private static void awaitWaiting(TunnelFixture after, int count) {
        Eventually.await(() -> after.server().waiting() + " wait; " + after.server().tunnels() + " tunnels: " + after.server().log().entries(), LIMIT, () -> after.server().waiting() == count);
    }

    private static String basic(String userAndPassword) {
        return "Authorization: Basic " + Base64.getEncoder().encodeToString(userAndPassword.getBytes());
    }

    private String kept() {
        try {
            Path file = state.resolve("tunnels.json");
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitKept() {
        Eventually.await("it is written down", () -> kept().contains(HOST) && !kept().contains("away_since"));
    }

    /** A server that has just been started has many handshakes to do; until the agent is back, those of its visitors are of no use. */
    @Test
    void handshakesOfVisitorsWaitForTheirAgentForASecond() throws Exception {
        open(options());
        before.drain(LIMIT);
        before.close();
        relay.cutAll();
        TunnelFixture.Options options = next();
        options.server().clock(clock);
        try (TunnelFixture after = TunnelFixture.start(options)) {
            FutureTask<Peer> first = new FutureTask<>(() -> ask(after, "GET /"));
            Thread.ofVirtual().start(first);
            awaitWaiting(after, 1);
            assertFalse(first.isDone(), "its handshake waits");
            assertEquals(404, after.visitor("other.tunnel.localhost").send("GET / HTTP/1.1\r\nHost: other.tunnel.localhost\r\n\r\n").readResponse().status(), "nobody else's does");
            clock.advance(AGENT_FIRST);
            Peer asked = first.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            letTheAgentBack(after);
            assertEquals("served", asked.readResponse().text());
            endAgent();
        }
    }

    @Test
    void visitorsThatComeBeforeTheAgentIsBackWaitAndAreServed() throws Exception {
        String url = open(options());
        try (TunnelFixture after = restart()) {
            Peer get = ask(after, "GET /");
            Peer post = ask(after, "POST /", "Content-Length: 4").send("body");
            Peer large = ask(after, "POST /", "Content-Length: " + LARGE);
            FutureTask<Peer> sending = new FutureTask<>(() -> large.send(new byte[LARGE]));
            Thread.ofPlatform().daemon().start(sending);
            awaitWaiting(after, 3);
            assertTrue(after.server().memoryUsed() < LARGE / 8, "a large body is not read meanwhile: " + after.server().memoryUsed() + " bytes are in use");
            assertFalse(sending.isDone());
            letTheAgentBack(after);
            assertEquals("served", get.readResponse().text());
            assertEquals("served", post.readResponse().text());
            assertEquals("served", large.readResponse().text());
            sending.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertEquals(HOST, URI.create(url).getHost());
            assertEquals(List.of(), agent.log().entries("url_changed").stream().filter(entry -> !String.valueOf(entry.fields().get("url")).contains(HOST)).toList());
            endAgent();
        }
    }

    /** It has said what it wants, and is not one of those that say nothing and make room for others. */
    @Test
    void whoWaitsForAnAgentIsNotTakenForSilentWhileMuchIsTaken() throws Exception {
        open(options());
        before.drain(LIMIT);
        before.close();
        relay.cutAll();
        TunnelFixture.Options options = next();
        options.server().clock(clock);
        try (TunnelFixture after = TunnelFixture.start(options)) {
            clock.advance(AGENT_FIRST);
            Peer waiting = ask(after, "GET /");
            awaitWaiting(after, 1);
            try (AutoCloseable half = after.server().takeSessionMemory()) {
                for (int i = 0; i < 3; i++) {
                    clock.advance(Duration.ofSeconds(3));
                }
            }
            letTheAgentBack(after);
            assertEquals("served", waiting.readResponse().text());
            endAgent();
        }
    }

    @Test
    void aWebSocketWaitsTheSameWay() throws Exception {
        open(options());
        try (TunnelFixture after = restart()) {
            service.play(local -> {
                local.readRequest();
                local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat/2\r\n\r\n").send(local.read(4)).close();
            });
            Peer visitor = ask(after, "GET /", "Connection: Upgrade", "Upgrade: chat/2");
            awaitWaiting(after, 1);
            letTheAgentBack(after);
            assertEquals(101, visitor.readResponse().status());
            assertEquals("ping", visitor.send("ping").readText(4));
            visitor.close();
            endAgent();
        }
    }

    /** Who may visit the agent alone knows: before it has said so nobody is served, and nobody is refused. */
    @Test
    void visitorsAreJudgedWhenTheAgentIsBack() throws Exception {
        open(options().visitors(List.of("eve:one"), List.of(), List.of()));
        assertFalse(kept().contains("eve"), kept());
        try (TunnelFixture after = restart()) {
            Peer known = ask(after, "GET /", basic("eve:one"));
            Peer unknown = ask(after, "GET /", basic("eve:two"));
            Peer without = ask(after, "GET /");
            awaitWaiting(after, 3);
            letTheAgentBack(after);
            assertEquals("served", known.readResponse().text());
            assertEquals(401, unknown.readResponse().status());
            assertEquals(401, without.readResponse().status());
            assertEquals(1, service.requests());
            endAgent();
        }
    }

    @Test
    void anAgentThatWasStartedAnewTooTakesItsNameOver() throws Exception {
        open(options());
        try (TunnelFixture after = restart()) {
            agent.stop();
            assertEquals(0, agent.awaitExit(LIMIT));
            agent.releaseId();
            Peer waiting = ask(after, "GET /");
            awaitWaiting(after, 1);
            letTheAgentBack(after);
            agent = startAgent(options());
            assertEquals("served", waiting.readResponse().text());
            assertEquals(1, after.server().tunnels());
            endAgent();
        }
    }

    @Test
    void aTcpTunnelKeepsItsPortAndItsVisitorsWait() throws Exception {
        service.play(local -> local.send(local.readToEnd()).close());
        int port = URI.create(open(new TestAgent.Options().protocol("tcp").idIn(ids).ca(before.caFile()))).getPort();
        try (TunnelFixture after = restart()) {
            Peer first = after.tcp(port).send("first");
            Peer second = after.tcp(port).send("second");
            awaitWaiting(after, 2);
            letTheAgentBack(after);
            first.finish();
            assertEquals("first", new String(first.readToEnd()));
            second.finish();
            assertEquals("second", new String(second.readToEnd()));
            endAgent();
        }
    }

    @Test
    void aServerThatWasKilledHasWrittenItDown() throws Exception {
        open(options());
        awaitKept();
        // As it is while the server runs.
        Path copy = Files.createTempDirectory("tunnelforge-test-");
        try (Stream<Path> files = Files.list(state)) {
            for (Path each : files.filter(path -> !path.toString().endsWith(".lock")).toList()) {
                Files.copy(each, copy.resolve(each.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        TunnelFixture.Options options = next();
        options.server().stateDirectory(copy);
        relay.cutAll();
        try (TunnelFixture after = TunnelFixture.start(options)) {
            Peer waiting = ask(after, "GET /");
            awaitWaiting(after, 1);
            letTheAgentBack(after);
            // Its pauses have grown.
            waiting.socket().setSoTimeout((int) Duration.ofSeconds(30).toMillis());
            assertEquals("served", waiting.readResponse().text());
            endAgent();
        } finally {
            TestServer.delete(copy);
        }
    }

    @Test
    void aTunnelThatItsAgentHasClosedIsForgotten() throws Exception {
        agent = startAgent(options());
        agent.url();
        awaitKept();
        endAgent();
        Eventually.await("it is forgotten", () -> !kept().contains(HOST));
        try (TunnelFixture after = restart()) {
            assertEquals("TF-TUNNEL-UNKNOWN", ask(after, "GET /").readResponse().get("TunnelForge-Error"));
        }
    }

    @Test
    void anotherAgentIsToldThatTheNameIsKeptAndTheFileOpensNothing() throws Exception {
        open(options());
        awaitKept();
        String id;
        try (Stream<Path> files = Files.list(ids.resolve("agents"))) {
            id = Files.readString(files.findFirst().orElseThrow()).strip();
        }
        assertFalse(kept().contains(id), "the agent's id is its secret");
        assertTrue(kept().contains("agent_sha256"), kept());
        try (TunnelFixture after = restart()) {
            TestAgent other = after.startAgent("127.0.0.1:1", new TestAgent.Options().subdomain(LABEL));
            ExitException exit = other.awaitEnd(LIMIT);
            assertEquals(3, exit.code());
            assertTrue(exit.getMessage().contains("kept for an agent that has dropped"), exit.getMessage());
        }
    }

    /** It may be the one that had the name, and has just no way to show it. */
    @Test
    void anAgentWithoutAnIdMayTryAgain() throws Exception {
        open(new TestAgent.Options().subdomain(LABEL).ca(before.caFile()));
        TunnelFixture.Options options = next();
        options.server().clock(clock);
        before.drain(LIMIT);
        before.close();
        relay.cutAll();
        try (TunnelFixture after = TunnelFixture.start(options)) {
            TestAgent minimal = after.startAgent("127.0.0.1:" + service.port(), new TestAgent.Options().subdomain(LABEL));
            assertTrue(String.valueOf(minimal.log().await("server_refused", LIMIT).fields()).contains("kept for an agent that has dropped"));
            clock.advance(Duration.ofSeconds(31));
            assertTrue(minimal.url().contains(HOST));
        }
    }

    /** The rest of the time that it had, when its agent was away already. */
    @Test
    void theGraceTimeGoesOnAndThenVisitorsAreToldSo() throws Exception {
        open(options());
        before.close();
        relay.cutAll();
        String file = kept();
        String away = "\"away_since\": \"" + Instant.now().minusSeconds(20) + "\"";
        Files.writeString(state.resolve("tunnels.json"), file.replace("\"protocol\"", away + ", \"protocol\""));
        TunnelFixture.Options options = next();
        options.server().clock(clock);
        try (TunnelFixture after = TunnelFixture.start(options)) {
            clock.advance(AGENT_FIRST);
            Peer waiting = ask(after, "GET /");
            awaitWaiting(after, 1);
            clock.advance(Duration.ofSeconds(5));
            assertTrue(after.server().hasTunnel(HOST));
            clock.advance(Duration.ofSeconds(5));
            Message refused = waiting.readResponse();
            assertEquals("TF-AGENT-AWAY", refused.get("TunnelForge-Error"));
            assertTrue(Integer.parseInt(refused.get("Retry-After")) > 0);
            assertFalse(after.server().hasTunnel(HOST));
            assertEquals(404, ask(after, "GET /").readResponse().status());
        }
    }

    @Test
    void whatWasKeptTooLongAgoOrCannotBeReadIsForgotten() throws Exception {
        open(options());
        before.close();
        relay.cutAll();
        String file = kept();
        for (String other : List.of(file.replace("\"protocol\"", "\"away_since\": \"" + Instant.now().minusSeconds(40) + "\", \"protocol\""),
                file.replace("tunnel.localhost\"", "other.test\""), file.replace("\"default\"", "\"nobody\""), file.replace("\"https\"", "\"tcp\""), "{")) {
            Files.writeString(state.resolve("tunnels.json"), other);
            try (TunnelFixture after = TunnelFixture.start(next())) {
                assertEquals(0, after.server().tunnels(), other);
                assertEquals(other.equals("{") || other.contains("\"tcp\"") ? 1 : 0, after.server().log().entries("kept_tunnels_unread").size());
            }
        }
    }

    /** A tunnel of another protocol: visitors of TLS are told at once, as while any agent is away. */
    @Test
    void aTlsTunnelsVisitorsGetAnAlert() throws Exception {
        open(options().protocol("tls"));
        try (TunnelFixture after = restart()) {
            IOException refused = assertThrows(IOException.class, () -> after.visitor(HOST));
            assertTrue(refused.getMessage().contains("unrecognized_name"), refused.getMessage());
            assertTrue(after.server().hasTunnel(HOST));
        }
    }
}
