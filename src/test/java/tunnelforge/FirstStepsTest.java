package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.cli.Invocation;
import tunnelforge.json.JsonReader;
import tunnelforge.server.TestServer;

/** What the programs print to a new user, run as processes; without a terminal unless a test says otherwise. */
final class FirstStepsTest {
    private static final String AGENT = "tunnelforge agent ";
    private static final Path SCRIPT = Path.of("/usr/bin/script");

    @TempDir
    private Path elsewhere;
    private final List<Process> processes = new ArrayList<>();
    private Path state;

    @BeforeEach
    void prepare() throws IOException {
        state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        // As if no server had been started yet; keys are slow to make.
        Files.delete(state.resolve("directions.json"));
        Path file = state.resolve("server.json");
        String shown = Files.readString(file);
        assertTrue(shown.contains("\"token_shown\": true"), shown);
        Files.writeString(file, shown.replace("\"token_shown\": true", "\"token_shown\": false"));
    }

    @AfterEach
    void end() {
        processes.forEach(process -> process.descendants().forEach(ProcessHandle::destroyForcibly));
        processes.forEach(Process::destroyForcibly);
        TestServer.delete(state);
    }

    private Process start(Path stateDirectory, List<String> words) throws IOException {
        Process process = run(command(stateDirectory, words));
        process.getOutputStream().close();
        return process;
    }

    private static List<String> command(Path stateDirectory, List<String> words) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), "tunnelforge.Main"));
        command.addAll(words);
        command.addAll(List.of("--state-dir", stateDirectory.toString()));
        return command;
    }

    private Process run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        processes.add(process);
        return process;
    }

    /** What it prints up to a line with these words. */
    private static String output(Process process, String until) throws IOException {
        StringBuilder all = new StringBuilder();
        BufferedReader reader = process.inputReader();
        // Reading cannot be interrupted.
        CompletableFuture.delayedExecutor(30, TimeUnit.SECONDS).execute(process::destroyForcibly);
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            all.append(line).append('\n');
            if (line.contains(until)) {
                return all.toString();
            }
        }
        throw new AssertionError("no '" + until + "' in: " + all);
    }

    private String serverStart(String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of("server", "--port", "0", "--bind", "127.0.0.1"));
        words.addAll(List.of(more));
        Process server = start(state, words);
        return output(server, "Visitors reach names below");
    }

    private void endServer() throws InterruptedException {
        endServer(processes.getLast());
    }

    private static void endServer(Process server) throws InterruptedException {
        server.destroy();
        assertTrue(server.waitFor(20, TimeUnit.SECONDS));
    }

    private String token() throws Exception {
        return JsonReader.parseObject(Files.readString(state.resolve("server.json"))).string("token");
    }

    private String tokenShow() throws Exception {
        Process show = start(state, List.of("token", "show"));
        String line = output(show, AGENT).strip();
        assertTrue(show.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, show.exitValue());
        return line;
    }

    @Test
    void theTokenIsPrintedOnTheFirstStartOnly() throws Exception {
        assertTrue(serverStart().contains(" --token " + token() + " "));
        endServer();
        String second = serverStart();
        assertFalse(second.contains(token()), second);
        assertTrue(second.contains(" --token TOKEN "), second);
        assertTrue(second.contains("tunnelforge token show --state-dir " + state), second);
    }

    @Test
    void anAgentOfTheSameUserFindsAServerThatIsBoundToAnotherAddress() throws Exception {
        Process server = start(state, List.of("server", "--port", "0", "--bind", "127.0.0.9"));
        output(server, "Visitors reach names below");
        output(start(state, List.of("agent", "8080")), ".tunnel.localhost:");
        endServer(server);
        Process again = start(state, List.of("server", "--port", "0", "--bind", "127.0.0.1"));
        output(again, "Visitors reach names below");
        assertTrue(Files.readString(state.resolve("agent.json")).contains("localhost:"), "the file is still the server's to write");
    }

    @Test
    void agentsThatAreTakenForTheLoadBalancerAreWarnedOf() throws Exception {
        String started = serverStart("--accept-proxy-protocol", "127.0.0.0/8");
        assertTrue(started.contains("agents on this machine cannot get in"), started);
    }

    @Test
    void theTokenIsPrintedOnATerminal() throws Exception {
        assumeTrue(Files.isExecutable(SCRIPT), "no " + SCRIPT + " here to make a terminal");
        serverStart();
        endServer();
        String command = String.join(" ", command(state, List.of("server", "--port", "0", "--bind", "127.0.0.1")).stream().map(Invocation::word).toList());
        Process terminal = run(List.of(SCRIPT.toString(), "-qec", "exec " + command, "/dev/null"));
        String second = output(terminal, "Visitors reach names below");
        terminal.descendants().forEach(ProcessHandle::destroy);
        assertTrue(second.contains(" --token " + token() + " "), second);
    }

    @Test
    void aTokenThatWasGivenIsNotPrinted() throws Exception {
        String first = serverStart("--token", "the-operators-own");
        assertFalse(first.contains("the-operators-own"), first);
        assertTrue(tokenShow().contains(" --token the-operators-own "));
    }

    @Test
    void theLineThatTokenShowPrintsOpensATunnel() throws Exception {
        serverStart();
        String line = tokenShow();
        assertTrue(line.startsWith(AGENT + "8080 --server HOST:"), line);
        // Nothing but the line says what to trust: the agent's own state directory is empty.
        Process agent = start(elsewhere, List.of(line.replace("HOST", "127.0.0.1").replaceFirst("tunnelforge ", "").split(" ")));
        output(agent, ".tunnel.localhost:");
    }

    @Test
    void tokenShowWorksWhenTheServerHasEnded() throws Exception {
        serverStart();
        endServer();
        assertTrue(tokenShow().contains(" --token " + token() + " --pin sha256/"));
    }

    @Test
    void tokenShowSaysWhereNoServerHasBeen() throws Exception {
        Process show = start(elsewhere, List.of("token", "show"));
        assertTrue(output(show, "no server has been started").contains("no server has been started with the state directory " + elsewhere));
        assertEquals(1, show.waitFor());
    }

    @Test
    void tokenTakesOneWord() throws Exception {
        for (List<String> words : List.of(List.of("token"), List.of("token", "show", "--tier", "pro"), List.of("token", "no name"))) {
            Process wrong = start(state, words);
            assertFalse(output(wrong, "token").contains("tf_"));
            assertEquals(2, wrong.waitFor());
        }
    }

    @Test
    void theDirectionsAreTheOwnersAlone() throws Exception {
        serverStart();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve("directions.json"))));
    }
}
