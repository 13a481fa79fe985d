package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent's program at a real terminal, which "script" makes. */
class AtTerminalTest {
    private static final Path SCRIPT = Path.of("/usr/bin/script");
    @TempDir
    private Path state;

    @Test
    void theUrlHasALineForItselfAndEachRequestHasOne() throws Exception {
        assumeTrue(Files.isExecutable(SCRIPT), "no " + SCRIPT + " (package bsdutils)");
        try (TunnelFixture tunnel = TunnelFixture.start()) {
            tunnel.service().serveText("hello");
            int port = tunnel.service().port();
            String server = "127.0.0.1:" + tunnel.server().port();
            ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString(), "-qec", String.join(" ", ProcessHandle.current().info().command().orElseThrow(),
                    "-cp", System.getProperty("java.class.path"), "tunnelforge.Main agent", "127.0.0.1:" + port, "--subdomain attended --server", server,
                    "--token", tunnel.server().token(), "--ca", tunnel.server().caFile().toString(), "--state-dir", state.toString(), "--allow 127.0.0.0/8 --allow ::1 --deny 127.0.0.2"),
                    "/dev/null").redirectErrorStream(true);
            builder.environment().put("TUNNELFORGE_BASIC_AUTH", "eve:one\nbob:two");
            Process program = builder.start();
            try (BufferedReader from = program.inputReader()) {
                List<String> lines = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    lines.add(from.readLine());
                }
                String url = "https://attended.tunnel.localhost:" + tunnel.server().port();
                assertEquals(List.of("connecting to " + server, url, "  leads to 127.0.0.1:" + port + "; Ctrl-C ends", "  visitors are asked for a password, which 2 users have",
                        "  visitors may come from 127.0.0.0/8, ::1 only", "  visitors may not come from 127.0.0.2"), lines);
                tunnel.visitor("attended.tunnel.localhost").send("GET /%1b[31m?q HTTP/1.1\r\nHost: attended.tunnel.localhost\r\nAuthorization: Basic Ym9iOnR3bw==\r\n\r\n").readResponse();
                String request = from.readLine();
                assertTrue(request.matches("[0-9:]{8} GET /%1b\\[31m 200 [0-9.]+ m?s 5 B"), request);
                // What "script" reads is typed: Ctrl-C.
                program.getOutputStream().write(3);
                program.getOutputStream().flush();
                assertTrue(program.waitFor(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS), "it still runs");
                assertEquals(130, program.exitValue());
            } finally {
                program.destroyForcibly();
            }
        }
    }
}
