package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.server.accesslog.AccessLogOptions;

/** The combined format beside that of a real nginx, which gets the same requests and has the same service behind it. */
final class AccessLogBesideNginxTest {
    private static final Pattern LINE = Pattern.compile("(\\S+) - (\\S+) \\[(\\S+) (\\S+)\\] \"([^\"]*)\" (\\d{3}) (\\d+) \"([^\"]*)\" \"([^\"]*)\"");
    private static final int TIME = 3;
    private static final int STATUS = 6;
    private static final int BYTES = 7;

    /** Octets as characters; each is a head up to what all have in common. */
    private static final List<String> ANSWERED = List.of(
            "GET / HTTP/1.1",
            "GET /a/../b//c?d=%20%0a%zz&e=\"quoted\"'\\back HTTP/1.1",
            "GET /\u00c3\u00a9?\u00ff\u0080 HTTP/1.1",
            "GET http://named.tunnel.localhost/absolute?x HTTP/1.1",
            "GET / HTTP/1.0",
            "HEAD /head HTTP/1.1",
            "PURGE /method HTTP/1.1",
            "POST /content HTTP/1.1\r\nContent-Length: 0",
            "GET /referer HTTP/1.1\r\nReferer: http://r.example/\"x\"\r\nUser-Agent: Mozilla/5.0 (X11; \\n) \u00e9\u007e",
            "GET /tab HTTP/1.1\r\nUser-Agent: a\tb\r\nReferer:   spaces   ",
            "GET /empty HTTP/1.1\r\nUser-Agent:\r\nReferer:",
            "GET /case HTTP/1.1\r\nuSER-aGENT: x\r\nREFERER: y",
            "GET /" + "long".repeat(500) + " HTTP/1.1");

    private static final List<String> REFUSED = List.of(
            "\u0001\u0002\"\\\u00ff / HTTP/1.1",
            "GET /a b HTTP/1.1",
            "GET / HTTP/x.y",
            "G\"ET / HTTP/1.1",
            "GET");

    @TempDir
    private Path directory;

    private static Path nginx() {
        return Stream.of((System.getenv("PATH") + ":/usr/sbin").split(":")).map(folder -> Path.of(folder, "nginx")).filter(Files::isExecutable).findFirst().orElse(null);
    }

    private Process start(Path program, int port, int service) throws Exception {
        // As root, nginx hands its work to another user.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        StringBuilder temporary = new StringBuilder();
        for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
            temporary.append(kind).append("_temp_path ").append(directory.resolve(kind)).append("; ");
        }
        Path config = Files.writeString(directory.resolve("nginx.conf"), """
                daemon off; pid %1$s/pid; error_log %1$s/error.log;
                events { }
                http { access_log %1$s/nginx.log combined; %2$s
                  server { listen 127.0.0.1:%3$d; location / { proxy_pass http://127.0.0.1:%4$d; } } }
                """.formatted(directory, temporary, port, service));
        return new ProcessBuilder(program.toString(), "-p", directory.toString(), "-c", config.toString(), "-e", directory.resolve("start.log").toString()).redirectErrorStream(true)
                .redirectOutput(directory.resolve("output.log").toFile()).start();
    }

    private static boolean isOpen(TunnelFixture tunnel, int port) {
        try (Peer probe = tunnel.tcp(port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void send(Peer visitor, String head) throws IOException {
        visitor.send((head + "\r\nHost: named.tunnel.localhost\r\nAuthorization: Basic ZXZlOm9uZQ==\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        visitor.readToEnd();
        visitor.close();
    }

    private static List<String> fields(String line, boolean answered) {
        Matcher found = LINE.matcher(line);
        assertEquals(true, found.matches(), line);
        assertEquals(true, found.group(TIME).matches("\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d"), line);
        List<String> fields = new ArrayList<>();
        for (int i = 1; i <= found.groupCount(); i++) {
            // Pages differ, and so do some statuses; nor does nginx forget who may have sent what it refuses.
            if (i != TIME && (answered || i != BYTES && i != STATUS && i != 2)) {
                fields.add(found.group(i));
            }
        }
        return fields;
    }

    @Test
    void theSameRequestsGiveTheSameLines() throws Exception {
        Path program = nginx();
        assumeTrue(program != null, "there is no nginx");
        TunnelFixture.Options options = new TunnelFixture.Options().http().subdomain("named");
        Path file = directory.resolve("access.log");
        options.server().accessLog(file, AccessLogOptions.Format.COMBINED);
        options.agent().visitors(List.of("eve:one"), List.of(), List.of());
        int port = ScriptedService.freePort();
        try (TunnelFixture tunnel = TunnelFixture.start(options)) {
            tunnel.service().serve((request, connection) -> {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + (request.method().equals("HEAD") ? "" : "hello"));
                return true;
            });
            Process process = start(program, port, tunnel.service().port());
            try {
                Eventually.await("nginx listens", () -> isOpen(tunnel, port));
                AccessLines ours = new AccessLines(file);
                AccessLines theirs = new AccessLines(directory.resolve("nginx.log"));
                List<String> all = Stream.concat(ANSWERED.stream(), REFUSED.stream()).toList();
                for (String head : all) {
                    send(tunnel.plainVisitor(), head);
                    send(tunnel.tcp(port), head);
                }
                for (String head : all) {
                    boolean answered = ANSWERED.contains(head);
                    assertEquals(fields(theirs.next(), answered), fields(ours.next(), answered), head);
                }
            } finally {
                process.destroy();
                process.waitFor(10, TimeUnit.SECONDS);
            }
        }
    }
}
