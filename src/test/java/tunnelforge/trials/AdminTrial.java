package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.Eventually;
import tunnelforge.Peer;
import tunnelforge.ScriptedService;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.json.JsonWriter;
import tunnelforge.server.TestServer;

/** The admin port of the real program, looked at by the programs that operators have: Prometheus, promtool and a browser. Each is skipped where it is missing. */
final class AdminTrial {
    private static final Duration SCRAPED = Duration.ofSeconds(60);
    private static final String ADMIN_URL = "\"event\":\"admin\".*\"url\":\"([^\"]+)\"";
    private static final int SHOT_SECONDS = 60;

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static ScriptedService service;
    private static Path state;
    private static Program server;
    private static Program agent;
    private static int httpPort;
    private static String admin;

    @BeforeAll
    static void start() throws Exception {
        service = new ScriptedService().serveText("hello");
        state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        server = startServer(state);
        admin = server.await(ADMIN_URL).group(1);
        httpPort = Integer.parseInt(server.await("\"event\":\"listening\".*\"http_port\":(\\d+)").group(1));
        agent = Program.start(List.of(), Map.of(), "agent", "127.0.0.1:" + service.port(), "--protocol", "http", "--subdomain", "shop", "--state-dir", state.toString(),
                "--log-format", "json");
        agent.await("\"event\":\"tunnel_registered\"");
    }

    @AfterAll
    static void stop() throws IOException {
        try (ScriptedService last = service; Program before = server) {
            agent.close();
        } finally {
            TestServer.delete(state);
        }
    }

    private static Program startServer(Path state, String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of("server", "--port", "0", "--http-port", "0", "--bind", "127.0.0.1", "--admin", "127.0.0.1:0", "--state-dir", state.toString(),
                "--log-format", "json"));
        words.addAll(List.of(more));
        return Program.start(List.of(), Map.of(), words.toArray(String[]::new));
    }

    private static void requests(int count) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", httpPort); Peer visitor = new Peer(socket, socket)) {
            for (int i = 0; i < count; i++) {
                visitor.send("GET / HTTP/1.1\r\nHost: shop." + TestServer.DOMAIN + "\r\n\r\n").readResponse();
            }
        }
    }

    private static String get(String url) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10)).build();
        HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), url);
        return answer.body();
    }

    private static void assumeProgram(String name) {
        assumeTrue(Stream.of(System.getenv("PATH").split(File.pathSeparator)).anyMatch(folder -> new File(folder, name).canExecute()), name + " is missing");
    }

    /** Standard output and error of a program that ends by itself. */
    private static String run(Path input, int seconds, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("tunnelforge-admin-", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            Process process = (input == null ? builder : builder.redirectInput(input.toFile())).start();
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            String text = Files.readString(output);
            assertEquals(0, process.exitValue(), () -> String.join(" ", command) + ": " + text);
            return text;
        } finally {
            Files.delete(output);
        }
    }

    @Test
    void promtoolFindsNothing(@TempDir Path directory) throws Exception {
        assumeProgram("promtool");
        requests(10);
        Path metrics = Files.writeString(directory.resolve("metrics"), get(admin + "metrics"));
        assertEquals("", run(metrics, 30, "promtool", "check", "metrics").strip());
    }

    /** One that runs, with what it has scraped. */
    private record Prometheus(Process process, String url) implements AutoCloseable {
        /** {@code guarded}: of an admin port that asks for the token in that file. */
        static Prometheus start(Path directory, String guarded, Path tokenFile) throws Exception {
            int port = ScriptedService.freePort();
            Path config = Files.writeString(directory.resolve("prometheus.yml"), """
                    global: { scrape_interval: 1s, scrape_timeout: 1s }
                    scrape_configs:
                      - job_name: open
                        static_configs: [ { targets: [ '%s' ] } ]
                      - job_name: guarded
                        authorization: { credentials_file: %s }
                        static_configs: [ { targets: [ '%s' ] } ]
                    """.formatted(URI.create(admin).getAuthority(), tokenFile, URI.create(guarded).getAuthority()));
            Process process = new ProcessBuilder("prometheus", "--config.file=" + config, "--storage.tsdb.path=" + directory.resolve("data"),
                    "--web.listen-address=127.0.0.1:" + port).redirectErrorStream(true).redirectOutput(directory.resolve("prometheus.log").toFile()).start();
            return new Prometheus(process, "http://127.0.0.1:" + port + "/api/v1/query?query=");
        }

        /** The newest value of an expression with one; NaN while there is none. */
        double value(String expression) {
            try {
                JsonObject answer = JsonReader.parseObject(get(url + URLEncoder.encode(expression, StandardCharsets.UTF_8)));
                Matcher value = Pattern.compile("\"value\":\\[[0-9.]+,\"([^\"]+)\"\\]").matcher(JsonWriter.write(answer));
                return value.find() ? Double.parseDouble(value.group(1)) : Double.NaN;
            } catch (IOException e) {
                // It does not listen yet.
                return Double.NaN;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        void await(String expression, double expected, Path log) {
            Eventually.await(() -> {
                try {
                    return expression + " is " + value(expression) + " and not " + expected + "; Prometheus says: " + Files.readString(log);
                } catch (IOException e) {
                    return e.toString();
                }
            }, SCRAPED, () -> value(expression) == expected);
        }

        @Override
        public void close() {
            process.destroy();
            process.onExit().join();
        }
    }

    @Test
    void prometheusScrapesIt(@TempDir Path directory) throws Exception {
        assumeProgram("prometheus");
        Path log = directory.resolve("prometheus.log");
        Path tokenFile = Files.writeString(directory.resolve("token"), "a token for this trial alone\n");
        Path other = TestServer.copyOfPrepared(TestServer.DOMAIN);
        try (Program guarded = startServer(other, "--admin-token-file", tokenFile.toString());
                Prometheus prometheus = Prometheus.start(directory, guarded.await(ADMIN_URL).group(1), tokenFile)) {
            prometheus.await("up{job=\"open\"}", 1, log);
            prometheus.await("tunnelforge_ready{job=\"guarded\"}", 1, log);
            prometheus.await("tunnelforge_tunnels{job=\"open\",protocol=\"http\",agent=\"attached\"}", 1, log);
            double before = prometheus.value("tunnelforge_requests_total{job=\"open\",status=\"2xx\"}");
            requests(25);
            prometheus.await("tunnelforge_requests_total{job=\"open\",status=\"2xx\"}", before + 25, log);
            prometheus.await("tunnelforge_request_duration_seconds_bucket{job=\"open\",le=\"+Inf\"} - on(instance) tunnelforge_request_duration_seconds_count", 0, log);
            prometheus.await("count(histogram_quantile(0.99, tunnelforge_request_duration_seconds_bucket{job=\"open\"}) > 0)", 1, log);
            prometheus.await("count(tunnelforge_build_info)", 2, log);
        } finally {
            TestServer.delete(other);
        }
    }

    /** As operators see it, in both colour schemes: kept as build/dashboard-light.png and -dark.png. */
    @Test
    void theDashboardInABrowser(@TempDir Path directory) throws Exception {
        assumeProgram("chromium");
        requests(10);
        Thread visitor = Thread.ofVirtual().start(this::visitUntilInterrupted);
        try {
            String dom = run(null, SHOT_SECONDS, chromium(directory, "--dump-dom", admin));
            assertTrue(dom.contains("<p id=\"state\" role=\"status\" class=\"good\">serving</p>"), dom);
            assertTrue(dom.contains(">http://shop." + TestServer.DOMAIN + ":" + httpPort + "</a>"), dom);
            assertEquals(6, Pattern.compile("<svg [^>]*role=\"img\" aria-label=\"[^\"]+ over the last 5 minutes: ").matcher(dom).results().count(), dom);
            assertTrue(Pattern.compile("answered [1-9][0-9,.]*<").matcher(dom).find(), dom);
            assertFalse(Pattern.compile("(?i)content.security.policy|uncaught").matcher(dom).find(), dom);
            for (String scheme : List.of("light", "dark")) {
                Path shot = Path.of("build", "dashboard-" + scheme + ".png").toAbsolutePath();
                Files.deleteIfExists(shot);
                run(null, SHOT_SECONDS, chromium(directory, "--screenshot=" + shot, "--blink-settings=preferredColorScheme=" + (scheme.equals("dark") ? 0 : 1), admin));
                assertTrue(Files.size(shot) > 10_000, shot.toString());
            }
        } finally {
            visitor.interrupt();
            visitor.join();
        }
    }

    private void visitUntilInterrupted() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                requests(10);
            }
        } catch (IOException e) {
            // Interrupted while it waited for an answer.
        }
    }

    private static String[] chromium(Path profile, String... arguments) {
        List<String> command = new ArrayList<>(List.of("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + profile.resolve("profile"),
                "--window-size=1280,1100", "--virtual-time-budget=30000", "--enable-logging=stderr", "--v=0"));
        command.addAll(List.of(arguments));
        return command.toArray(String[]::new);
    }
}
