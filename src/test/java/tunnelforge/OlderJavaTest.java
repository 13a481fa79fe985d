package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code java} is often older than what the program needs, beside a Java that is not. */
class OlderJavaTest {
    private static final int JAVA_8_CLASSES = 52;
    private static final int TERMINATED = 143;
    private static final Path JVMS = Path.of("/usr/lib/jvm");
    @TempDir
    private Path directory;

    /** A Java that is too old; the test is skipped where there is none. */
    private static Path older() throws IOException {
        Path found = null;
        if (Files.isDirectory(JVMS)) {
            try (Stream<Path> homes = Files.list(JVMS)) {
                found = homes.filter(OlderJavaTest::isOlder).findFirst().orElse(null);
            }
        }
        assumeTrue(found != null, "no Java older than 21 in " + JVMS);
        return found.resolve("bin/java");
    }

    private static boolean isOlder(Path home) {
        try (Stream<String> lines = Files.lines(home.resolve("release"))) {
            return Files.isExecutable(home.resolve("bin/java")) && lines.filter(line -> line.startsWith("JAVA_VERSION="))
                    .map(line -> line.replaceAll("[^0-9.]", "").replaceFirst("^1\\.", "").replaceFirst("\\..*", ""))
                    .anyMatch(major -> Integer.parseInt(major) < 21);
        } catch (IOException e) {
            return false;
        }
    }

    private ProcessBuilder program(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(older().toString(), "-Xmx64m", "-cp", System.getProperty("java.class.path"), "tunnelforge.Main"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("TUNNELFORGE_HOME", directory.toString());
        // The one that runs the tests will do, wherever it is.
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder;
    }

    private static String text(InputStream from) throws IOException {
        return new String(from.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertTrue(process.waitFor(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS), "it still runs");
        return process.exitValue();
    }

    @ParameterizedTest
    @CsvSource({"1.8,8", "11,11", "17,17", "21,21", "25,25"})
    void versionsAreRead(String specification, int version) {
        assertEquals(version, Main.version(specification));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Main", "OlderJava"})
    void everyJavaCanLoadWhatComesFirst(String name) throws IOException {
        try (InputStream in = Main.class.getResourceAsStream(name + ".class")) {
            byte[] head = in.readNBytes(8);
            assertEquals(JAVA_8_CLASSES, head[7]);
        }
    }

    @Test
    void theFinderInTheJarIsTheScript() throws IOException {
        try (InputStream in = Main.class.getResourceAsStream("find-jdk")) {
            assertArrayEquals(Files.readAllBytes(Path.of("scripts/find-jdk")), in.readAllBytes());
        }
    }

    @Test
    void anotherRunsTheProgramInItsPlace() throws Exception {
        Process process = program("version").start();
        String out = text(process.getInputStream());
        String err = text(process.getErrorStream());
        assertEquals(0, exitCode(process), err);
        assertTrue(out.startsWith("tunnelforge "), out);
        assertTrue(err.contains("going on with the one in " + System.getProperty("java.home")), err);
        assertEquals(1, err.lines().count(), err);
    }

    @Test
    void theExitCodeIsTheProgramsOwn() throws Exception {
        Process process = program("agent", "--no-such-option").redirectErrorStream(true).start();
        assertTrue(text(process.getInputStream()).contains("--no-such-option"));
        assertEquals(2, exitCode(process));
    }

    private Process server() throws IOException {
        Process process = program("server", "--port", "0", "--bind", "127.0.0.1", "--log-format", "json").start();
        BufferedReader out = process.inputReader();
        String line;
        do {
            line = out.readLine();
            assertTrue(line != null, "the server has ended");
        } while (!line.contains("\"listening\""));
        return process;
    }

    @Test
    void aSignalIsPassedOn() throws Exception {
        Process process = server();
        List<ProcessHandle> running = process.descendants().toList();
        assertEquals(1, running.size());
        process.destroy();
        assertEquals(TERMINATED, exitCode(process));
        assertFalse(running.getFirst().isAlive());
    }

    @Test
    void nothingStaysBehindWhenItIsKilled() throws Exception {
        Process process = server();
        ProcessHandle running = process.descendants().findFirst().orElseThrow();
        process.destroyForcibly();
        Eventually.await("the program has ended", () -> !running.isAlive());
    }
}
