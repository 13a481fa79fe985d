package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.agent.TestAgent;
import tunnelforge.cli.ExitException;

/** An agent that was killed and is started again takes its name over. */
final class TakeOverTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path state;

    private TestAgent.Options keepingItsId() {
        return new TestAgent.Options().subdomain("again").idIn(state);
    }

    private TunnelFixture start() throws Exception {
        return TunnelFixture.start(new TunnelFixture.Options().withRelay().withoutAgent());
    }

    private String target(TunnelFixture tunnel) {
        return "127.0.0.1:" + tunnel.service().port();
    }

    /** Its connections are gone, and it does not come back. */
    private static void kill(TunnelFixture tunnel, TestAgent agent) throws Exception {
        tunnel.relay().refuse(true);
        tunnel.relay().cutAll();
        tunnel.server().log().await("control_ended", LIMIT);
        agent.stop();
        assertEquals(0, agent.awaitExit(LIMIT));
        agent.releaseId();
        Eventually.await("the pool is empty", () -> tunnel.server().dataConnections() == 0);
    }

    private static Peer waitingVisitor(TunnelFixture tunnel, String host) throws IOException {
        Peer visitor = tunnel.visitor(host);
        return visitor.send("POST / HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 4\r\n\r\nbody");
    }

    @Test
    void visitorsThatWaitedForTheKilledAgentAreServedByTheNext() throws Exception {
        try (TunnelFixture tunnel = start()) {
            tunnel.service().serve((request, connection) -> {
                ScriptedService.respond(connection, "served " + request.text());
                return true;
            });
            TestAgent first = tunnel.startAgent(target(tunnel), keepingItsId());
            String url = first.url();
            kill(tunnel, first);
            Peer waiting = waitingVisitor(tunnel, "again.tunnel.localhost");
            tunnel.relay().refuse(false);
            TestAgent second = tunnel.startAgent(target(tunnel), keepingItsId());
            assertEquals("served body", waiting.readResponse().text());
            assertEquals(url, second.url());
            assertEquals(1, tunnel.server().tunnels());
            assertEquals(1, tunnel.service().requests());
            second.close();
            second.releaseId();
        }
    }

    @Test
    void anotherAgentIsToldThatTheNameIsKept() throws Exception {
        try (TunnelFixture tunnel = start()) {
            TestAgent first = tunnel.startAgent(target(tunnel), keepingItsId());
            first.url();
            kill(tunnel, first);
            tunnel.relay().refuse(false);
            ExitException exit = tunnel.startAgent(target(tunnel), new TestAgent.Options().subdomain("again")).awaitEnd(LIMIT);
            assertEquals(3, exit.code());
            assertTrue(exit.getMessage().contains("kept for an agent that has dropped, for 30 s at most"), exit.getMessage());
        }
    }

    /** As after "kill -9", with a service that has moved to another port meanwhile. */
    @Test
    void theNextAgentMayHaveAnotherLocalPort() throws Exception {
        try (TunnelFixture tunnel = start(); ScriptedService moved = new ScriptedService()) {
            moved.serve((request, connection) -> {
                ScriptedService.respond(connection, "moved");
                return true;
            });
            TestAgent first = tunnel.startAgent(target(tunnel), keepingItsId());
            String url = first.url();
            kill(tunnel, first);
            Peer waiting = waitingVisitor(tunnel, "again.tunnel.localhost");
            tunnel.relay().refuse(false);
            TestAgent second = tunnel.startAgent("127.0.0.1:" + moved.port(), new TestAgent.Options().subdomain("Again").idIn(state));
            assertEquals("moved", waiting.readResponse().text());
            assertEquals(url, second.url());
            second.close();
            second.releaseId();
        }
    }

    @Test
    void anAgentStartedWhileItsPredecessorFinishedIsKnownAgainAfterItsCrash() throws Exception {
        try (TunnelFixture tunnel = start()) {
            TestAgent finishing = tunnel.startAgent(target(tunnel), new TestAgent.Options().idIn(state));
            finishing.url();
            Path file;
            try (Stream<Path> files = Files.list(state.resolve("agents"))) {
                file = files.findFirst().orElseThrow();
            }
            String id = Files.readString(file);
            TestAgent second = tunnel.startAgent(target(tunnel), new TestAgent.Options().idIn(state));
            second.url();
            assertEquals(id, Files.readString(file));
            finishing.close();
            Eventually.await("the second keeps its own id", () -> !read(file).equals(id));
            String kept = read(file);
            kill(tunnel, second);
            tunnel.relay().refuse(false);
            TestAgent third = tunnel.startAgent(target(tunnel), new TestAgent.Options().idIn(state));
            third.url();
            assertEquals(kept, read(file), "the third is the second, started again");
            third.close();
            third.releaseId();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
