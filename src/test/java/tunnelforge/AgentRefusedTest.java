package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tunnelforge.agent.TestAgent;
import tunnelforge.cli.ExitException;
import tunnelforge.net.ClientHello;
import tunnelforge.net.ManualClock;
import tunnelforge.server.TestServer;

/** How an agent ends, or goes on, when the server or its certificate says no. */
final class AgentRefusedTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static TunnelFixture tunnel;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start(new TunnelFixture.Options().subdomain("taken"));
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    private static TestAgent.Options trusting() {
        return new TestAgent.Options().ca(tunnel.server().caFile());
    }

    /** Starts an agent that must end by itself. */
    private static ExitException ended(String token, TestAgent.Options options) throws Exception {
        try (TestAgent agent = TestAgent.start("127.0.0.1:" + tunnel.service().port(), tunnel.server().port(), token, options)) {
            ExitException exit = agent.awaitEnd(LIMIT);
            assertNotNull(exit, "it ended as if asked to");
            assertEquals(0, agent.liveTasks());
            assertEquals(0, agent.tickerSize());
            return exit;
        }
    }

    @Test
    void aWrongTokenEndsItWith3() throws Exception {
        ExitException exit = ended("tf_wrong", trusting());
        assertEquals(3, exit.code());
        assertTrue(exit.getMessage().contains("TF-AUTH") && exit.getMessage().contains("127.0.0.1:" + tunnel.server().port()), exit.getMessage());
        assertFalse(exit.getMessage().contains("tf_wrong"));
        assertTrue(exit.getMessage().contains("\nwhere the server has accounts, ask whoever runs it; where it has none, the line that 'token show' prints"), exit.getMessage());
    }

    @Test
    void aNameThatIsTakenEndsItWith3() throws Exception {
        ExitException exit = ended(tunnel.server().token(), trusting().subdomain("taken"));
        assertEquals(3, exit.code());
        assertTrue(exit.getMessage().contains("taken.tunnel.localhost"), exit.getMessage());
        assertTrue(exit.getMessage().contains("\nask for another name with --subdomain"), exit.getMessage());
    }

    @Test
    void aNameThatNobodyMayHaveEndsItWith3() throws Exception {
        assertEquals(3, ended(tunnel.server().token(), trusting().subdomain("www")).code());
        assertEquals(3, ended(tunnel.server().token(), trusting().hostname("x.tunnel.localhost")).code());
    }

    @Test
    void aCertificateOfAnUnknownCaEndsItWith4() throws Exception {
        ExitException exit = ended(tunnel.server().token(), new TestAgent.Options());
        assertEquals(4, exit.code());
        assertTrue(exit.getMessage().contains("says with --pin what to trust"), exit.getMessage());
    }

    @Test
    void anotherCaEndsItWith4() throws Exception {
        try (TestServer other = TestServer.start(new TestServer.Options().domain("other.test"))) {
            ExitException byCa = ended(tunnel.server().token(), new TestAgent.Options().ca(other.caFile()));
            assertEquals(4, byCa.code());
            assertTrue(byCa.getMessage().contains("\nif the server was set up anew, start again with its new ca.pem"), byCa.getMessage());
            ExitException byPin = ended(tunnel.server().token(), new TestAgent.Options().pin(other.pin()));
            assertEquals(4, byPin.code());
            assertTrue(byPin.getMessage().contains("\n'token show' on the server's machine prints the line"), byPin.getMessage());
        }
    }

    @Test
    void aCertificateForAnotherNameEndsItWith4() throws Exception {
        assertEquals(4, ended(tunnel.server().token(), trusting().serverName("elsewhere.test")).code());
    }

    @Test
    void theServersPinIsTrustEnough() throws Exception {
        try (TestAgent agent = TestAgent.start("127.0.0.1:" + tunnel.service().port(), tunnel.server().port(), tunnel.server().token(),
                new TestAgent.Options().pin(tunnel.server().pin()))) {
            tunnel.service().serveText("pinned");
            URI url = URI.create(agent.url());
            Peer visitor = tunnel.visitor(url.getHost());
            visitor.send("GET / HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n\r\n");
            assertEquals("pinned", visitor.readResponse().text());
        }
    }

    /** What stands in front of a server may choose by the name. */
    @Test
    void aServerAtAnAddressIsAskedForByTheNameThatWasGiven() throws Exception {
        try (ScriptedService front = new ScriptedService();
                TestAgent agent = TestAgent.start("127.0.0.1:1", front.port(), "token", trusting().serverName("tunnel.localhost"))) {
            assertEquals("tunnel.localhost", ClientHello.read(front.accept().in(), ClientHello.DEFAULT_LIMIT_BYTES).serverName());
            agent.stop();
        }
        try (TestAgent agent = TestAgent.start("127.0.0.1:" + tunnel.service().port(), tunnel.server().port(), tunnel.server().token(),
                trusting().serverName("tunnel.localhost"))) {
            tunnel.service().serveText("named");
            URI url = URI.create(agent.url());
            assertEquals("named", tunnel.visitor(url.getHost()).send("GET / HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n\r\n").readResponse().text());
        }
    }

    @Test
    void aServerThatIsNotThereIsTriedUntilItIs() throws Exception {
        int port = ScriptedService.freePort();
        try (TestAgent agent = TestAgent.start("127.0.0.1:1", port, tunnel.server().token(), trusting())) {
            Eventually.await("it says so and tries again", () -> agent.log().entries("server_unreachable").size() >= 2);
            assertTrue(agent.log().entries("server_unreachable").get(0).message().contains("127.0.0.1:" + port));
            try (TestServer late = TestServer.start(new TestServer.Options().port(port))) {
                assertTrue(agent.url().endsWith(":" + port));
                agent.stop();
                assertEquals(0, agent.awaitExit(LIMIT));
                assertEquals(0, late.tunnels());
            }
        }
    }

    @Test
    void aServerThatSaysNothingIsLeft() throws Exception {
        ManualClock clock = new ManualClock();
        try (ScriptedService silent = new ScriptedService();
                TestAgent agent = TestAgent.start("127.0.0.1:1", silent.port(), "token", trusting().clock(clock))) {
            silent.accept();
            clock.advanceUntil("it is told", Duration.ofSeconds(12), () -> !agent.log().entries("server_unreachable").isEmpty());
            assertEquals("no answer within 10 s", agent.log().entries("server_unreachable").getFirst().fields().get("error"));
            silent.accept();
        }
    }

    @Test
    void anAgentCanBeStoppedWhileTheServerSaysNothing() throws Exception {
        try (ScriptedService silent = new ScriptedService();
                TestAgent agent = TestAgent.start("127.0.0.1:1", silent.port(), "token", trusting())) {
            silent.accept();
            long before = System.nanoTime();
            agent.stop();
            assertEquals(0, agent.awaitExit(LIMIT));
            assertTrue(System.nanoTime() - before < Duration.ofSeconds(8).toNanos(), "it waited for the attempt to end");
        }
    }

    @Test
    void anAgentThatIsStillConnectingCanBeStopped() throws Exception {
        try (TestAgent agent = TestAgent.start("127.0.0.1:1", ScriptedService.closedPort(), "token", trusting())) {
            agent.log().await("server_unreachable", LIMIT);
            agent.stop();
            assertEquals(0, agent.awaitExit(LIMIT));
        }
    }
}
