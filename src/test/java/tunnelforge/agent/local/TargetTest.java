package tunnelforge.agent.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.cli.UsageException;

/** What may be typed as TARGET. */
class TargetTest {
    private static String refused(String text) {
        return assertThrows(UsageException.class, () -> Target.parse(text)).getMessage();
    }

    @ParameterizedTest
    @CsvSource({"8080, localhost:8080, localhost:8080", "80, localhost:80, localhost", "intranet:81, intranet:81, intranet:81",
        "http://intranet, intranet:80, intranet", "https://intranet:8443/, https://intranet:8443, intranet:8443", "https://intranet, https://intranet:443, intranet",
        "http://[::1]:81, [::1]:81, [::1]:81", "unix:/run/a.sock, unix:/run/a.sock, localhost", "unix:///run/a.sock, unix:/run/a.sock, localhost"})
    void eachFormIsShownAndNamedAsItIs(String text, String shown, String authority) throws UsageException {
        Target target = Target.parse(text);
        assertEquals(shown, target.toString());
        assertEquals(authority, target.authority());
    }

    @Test
    void aSocketHasAPathAndNoPort() throws UsageException {
        assertEquals(new Target.Unix(Path.of("/run/my service.sock")), Target.parse("unix:/run/my service.sock"));
        assertEquals(0, Target.parse("unix:/run/a.sock").port());
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix:", "unix:a.sock", "unix:./a.sock", "unix:~/a.sock", "unix://host/a.sock"})
    void aSocketNeedsAnAbsolutePath(String text) {
        assertEquals("the target '" + text + "' needs an absolute path, as in unix:/run/service.sock", refused(text));
    }

    @Test
    void aSocketsPathIsHeldToItsLimit() throws UsageException {
        // Bytes, not characters, where names may have others than ASCII.
        String two = "UTF-8".equals(System.getProperty("sun.jnu.encoding")) ? "é" : "xx";
        Target.parse("unix:/" + two.repeat(52) + "x");
        String message = refused("unix:/" + two.repeat(53));
        assertTrue(message.endsWith("has a path of 107 bytes; the path of a Unix socket has at most 106"), message);
    }

    @Test
    void aPathThatIsNoneIsRefused() {
        assertTrue(refused("unix:/run/\0.sock").contains("is no path here"));
    }

    @Test
    void aDirectoryIsTakenWithAndWithoutEscapes(@TempDir Path folder) throws IOException, UsageException {
        for (String name : List.of("plain", "a b", "c#d", "e?f", "100%")) {
            Path directory = Files.createDirectory(folder.resolve(name));
            assertEquals(new Target.Directory(directory), Target.parse("file://" + directory), name);
            assertEquals(new Target.Directory(directory), Target.parse(directory.toUri().toString()), name);
            assertEquals("file://" + directory, Target.parse("file://" + directory + "/").toString());
        }
        assertEquals(0, Target.parse("file:" + folder).port());
    }

    @Test
    void aDirectoryMustBeThere(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertEquals("the target 'file://" + file + "' is no directory: there is none at " + file, refused("file://" + file));
        assertTrue(refused("file://" + folder.resolve("none")).contains("is no directory"));
        assertTrue(refused("file:///\0").contains("is no path here"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:", "file://", "file:tmp", "file://tmp", "file://localhost/tmp", "file:./tmp"})
    void aDirectoryNeedsAnAbsolutePath(String text) {
        assertEquals("the target '" + text + "' needs an absolute path, as in file:///srv/files", refused(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "0", "65536", "ftp://intranet", "http://intranet/path", "http://", "Unix:/run/a.sock"})
    void whatIsNoTargetIsRefused(String text) {
        refused(text);
    }
}
