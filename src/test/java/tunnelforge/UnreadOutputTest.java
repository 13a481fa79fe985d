package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.agent.TestAgent;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.server.TestServer;

/** The programs as processes whose standard output and standard error are one pipe, full from the start, that nobody reads. */
@EnabledOnOs(OS.LINUX)
final class UnreadOutputTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** Fills the pipe, through a way into it that does not block, and becomes the program. */
    private static final String FILL = "dd if=/dev/zero of=/proc/self/fd/1 bs=4096 oflag=nonblock conv=notrunc 2>/dev/null; exec \"$@\" 2>&1";

    @TempDir
    private Path state;
    private List<Process> pipeline = List.of();

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", FILL, "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", System.getProperty("java.class.path"), "tunnelforge.Main"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--state-dir", state.toString(), "--log-level", "debug"));
        pipeline = ProcessBuilder.startPipeline(List.of(new ProcessBuilder(command), new ProcessBuilder("sleep", "600")));
        return pipeline.getFirst();
    }

    @AfterEach
    void kill() {
        pipeline.forEach(Process::destroyForcibly);
    }

    private static void endsOnSigterm(Process program) throws InterruptedException {
        program.destroy();
        assertTrue(program.waitFor(20, TimeUnit.SECONDS), "SIGTERM did not end it");
    }

    @Test
    void agentsCouldNotRegisterAtAServerThatNobodyReads() throws Exception {
        Process server = start("server", "--port", "0", "--bind", "127.0.0.1");
        Path file = state.resolve("agent.json");
        Eventually.await(() -> "the server serves; alive: " + server.isAlive(), LIMIT, () -> Files.exists(file));
        JsonObject told = JsonReader.parseConfig(Files.readString(file));
        int port = Integer.parseInt(told.string("server").replace("localhost:", ""));
        try (TestAgent agent = TestAgent.start("8080", port, told.string("token"), new TestAgent.Options().ca(state.resolve("ca.pem")))) {
            assertTrue(agent.url().startsWith("https://"));
            endsOnSigterm(server);
        }
    }

    @Test
    void anAgentThatNobodyReadsCouldNotRegister() throws Exception {
        try (TestServer server = TestServer.start()) {
            Process agent = start("agent", "8080", "--server", "127.0.0.1:" + server.port(), "--token", server.token(), "--ca",
                    server.caFile().toString());
            Eventually.await(() -> "it has registered; alive: " + agent.isAlive(), LIMIT, () -> server.tunnels() == 1);
            endsOnSigterm(agent);
            Eventually.await("its tunnel is closed", () -> server.tunnels() == 0);
        }
    }

    @Test
    void aProgramThatNobodyReadsEndsByItself() throws Exception {
        Process agent = start("agent");
        assertTrue(agent.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS), "it waits for somebody to read its complaint");
        assertEquals(2, agent.exitValue());
    }
}
