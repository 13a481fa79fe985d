package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.Launch;
import tunnelforge.cli.UsageException;
import tunnelforge.wire.TunnelProtocol;

/** What the agent's command line refuses before anything is connected. */
final class AgentMainTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path state;

    private String refused(String... args) {
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "--state-dir";
        all[args.length + 1] = state.toString();
        assertEquals(2, Launch.run(new AgentMain(), stream, stream, all));
        String text = err.toString(StandardCharsets.UTF_8);
        err.reset();
        return text;
    }

    @Test
    void theTokenOfOneServerIsNotShownToAnother() throws IOException {
        Files.writeString(state.resolve("agent.json"), "{ \"server\": \"tunnel.example.com\", \"token\": \"tf_secret\" }");
        String text = refused("8080", "--server", "tunnel.example.net:443");
        assertTrue(text.contains("no token for tunnel.example.net:443 (agent.json has one for tunnel.example.com): give --token"), text);
    }

    private String refusedVisitors(String... options) {
        String[] all = new String[options.length + 5];
        System.arraycopy(new String[] {"8080", "--server", "localhost", "--token", "t"}, 0, all, 0, 5);
        System.arraycopy(options, 0, all, 5, options.length);
        String text = refused(all);
        assertFalse(text.contains("secret"), text);
        return text;
    }

    @Test
    void aProxyIsCheckedAndNoPasswordIsShown() {
        assertTrue(refusedVisitors("--proxy", "http://me:secret").contains("--proxy takes http://HOST:PORT or socks5://HOST:PORT"));
        assertTrue(refusedVisitors("--proxy", "https://me:secret@proxy.test").contains("--proxy: TLS to the proxy itself is not spoken"));
    }

    @Test
    void devIsForHttpAndChoosesTheHostHeaderItself() {
        for (List<String> with : List.of(List.of("--host-header", "rewrite"), List.of("--protocol", "tcp"), List.of("--protocol", "tls"))) {
            String text = refusedVisitors("--dev", with.get(0), with.get(1));
            assertTrue(text.contains("--dev is for a local service of HTTP, and goes without --host-header"), text);
        }
    }

    @Test
    void whoMayVisitIsCheckedAndNoPasswordIsShown() {
        assertTrue(refusedVisitors("--basic-auth", "secret").contains("--basic-auth takes USER:PASSWORD"));
        assertTrue(refusedVisitors("--basic-auth", "u:p", "--basic-auth", "secret:").contains("--basic-auth takes USER:PASSWORD"));
        assertTrue(refusedVisitors("--basic-auth", "u:secret\ufffd").contains("a UTF-8 locale"));
        assertTrue(refusedVisitors("--basic-auth", "u:secret", "--protocol", "tcp").contains("visitors of a tcp tunnel cannot be asked for a password"));
        assertTrue(refusedVisitors("--basic-auth", "u:secret", "--protocol", "tls").contains("visitors of a tls tunnel cannot be asked for a password"));
        assertTrue(refusedVisitors("--allow", "10.0.0.0/8", "--allow", "10.0.0.0/33").contains("--allow: a prefix of 33 bits for 10.0.0.0"));
        assertTrue(refusedVisitors("--deny", "example.com").contains("--deny: addresses are written 10.0.0.0/8, 2001:db8::/32 or 192.0.2.1, not 'example.com'"));
        assertTrue(refusedVisitors(Collections.nCopies(101, "--allow=::1").toArray(String[]::new)).contains("--allow may be given 100 times, not 101"));
    }

    private static List<String> users(String fromEnvironment, String... options) throws UsageException {
        return VisitorOptions.of(CommandLine.parse(AgentOptions.ALL, 0, List.of(options)), fromEnvironment, TunnelProtocol.HTTPS).users();
    }

    @Test
    void usersAreOnTheCommandLineOrElseInTheEnvironment() throws UsageException {
        assertEquals(List.of(), users(null));
        assertEquals(List.of("a:b: c", ":d"), users("a:b: c\r\n\n:d\n"));
        assertEquals(List.of("x:y", "z:w"), users("a:b", "--basic-auth", "x:y", "--basic-auth=z:w"));
        UsageException wrong = assertThrows(UsageException.class, () -> users("secret"));
        assertEquals("$TUNNELFORGE_BASIC_AUTH takes USER:PASSWORD, at most 100 of them: field 'auth' must be user:password", wrong.getMessage());
    }

    @Test
    void whatIsMissingIsNamed() {
        assertTrue(refused().contains("the local service is missing"));
        assertTrue(refused("8080").contains("no server: give --server HOST:PORT"));
        assertTrue(refused("8080", "--server", "localhost").contains("no token: give --token"));
        assertTrue(refused("localhost").contains("the target 'localhost' has no port; write 8080, HOST:PORT"));
        assertTrue(refused("8O80").contains("the target '8O80' has no port"));
        assertTrue(refused("file:///none/of/this").contains("is no directory: there is none at /none/of/this"));
        assertTrue(refused("unix:app.sock").contains("needs an absolute path"));
        assertTrue(refused("0").contains("the target '0' is no port"));
    }
}
