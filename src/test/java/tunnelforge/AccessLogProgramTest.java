package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.server.TestServer;

/** The server's program with an access log on standard output, or with one that cannot be. */
final class AccessLogProgramTest {
    private static final Pattern HTTP_PORT = Pattern.compile("\"http_port\":(\\d+)");

    private Path state;

    @AfterEach
    void delete() {
        if (state != null) {
            TestServer.delete(state);
        }
    }

    private Process start(String... more) throws Exception {
        state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        List<String> words = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow(), "-cp", System.getProperty("java.class.path"), "tunnelforge.Main", "server",
                "--port", "0", "--http-port", "0", "--bind", "127.0.0.1", "--state-dir", state.toString()));
        words.addAll(List.of(more));
        return new ProcessBuilder(words).start();
    }

    private static String text(InputStream in) throws Exception {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static int end(Process program) throws Exception {
        assertTrue(program.waitFor(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS), "it still runs");
        return program.exitValue();
    }

    @Test
    void standardOutputHasTheAccessLogAloneAndAllOfIt() throws Exception {
        assertAlone(start("--access-log", "-", "--log-format", "json"), "127\\.0\\.0\\.1 - - \\[[^\\]]+\\] \"GET /x HTTP/1\\.1\" 404 \\d+ \"-\" \"me\"\n");
    }

    @Test
    void aFileOfOptionsMayAskForItAsWell(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("server.json"), "{ \"access-log\": \"-\", \"access-log-format\": \"json\", \"log-format\": \"json\" }");
        assertAlone(start("--config", file.toString()), "\\{[^\n]*\"status\":404,[^\n]*\\}\n");
    }

    private static void assertAlone(Process program, String told) throws Exception {
        try (BufferedReader log = program.errorReader()) {
            Matcher port = HTTP_PORT.matcher("");
            while (!port.find()) {
                port.reset(log.readLine());
            }
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port.group(1)));
            try (Peer visitor = new Peer(socket, socket)) {
                assertEquals(404, visitor.send("GET /x HTTP/1.1\r\nHost: nobody.tunnel.localhost\r\nUser-Agent: me\r\n\r\n").readResponse().status());
            }
            program.toHandle().destroy();
            String written = text(program.getInputStream());
            assertTrue(written.matches(told), written);
            assertTrue(log.lines().anyMatch(line -> line.contains("\"event\":\"stopped\"")), "the log is on standard error");
            end(program);
        } finally {
            program.destroyForcibly();
        }
    }

    @Test
    void aFileThatCannotBeWrittenIsAnErrorAtTheStart() throws Exception {
        Process program = start("--access-log", "/nowhere/at/all.log");
        String said = text(program.getErrorStream());
        assertEquals(1, end(program), said);
        assertTrue(said.contains("the access log /nowhere/at/all.log cannot be written"), said);
    }

    @Test
    void aFormatOfNothingIsAMistake() throws Exception {
        Process program = start("--access-log-format", "json");
        String said = text(program.getErrorStream());
        assertEquals(2, end(program), said);
        assertTrue(said.contains("--access-log"), said);
    }
}
