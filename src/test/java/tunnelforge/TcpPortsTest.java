package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.agent.TestAgent;
import tunnelforge.cli.ExitException;
import tunnelforge.server.TestServer;

/** Which port a tcp tunnel gets, how long it has it, and who may have it next. */
final class TcpPortsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path state;

    private static TunnelFixture.Options withoutAgent() {
        return new TunnelFixture.Options().withoutAgent();
    }

    private static TestAgent.Options tcp() {
        return new TestAgent.Options().protocol("tcp");
    }

    private static TestAgent agent(TunnelFixture tunnel, TestAgent.Options options) throws IOException {
        return tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), options);
    }

    private static int port(TestAgent agent) throws InterruptedException {
        return URI.create(agent.url()).getPort();
    }

    private static void assertRefused(TestAgent agent, String... words) throws InterruptedException {
        ExitException exit = agent.awaitEnd(LIMIT);
        assertEquals(3, exit.code());
        for (String word : words) {
            assertTrue(exit.getMessage().contains(word), exit.getMessage());
        }
    }

    private static void assertServes(TunnelFixture tunnel, int port) throws Exception {
        try (Peer visitor = tunnel.tcp(port)) {
            assertServed(tunnel, visitor);
        }
    }

    private static void assertServed(TunnelFixture tunnel, Peer visitor) throws Exception {
        visitor.send("ping");
        try (Peer local = tunnel.service().accept("ping")) {
            local.send("pong");
            assertEquals("pong", visitor.readText(4));
            visitor.finish();
            assertTrue(local.atEnd());
        }
        assertTrue(visitor.atEnd());
    }

    /** The port is free when the server's accept task has noticed that it was closed. */
    private static ServerSocket listen(int port) {
        ServerSocket[] listening = new ServerSocket[1];
        Eventually.await("port " + port + " is free", () -> {
            try {
                listening[0] = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                return true;
            } catch (IOException e) {
                return false;
            }
        });
        return listening[0];
    }

    // ---- Which. ----

    @Test
    void theAddressIsTheDomainAndAPortOfTheRange() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(withoutAgent())) {
            TestAgent agent = agent(tunnel, tcp());
            int port = port(agent);
            assertEquals("tcp://tunnel.localhost:" + port, agent.url());
            assertTrue(port >= tunnel.server().firstTcpPort() && port <= tunnel.server().lastTcpPort(), agent.url());
            assertServes(tunnel, port);
        }
    }

    @Test
    void theAskedPortIsGivenAndIsThenTakenForOthers() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(withoutAgent())) {
            int port = tunnel.server().firstTcpPort() + 3;
            assertEquals(port, port(agent(tunnel, tcp().remotePort(port))));
            assertRefused(agent(tunnel, tcp().remotePort(port)), "TF-PORT-TAKEN", "" + port);
            assertServes(tunnel, port);
        }
    }

    @Test
    void aPortOfAnotherProgramIsTaken() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(withoutAgent());
                ServerSocket other = listen(tunnel.server().firstTcpPort())) {
            assertRefused(agent(tunnel, tcp().remotePort(other.getLocalPort())), "TF-PORT-TAKEN", "" + other.getLocalPort());
            assertEquals(0, tunnel.server().tunnels());
        }
    }

    @Test
    void whoAsksForNonePassesOverPortsOfOtherPrograms() throws Exception {
        TunnelFixture.Options options = withoutAgent();
        options.server().tcpPorts(2);
        try (TunnelFixture tunnel = TunnelFixture.start(options);
                ServerSocket other = listen(tunnel.server().firstTcpPort())) {
            assertEquals(tunnel.server().lastTcpPort(), port(agent(tunnel, tcp())));
            assertNotEquals(other.getLocalPort(), tunnel.server().lastTcpPort());
        }
    }

    @Test
    void aPortOutsideTheRangeIsRefusedWithTheRange() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(withoutAgent())) {
            String range = tunnel.server().firstTcpPort() + "-" + tunnel.server().lastTcpPort();
            for (int port : new int[] {1, tunnel.server().firstTcpPort() - 1, tunnel.server().lastTcpPort() + 1, 65_535}) {
                assertRefused(agent(tunnel, tcp().remotePort(port)), "TF-LIMIT", "" + port, range);
            }
        }
    }

    @Test
    void whenAllAreUsedTheAgentIsToldAndComesAgain() throws Exception {
        TunnelFixture.Options options = withoutAgent();
        options.server().tcpPorts(1);
        try (TunnelFixture tunnel = TunnelFixture.start(options)) {
            int port = tunnel.server().firstTcpPort();
            TestAgent first = agent(tunnel, tcp());
            assertEquals(port, port(first));
            TestAgent second = agent(tunnel, tcp());
            second.log().await(entry -> String.valueOf(entry.fields().get("error")).contains("TF-LIMIT"), "TF-LIMIT", LIMIT);
            first.close();
            assertEquals(port, port(second));
            assertServes(tunnel, port);
        }
    }

    @Test
    void namesAreNotForTcpAndPortsForNothingElse() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(withoutAgent())) {
            assertRefused(agent(tunnel, tcp().subdomain("name")), "TF-NAME-INVALID", "tunnel.localhost");
            assertRefused(agent(tunnel, tcp().hostname("name.example")), "TF-NAME-INVALID");
            for (String protocol : new String[] {"https", "http", "tls"}) {
                assertRefused(agent(tunnel, new TestAgent.Options().protocol(protocol).remotePort(tunnel.server().firstTcpPort())),
                        "TF-PROTOCOL", protocol);
            }
            assertEquals(0, tunnel.server().tunnels());
        }
    }

    // ---- How long. ----

    @Test
    void aClosedTunnelsPortIsFreeAtOnceForAnotherTunnelAndForAnotherProgram() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(withoutAgent())) {
            int port = tunnel.server().lastTcpPort();
            TestAgent first = agent(tunnel, tcp().remotePort(port));
            first.url();
            Peer inSession = tunnel.tcp(port).send("x");
            tunnel.service().accept().read(1);
            first.close();
            inSession.awaitReset();
            TestAgent second = agent(tunnel, tcp().remotePort(port));
            assertEquals(port, port(second));
            assertServes(tunnel, port);
            second.close();
            listen(port).close();
        }
    }

    private static void cut(TunnelFixture tunnel) throws Exception {
        tunnel.relay().cutAllBut(0, () -> tunnel.server().connections() == 0);
        tunnel.server().log().await("control_ended", LIMIT);
    }

    @Test
    void aDroppedTunnelsPortIsKeptAndItsVisitorsWaitForTheAgent() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(withoutAgent().withRelay())) {
            // One without an id could not be told from the other.
            TestAgent agent = agent(tunnel, tcp().idIn(tunnel.server().stateDirectory()));
            int port = port(agent);
            cut(tunnel);
            Peer waiting = tunnel.tcp(port);
            Peer another = tunnel.tcp(port);
            TestAgent greedy = TestAgent.start("127.0.0.1:1", tunnel.server().port(), tunnel.server().token(),
                    tcp().remotePort(port).ca(tunnel.server().caFile()));
            assertRefused(greedy, "TF-PORT-TAKEN", "" + port, "kept");
            tunnel.relay().refuse(false);
            // The agent's pauses may have grown.
            Eventually.await(() -> "registered again", Duration.ofSeconds(30), () -> agent.log().entries("tunnel_registered").size() == 2);
            // Which of them is first nobody has promised.
            for (Peer visitor : List.of(waiting, another)) {
                visitor.send("ping");
            }
            for (int i = 0; i < 2; i++) {
                Peer local = tunnel.service().accept("ping");
                local.send("pong");
            }
            for (Peer visitor : List.of(waiting, another)) {
                assertEquals("pong", visitor.readText(4));
            }
            assertEquals(port, port(agent));
        }
    }

    @Test
    void whenTheGraceTimeIsOverWaitingVisitorsAreResetAndThePortIsFree() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(withoutAgent().withRelay().grace(Duration.ofSeconds(1)))) {
            TestAgent agent = agent(tunnel, tcp());
            int port = port(agent);
            cut(tunnel);
            tunnel.tcp(port).awaitReset();
            tunnel.server().log().await("tunnel_expired", LIMIT);
            Eventually.await("the name is free", () -> tunnel.server().tunnels() == 0);
            listen(port).close();
            tunnel.relay().refuse(false);
            Eventually.await("registered again", () -> agent.log().entries("tunnel_registered").size() == 2);
            assertEquals(port, port(agent));
            assertServes(tunnel, port);
        }
    }

    /** An agent that has had its tunnel ends while the server cannot be reached, as if it had been killed. */
    private static void endAway(TunnelFixture tunnel, TestAgent.Options options) throws Exception {
        TestAgent first = agent(tunnel, options);
        first.url();
        cut(tunnel);
        first.stop();
        assertEquals(0, first.awaitExit(LIMIT));
        first.releaseId();
    }

    @Test
    void anAgentThatIsStartedAnewTakesItsPortOver() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(withoutAgent().withRelay())) {
            int port = tunnel.server().firstTcpPort();
            endAway(tunnel, tcp().remotePort(port).idIn(state));
            tunnel.relay().refuse(false);
            TestAgent second = agent(tunnel, tcp().remotePort(port).idIn(state));
            assertEquals(port, port(second));
            assertServes(tunnel, port);
            second.close();
            second.releaseId();
        }
    }

    /** They were reset, when the port closed with the tunnel that they had come to. */
    @Test
    void visitorsThatWaitedForTheKilledAgentAreServedByTheNext() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(withoutAgent().withRelay())) {
            int port = tunnel.server().firstTcpPort();
            endAway(tunnel, tcp().remotePort(port).idIn(state));
            Peer waiting = tunnel.tcp(port);
            Eventually.await("it waits", () -> tunnel.server().waiting() == 1);
            tunnel.relay().refuse(false);
            TestAgent second = agent(tunnel, tcp().remotePort(port).idIn(state));
            assertEquals(port, port(second));
            assertServed(tunnel, waiting);
            assertServes(tunnel, port);
            second.close();
            second.releaseId();
            listen(port).close();
        }
    }

    @Test
    void aRestartedServerGivesTheSamePortAgain() throws Exception {
        Path kept = TestServer.copyOfPrepared(TestServer.DOMAIN);
        try (ScriptedService service = new ScriptedService().play(local -> local.send(local.readToEnd()).close())) {
            TestServer before = TestServer.start(new TestServer.Options().stateDirectory(kept));
            try (TestAgent agent = TestAgent.start("127.0.0.1:" + service.port(), before.port(), before.token(), tcp().ca(before.caFile()))) {
                int port = port(agent);
                before.close();
                // One that was accepted at that moment ends by itself.
                Eventually.await("no task is left", () -> before.liveTasks() == 0);
                try (TestServer after = TestServer.start(new TestServer.Options().stateDirectory(kept).port(before.port())
                        .tcpPorts(before.firstTcpPort(), before.lastTcpPort()))) {
                    Eventually.await("registered again", () -> agent.log().entries("tunnel_registered").size() == 2);
                    assertTrue(after.hasTunnel("tunnel.localhost:" + port));
                    try (java.net.Socket socket = new java.net.Socket(InetAddress.getLoopbackAddress(), port)) {
                        Peer visitor = new Peer(socket, socket);
                        visitor.send("echo").finish();
                        assertEquals("echo", new String(visitor.readToEnd()));
                    }
                    agent.stop();
                    assertEquals(0, agent.awaitExit(LIMIT));
                }
            }
        } finally {
            TestServer.delete(kept);
        }
    }
}
