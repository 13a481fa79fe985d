package tunnelforge.agent.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.log.RecordingLog;

final class AgentIdTest {
    private static final List<String> WHAT = List.of("localhost:8080", "server:443", "demo", "https");

    @TempDir
    private Path state;

    private AgentId own() {
        return AgentId.own(state, WHAT, new RecordingLog().log());
    }

    private Path file() throws IOException {
        try (Stream<Path> files = Files.list(state.resolve("agents"))) {
            return files.findFirst().orElseThrow();
        }
    }

    @Test
    void theNextAgentFindsTheIdOfTheOneBefore() {
        AgentId first = own();
        first.close();
        try (AgentId second = own()) {
            assertEquals(first.value(), second.value());
            assertTrue(second.value().matches("[0-9a-f]{32}"));
        }
        try (AgentId other = AgentId.own(state, List.of("localhost:8081", "server:443", "demo", "https"), new RecordingLog().log())) {
            assertNotEquals(first.value(), other.value());
        }
    }

    @Test
    void anAgentStartedWhileItsPredecessorFinishedWasAStrangerAfterItsNextCrash() throws IOException {
        AgentId finishing = own();
        AgentId second = own();
        assertNotEquals(finishing.value(), second.value());
        second.adopt();
        assertEquals(finishing.value(), Files.readString(file()), "a live agent's id stays");
        finishing.close();
        second.adopt();
        second.adopt();
        assertEquals(second.value(), Files.readString(file()));
        try (AgentId meanwhile = own()) {
            assertNotEquals(second.value(), meanwhile.value(), "the second has the lock");
        }
        // All that a crash leaves is the file.
        second.close();
        try (AgentId third = own()) {
            assertEquals(second.value(), third.value());
        }
    }

    @Test
    void oneOfTwoThatWaitAdoptsAndTheOtherAfterIt() throws IOException {
        AgentId finishing = own();
        AgentId second = own();
        AgentId third = own();
        finishing.close();
        second.adopt();
        third.adopt();
        assertEquals(second.value(), Files.readString(file()));
        second.close();
        third.adopt();
        assertEquals(third.value(), Files.readString(file()));
        third.close();
        third.adopt();
    }

    @Test
    void aFileThatHoldsNoIdGetsOne() throws IOException {
        own().close();
        for (String broken : List.of("", "0123", "x".repeat(32), "0".repeat(33))) {
            Files.writeString(file(), broken);
            AgentId made = own();
            made.close();
            assertEquals(made.value(), Files.readString(file()), broken);
        }
    }

    @Test
    void whereNoFileCanBeHadTheIdIsForThisRun() throws IOException {
        Path noFolder = Files.writeString(state.resolve("file"), "");
        RecordingLog log = new RecordingLog();
        try (AgentId id = AgentId.own(noFolder, WHAT, log.log())) {
            id.adopt();
            assertTrue(id.value().matches("[0-9a-f]{32}"));
            assertEquals(1, log.entries("agent_id_not_kept").size());
        }
    }
}
