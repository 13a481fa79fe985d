package tunnelforge.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.TunnelFixture;
import tunnelforge.net.ManualClock;

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
    void aFileThatCannotBeReadIsNamed() throws Exception {
        Path state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        TestServer.Options options = new TestServer.Options().stateDirectory(state);
        String key = "00".repeat(32);
        try {
            for (String text : List.of("{\"token\":\"\u00ff\",\"resume_key\":\"" + key + "\"}", "{\"token\":\"tf_x\",\"resume_key\":\"\"}", "{\"token\":\"tf_x\",\"resume_key\":\"00\"}",
                "{\"token\":\"tf_x\",\"resume_key\":\"x\"}", "{\"token\":\"\",\"resume_key\":\"" + key + "\"}", "")) {
                Files.writeString(state.resolve("server.json"), text, ISO_8859_1);
                String message = assertThrows(IOException.class, () -> TestServer.start(options), text).getMessage();
                assertTrue(message.startsWith(state.resolve("server.json") + " cannot be read: "), message);
            }
            Files.delete(state.resolve("server.json"));
            Files.write(state.resolve("agent.json"), new byte[] {(byte) 0xff});
            TestServer.start(options).close();
            assertEquals(1, Files.size(state.resolve("agent.json")), "what a person has written is left alone");
        } finally {
            TestServer.delete(state);
        }
    }

    /** As on a disk that is full: each of the attempts, two a second, left a directory behind. */
    @Test
    void whatCannotBeWrittenLeavesNothingBehind() throws Exception {
        Path state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        ManualClock clock = new ManualClock();
        // A file cannot take its place.
        Files.createDirectories(state.resolve("tunnels.json/full"));
        TunnelFixture.Options options = new TunnelFixture.Options().withoutAgent();
        options.server().stateDirectory(state).clock(clock);
        try {
            try (TunnelFixture fixture = TunnelFixture.start(options)) {
                ManualAgent agent = ManualAgent.register(fixture);
                for (int i = 0; i < 5; i++) {
                    clock.advance(Duration.ofSeconds(1));
                    agent.sync();
                    Eventually.await("it has been tried", () -> fixture.server().log().entries("tunnels_not_kept").size() == 1);
                }
                agent.end();
            }
            try (Stream<Path> files = Files.list(state)) {
                assertEquals(List.of(), files.map(file -> file.getFileName().toString()).filter(name -> name.startsWith(".work-")).toList());
            }
        } finally {
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
