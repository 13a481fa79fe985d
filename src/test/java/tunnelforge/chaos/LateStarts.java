package tunnelforge.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import tunnelforge.Eventually;
import tunnelforge.server.TestServer;

/** An agent that is started before its server has a name, and before there is a server, and whose machine then sleeps: it gets there by itself. */
final class LateStarts {
    private static final int SECONDS = 60;
    private static final Duration A_WHILE = Duration.ofSeconds(5);
    /** The longest pause between two tries, a name that is remembered as unknown, and a try. */
    private static final Duration THERE_WITHIN = Duration.ofSeconds(50);
    private static final String NAME = "server.example";

    private LateStarts() {
    }

    static void run(Settings settings, Verdict verdict) throws Exception {
        Path directory = Files.createTempDirectory("tunnelforge-hosts-");
        Path hosts = directory.resolve("hosts");
        try (Stage stage = new Stage()) {
            stage.startAgent(List.of("-Djdk.net.hosts.file=" + hosts), List.of("--server", NAME + ":" + stage.port(), "--server-name", TestServer.DOMAIN));
            Thread.sleep(A_WHILE);
            Files.writeString(hosts, "127.0.0.1 " + NAME + "\n");
            Thread.sleep(A_WHILE);
            Chaos.print("so far the agent said: %s", stage.agent().lastLines().replace("\n", "\n      "));
            stage.startServer();
            long open = System.nanoTime();
            long there = (stage.awaitRegistration(0).at() - open) / 1_000_000;
            verdict.expect("an agent without a name to connect to, and without a server, gets there by itself", there < THERE_WITHIN.toMillis(), there + " ms after the server");
            Eventually.await(() -> "it does not serve", THERE_WITHIN, () -> answers(stage));

            stage.agent().signal("STOP");
            Thread.sleep(Duration.ofSeconds(settings.secondsOr(SECONDS)));
            stage.agent().signal("CONT");
            long awake = System.nanoTime();
            Eventually.await(() -> "it does not serve after its sleep", THERE_WITHIN, () -> answers(stage));
            long back = (System.nanoTime() - awake) / 1_000_000;
            Chaos.print("when it woke the agent said: %s", stage.agent().lastLines().replace("\n", "\n      "));
            verdict.expect("after a sleep it gets there by itself", stage.agent().isAlive(), back + " ms after it woke");
            verdict.expect("the address stays", stage.registrations().stream().allMatch(now -> now.url().equals(stage.url())), stage.registrations().getLast().url());
        } finally {
            Files.deleteIfExists(hosts);
            Files.delete(directory);
        }
    }

    private static boolean answers(Stage stage) {
        try (var peer = stage.visit()) {
            return peer.send("GET /length/10/0 HTTP/1.1\r\nHost: " + stage.host() + "\r\n" + CountingService.ID + ": 0\r\n\r\n").readResponse().status() == 200;
        } catch (IOException e) {
            return false;
        }
    }
}
