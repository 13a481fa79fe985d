package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.cli.Launch;

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
