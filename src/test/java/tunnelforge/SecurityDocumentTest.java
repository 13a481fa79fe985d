package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** SECURITY.md names a test for each promise: those tests are there. */
final class SecurityDocumentTest {
    private static final Path ROOT = Stream.iterate(Path.of("").toAbsolutePath(), at -> at != null, Path::getParent).filter(at -> Files.exists(at.resolve("SECURITY.md"))).findFirst().orElseThrow();

    private static List<MatchResult> found(String pattern) throws IOException {
        return Pattern.compile(pattern).matcher(Files.readString(ROOT.resolve("SECURITY.md"))).results().toList();
    }

    @Test
    void theTestsThatItNamesAreThere() throws IOException {
        Map<String, String> sources;
        try (Stream<Path> files = Files.walk(ROOT.resolve("src/test/java"))) {
            sources = files.filter(file -> file.toString().matches(".*(Test|Trial)\\.java")).collect(Collectors.toMap(file -> file.getFileName().toString(), SecurityDocumentTest::read));
        }
        List<MatchResult> named = found("`(\\w+(?:Test|Trial))(?:#(\\w+))?`");
        assertTrue(named.size() > 80, "it names " + named.size());
        for (MatchResult each : named) {
            String source = sources.get(each.group(1) + ".java");
            assertTrue(source != null && (each.group(2) == null || source.contains(" void " + each.group(2) + "(")), each.group());
        }
    }

    @Test
    void theTargetsThatItNamesAreThere() throws IOException {
        String makefile = read(ROOT.resolve("Makefile"));
        List<MatchResult> named = found("`make ([\\w-]+)`");
        assertTrue(named.size() > 3);
        for (MatchResult each : named) {
            assertTrue(makefile.contains("\n" + each.group(1) + ":"), each.group());
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
