package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The program, run as a person types it, with a state directory of its own. */
final class Typed {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Path home;
    private final Map<String, String> names;

    /** {@code names} stand in braces in what is typed, and in what is expected. */
    Typed(Path home, Map<String, String> names) {
        this.home = home;
        this.names = names;
    }

    /** With the names put in. */
    String named(String text) {
        String all = text;
        for (Map.Entry<String, String> name : names.entrySet()) {
            all = all.replace('{' + name.getKey() + '}', name.getValue());
        }
        return all;
    }

    /** Starts it; standard output goes to the file {@code output}, errors to {@code errors}. */
    Process start(String typed) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                "-cp", System.getProperty("java.class.path"), "tunnelforge.Main"));
        command.addAll(List.of(named(typed).split(" +")));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("TUNNELFORGE_HOME", home.toString());
        return builder.redirectError(errors().toFile()).redirectOutput(output().toFile()).start();
    }

    private Path output() {
        return home.resolve("output");
    }

    private Path errors() {
        return home.resolve("errors");
    }

    /** All that the last one has said so far. */
    String said() {
        try {
            return Files.readString(output()) + Files.readString(errors());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** It must end by itself, with that exit code, and say these things in three lines at most. */
    void fails(String typed, int exitCode, String message, String nextStep) throws IOException, InterruptedException {
        Process program = start(typed);
        boolean ended = program.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
        program.destroyForcibly();
        String said = Files.readString(errors());
        assertTrue(ended, () -> "it still runs: " + said);
        assertEquals(exitCode, program.exitValue(), said);
        assertTrue(said.startsWith("tunnelforge: ") && said.contains(named(message)) && said.contains(named(nextStep)), said);
        assertTrue(said.lines().count() <= 3, said);
    }
}
