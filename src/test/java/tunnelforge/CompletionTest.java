package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.agent.AgentMain;
import tunnelforge.agent.DoctorMain;
import tunnelforge.cli.Launch;
import tunnelforge.server.ServerMain;

/** The scripts that {@code completion} prints, in the shells that they are for. */
final class CompletionTest {
    @TempDir
    private Path directory;

    private static String printed(int code, String... words) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        assertEquals(code, Launch.run(List.of(new ServerMain(), new AgentMain(), new DoctorMain(out)), out, out, words));
        return said.toString(StandardCharsets.UTF_8);
    }

    private static boolean exists(String shell) {
        return Stream.of(System.getenv("PATH").split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, shell)));
    }

    private String run(String... words) throws Exception {
        Process process = new ProcessBuilder(words).directory(directory.toFile()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), said);
        return said;
    }

    /** What bash offers for the last of these words, of which the first is the program. */
    private String offered(String... words) throws Exception {
        assumeTrue(exists("bash"), "there is no bash");
        Files.writeString(directory.resolve("script"), printed(0, "completion", "bash"));
        String all = String.join(" ", Stream.of(words).map(word -> "'" + word + "'").toList());
        return run("bash", "--norc", "-c", "source ./script; COMP_WORDS=(" + all + "); COMP_CWORD=" + (words.length - 1)
                + "; complete -p tunnelforge-linux-x64 > /dev/null && _tunnelforge; echo \"${COMPREPLY[*]}\"").strip();
    }

    @Test
    void commandsAreCompleted() throws Exception {
        assertEquals("server agent doctor help completion version", offered("tunnelforge", ""));
        assertEquals("agent", offered("./tunnelforge", "a"));
        assertEquals("", offered("tunnelforge", "frob"));
    }

    @Test
    void optionsAreCompletedOnceThereIsADash() throws Exception {
        assertEquals("--subdomain", offered("tunnelforge", "agent", "8080", "--sub"));
        assertEquals("--server --server-name --state-dir", offered("tunnelforge-linux-x64", "doctor", "--s"));
        assertEquals("start config", offered("tunnelforge", "agent", ""));
        assertEquals("", offered("tunnelforge", "doctor", "--subd"));
    }

    @Test
    void choicesFilesAndDirectoriesAreCompleted() throws Exception {
        assertEquals("http https tcp tls", offered("tunnelforge", "agent", "--protocol", ""));
        assertEquals("rewrite preserve", offered("tunnelforge", "agent", "--host-header", ""));
        assertEquals("text terminal", offered("tunnelforge", "server", "--log-format", "=", "te"));
        assertEquals("text json terminal", offered("tunnelforge", "server", "--log-format", "="));
        Files.writeString(directory.resolve("my ca.pem"), "");
        Files.createDirectory(directory.resolve("my state"));
        assertEquals("my ca.pem\nmy state", String.join("\n", Stream.of(offered("tunnelforge", "agent", "--ca", "my").split("(?<!my) ")).sorted().toList()));
        assertEquals("my state", offered("tunnelforge", "server", "--state-dir", "my"));
        assertEquals("", offered("tunnelforge", "agent", "--token", ""));
    }

    @Test
    void operandsThatAreKnownAreCompleted() throws Exception {
        assertEquals("doctor", offered("tunnelforge", "help", "d"));
        assertEquals("bash zsh", offered("tunnelforge", "completion", ""));
    }

    @Test
    void zshUnderstandsItsScript() throws Exception {
        String script = printed(0, "completion", "zsh");
        assertTrue(script.startsWith("#compdef tunnelforge tunnelforge-linux-x64 "), script);
        assertTrue(script.contains("'*--pin=[the key that the server, or its CA, must have; as the server printed it]:sha256/...:'"), script);
        assertTrue(script.contains(":DIR:_files -/'") && script.contains(":FILE:_files'") && script.contains(":(http https tcp tls)'"), script);
        assumeTrue(exists("zsh"), "there is no zsh");
        Files.writeString(directory.resolve("script"), script);
        assertEquals("", run("zsh", "-f", "-n", "script"));
    }

    @Test
    void anotherShellIsWrongUsage() throws IOException {
        for (String[] words : new String[][] {{"completion"}, {"completion", "fish"}}) {
            assertEquals("tunnelforge: for which shell? write completion bash or completion zsh\ntry: tunnelforge help completion\n", printed(2, words));
        }
    }

    @Test
    void helpOfEveryCommandFitsAndTellsHowToInstall() {
        for (String command : List.of("server", "agent", "doctor", "help", "completion", "version")) {
            String help = printed(0, "help", command);
            assertTrue(help.lines().allMatch(line -> line.length() <= 80), help);
        }
        assertTrue(printed(0, "help", "completion").contains("\n  source <(tunnelforge completion bash)\n"));
        String list = printed(0, "help");
        assertTrue(list.lines().allMatch(line -> line.length() <= 80), list);
    }
}
