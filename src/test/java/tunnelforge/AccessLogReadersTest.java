package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.server.accesslog.AccessLogOptions;

/** Lines of both formats, of odd requests, read by programs that are not ours. */
final class AccessLogReadersTest {
    private static final String ODD = "a\"b\\c\u00c3\u00a9\u00ff \t}],{";
    private static final int REQUESTS = 4;

    /** Reads every line strictly, undoes what was escaped, and prints status and User-Agent. */
    private static final String COMBINED_READER = """
            import re, sys
            line = re.compile(r'(\\S+) (\\S+) (\\S+) \\[(\\d\\d/\\w{3}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4})\\] "([^"]*)" (\\d{3}) (\\d+) "([^"]*)" "([^"]*)"\\n')
            for each in open(sys.argv[1], encoding='ascii', newline='\\n'):
                found = line.fullmatch(each)
                agent = re.sub(r'\\\\x([0-9A-F]{2})', lambda m: chr(int(m[1], 16)), found[9])
                print(found[6], ascii(agent))
            """;
    private static final String JSON_READER = """
            import json, sys
            for each in open(sys.argv[1], encoding='ascii', newline='\\n'):
                found = json.loads(each)
                assert len(found) == 21, found
                print(found['status'], ascii(found['user_agent'] or '-'))
            """;

    @TempDir
    private Path directory;

    private static boolean exists(String program) {
        return Stream.of(System.getenv("PATH").split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private String run(String... words) throws Exception {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), said);
        return said;
    }

    /** The log of some requests: one odd, one usual, one refused, one that leads nowhere. */
    private Path written(AccessLogOptions.Format format) throws Exception {
        Path file = directory.resolve("access.log");
        TunnelFixture.Options options = new TunnelFixture.Options();
        options.server().accessLog(file, format);
        try (TunnelFixture tunnel = TunnelFixture.start(options)) {
            tunnel.service().serveText("hello");
            List<String> heads = new ArrayList<>(List.of(tunnel.head("GET /\"odd\"?\u00e9", "User-Agent: " + ODD, "Referer: " + ODD), tunnel.head("GET /usual", "User-Agent: curl/8"),
                    "GET /a\u0001b HTTP/1.1\r\n\r\n"));
            for (String head : heads) {
                tunnel.visitor().send(head.getBytes(StandardCharsets.ISO_8859_1)).readResponse();
            }
            tunnel.visitor("nobody.tunnel.localhost").send("GET / HTTP/1.1\r\nHost: nobody.tunnel.localhost\r\n\r\n").readResponse();
        }
        assertEquals(REQUESTS, Files.readAllLines(file).size());
        return file;
    }

    private void readByPython(AccessLogOptions.Format format, String reader) throws Exception {
        assumeTrue(exists("python3"), "there is no python3");
        List<String> said = run("python3", "-c", reader, written(format).toString()).lines().toList();
        assertEquals(List.of("200 'a\"b\\\\c\\xc3\\xa9\\xff \\t}],{'", "200 'curl/8'", "400 '-'", "404 '-'"), said);
    }

    @Test
    void pythonReadsCombinedLines() throws Exception {
        readByPython(AccessLogOptions.Format.COMBINED, COMBINED_READER);
    }

    @Test
    void pythonReadsJsonLines() throws Exception {
        readByPython(AccessLogOptions.Format.JSON, JSON_READER);
    }

    @Test
    void goaccessReadsCombinedLines() throws Exception {
        assumeTrue(exists("goaccess"), "there is no goaccess");
        Path report = directory.resolve("report.json");
        run("goaccess", written(AccessLogOptions.Format.COMBINED).toString(), "--log-format=COMBINED", "--no-global-config", "-o", report.toString());
        String text = Files.readString(report);
        assertTrue(text.contains("\"valid_requests\": " + REQUESTS + ",") && text.contains("\"failed_requests\": 0,"), text.substring(0, Math.min(1_000, text.length())));
    }
}
