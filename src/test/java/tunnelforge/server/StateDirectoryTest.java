package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a server keeps on disk. */
final class StateDirectoryTest {
    @Test
    void isFreeAgainAfterAStartThatFailed() throws Exception {
        try (TestServer other = TestServer.start()) {
            java.nio.file.Path state = TestServer.copyOfPrepared(TestServer.DOMAIN);
            assertThrows(IOException.class, () -> TestServer.start(new TestServer.Options().stateDirectory(state).port(other.port())));
            TestServer.start(new TestServer.Options().stateDirectory(state)).close();
            TestServer.delete(state);
        }
    }

    @Test
    void servesOneServerAtATime() throws Exception {
        Path state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        TestServer.Options options = new TestServer.Options().stateDirectory(state);
        try {
            try (TestServer first = TestServer.start(options)) {
                String agentFile = Files.readString(state.resolve("agent.json"));
                assertTrue(agentFile.contains("localhost:" + first.port()), "the agents of this user go there");
                IOException refused = assertThrows(IOException.class, () -> TestServer.start(options));
                assertTrue(refused.getMessage().startsWith("another server uses the state directory " + state), refused.getMessage());
                assertEquals(agentFile, Files.readString(state.resolve("agent.json")));
            }
            TestServer.start(options).close();
        } finally {
            TestServer.delete(state);
        }
    }
}
