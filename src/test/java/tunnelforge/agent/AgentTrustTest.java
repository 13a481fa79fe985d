package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.cli.ExitException;
import tunnelforge.net.TestCertificates;

/** Trust on connections that a real server would not make fail: in front of it, and after the control connection. */
final class AgentTrustTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ManualServer server;
    @TempDir
    private Path files;

    AgentTrustTest() throws Exception {
        server = new ManualServer();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    /** With TLS 1.3 the client learns of it when it reads first. */
    @Test
    void whatStandsInFrontMayDemandACertificateInTls() throws Exception {
        server.needsCertificates();
        try (TestAgent agent = server.startAgent(8080)) {
            ExitException exit = agent.awaitEnd(LIMIT);
            assertEquals(4, exit.code(), exit.getMessage());
            assertTrue(exit.getMessage().contains("does not accept who this agent is") && exit.getMessage().contains("\ngive --cert FILE and --key FILE"), exit.getMessage());
        }
        Path own = files.resolve("own.pem");
        TestCertificates.write(TestCertificates.client(TestCertificates.ca("nobody's CA"), "laptop"), own);
        try (TestAgent agent = server.startAgent(8080, new TestAgent.Options().certificate(own))) {
            ExitException exit = agent.awaitEnd(LIMIT);
            assertEquals(4, exit.code(), exit.getMessage());
            assertTrue(exit.getMessage().contains("does not accept who this agent is") && exit.getMessage().contains("\nask whoever runs the server"), exit.getMessage());
        }
    }

    @Test
    void anAgentSpeaksNoOlderTls() throws Exception {
        server.isOld();
        try (TestAgent agent = server.startAgent(8080)) {
            agent.log().await("server_unsuitable", LIMIT);
            assertEquals("it does not speak TLS 1.3, so it is no TunnelForge server", agent.log().entries("server_unsuitable").getFirst().fields().get("error"));
            assertEquals(0, server.controls());
        }
    }

    @Test
    void dataConnectionsAreJudgedLikeTheControlConnection() throws Exception {
        try (TestAgent agent = server.startAgent(8080)) {
            ManualServer.Control control = server.control();
            control.next("register_tunnel");
            control.registered("t");
            server.isAnother();
            for (int i = 0; i < 3; i++) {
                control.send("{'type':'open_data_connection','tunnel_id':'t','connection_id':'c" + i + "'}");
            }
            agent.log().await("data_failed", LIMIT);
            String error = String.valueOf(agent.log().entries("data_failed").getFirst().fields().get("error"));
            assertTrue(error.contains("is not vouched for by the CA that was given"), error);
            agent.stop();
            control.next("close_tunnel");
            control.close(1000);
            assertEquals(0, agent.awaitExit(LIMIT));
        }
    }
}
