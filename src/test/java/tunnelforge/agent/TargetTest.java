package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
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
        Target.parse("unix:/" + "é".repeat(52) + "x");
        String message = refused("unix:/" + "é".repeat(53));
        assertTrue(message.endsWith("has a path of 107 bytes; the path of a Unix socket has at most 106"), message);
    }

    @Test
    void aPathThatIsNoneIsRefused() {
        assertTrue(refused("unix:/run/\0.sock").contains("is no path here"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "0", "65536", "ftp://intranet", "http://intranet/path", "http://", "Unix:/run/a.sock"})
    void whatIsNoTargetIsRefused(String text) {
        refused(text);
    }
}
