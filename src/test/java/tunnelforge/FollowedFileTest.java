package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.agent.FollowingAgent;
import tunnelforge.agent.TestAgent;
import tunnelforge.cli.ExitException;

/** One agent keeps the tunnels of a file, and follows what becomes of it: what is not touched does not notice. */
final class FollowedFileTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int VISITORS = 4;

    @TempDir
    private Path directory;
    private TunnelFixture fixture;
    private Path file;

    @BeforeEach
    void start() throws Exception {
        fixture = TunnelFixture.start(new TunnelFixture.Options().withoutAgent());
        file = directory.resolve("tunnelforge.json");
    }

    @AfterEach
    void end() throws IOException {
        fixture.close();
    }

    /** Puts a new file in the place of the old one. {@code tunnels}: members of the object. */
    private void write(String... tunnels) throws IOException {
        writeFor(fixture.server().token(), tunnels);
    }

    private void writeFor(String token, String... tunnels) throws IOException {
        Path next = Files.writeString(directory.resolve("next"), """
                { // ours
                  "server": "127.0.0.1:%d", "token": "%s", "ca": "%s",
                  "tunnels": {
                    %s
                  } }""".formatted(fixture.server().port(), token, fixture.server().caFile(), String.join(",\n", tunnels)));
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String tunnel(String name, ScriptedService service) {
        return "\"%s\": { \"target\": %d, \"subdomain\": \"%s\" }".formatted(name, service.port(), name);
    }

    private FollowingAgent agent(String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(more));
        words.addAll(List.of("--config", file.toString()));
        return FollowingAgent.start(directory, words.toArray(String[]::new));
    }

    private static ScriptedService answering(String text) throws IOException {
        ScriptedService service = new ScriptedService();
        service.serve((request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
            return true;
        });
        return service;
    }

    private static String head(String url, String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: " + URI.create(url).getRawAuthority() + "\r\n\r\n";
    }

    private Message get(String url) {
        try (Peer visitor = fixture.visitor(URI.create(url).getHost())) {
            return visitor.send(head(url, "/")).readResponse();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void awaitText(String url, String text) {
        Eventually.await(() -> url + " does not say " + text, LIMIT, () -> get(url).text().equals(text));
    }

    /** Asks again and again over one connection, which must stay; returns how often. */
    private int visit(String url, String text, AtomicBoolean over, AtomicInteger asked) throws IOException {
        int count = 0;
        try (Peer visitor = fixture.visitor(URI.create(url).getHost())) {
            for (; !over.get(); count++) {
                Message answer = visitor.send(head(url, "/")).readResponse();
                assertEquals(200, answer.status(), answer::text);
                assertEquals(text, answer.text());
                asked.incrementAndGet();
            }
        }
        return count;
    }

    @Test
    void oneComesOneGoesAndOneIsAlteredWhileNoRequestFailsOnTheOthers() throws Exception {
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch released = new CountDownLatch(1);
        try (ScriptedService red = answering("red"); ScriptedService blue = answering("blue"); ScriptedService held = new ScriptedService()) {
            held.serve((request, connection) -> {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
                if (request.target().equals("/held")) {
                    begun.countDown();
                    released.await();
                }
                connection.send("all");
                return true;
            });
            write(tunnel("one", red), tunnel("two", blue), tunnel("gone", held), tunnel("altered", held));
            try (FollowingAgent agent = agent()) {
                String one = agent.url("one");
                String two = agent.url("two");
                String gone = agent.url("gone");
                String altered = agent.url("altered");
                AtomicBoolean over = new AtomicBoolean();
                AtomicInteger asked = new AtomicInteger();
                List<FutureTask<Integer>> visitors = new ArrayList<>();
                for (int i = 0; i < VISITORS; i++) {
                    boolean first = i % 2 == 0;
                    FutureTask<Integer> visitor = new FutureTask<>(() -> visit(first ? one : two, first ? "red" : "blue", over, asked));
                    visitors.add(visitor);
                    Thread.ofPlatform().daemon().name("visitor").start(visitor);
                }
                try (Peer ofGone = fixture.visitor(URI.create(gone).getHost()); Peer ofAltered = fixture.visitor(URI.create(altered).getHost())) {
                    ofGone.send(head(gone, "/held"));
                    ofAltered.send(head(altered, "/held"));
                    assertTrue(begun.await(LIMIT.toSeconds(), TimeUnit.SECONDS));
                    write(tunnel("one", red), tunnel("two", blue), tunnel("altered", red), tunnel("new", blue));
                    agent.look();
                    awaitText(agent.url("new"), "blue");
                    // What is in flight on what goes is finished, however late; only then the other one takes its name.
                    Eventually.await("the name is free", () -> get(gone).status() == 404 && get(altered).status() == 404);
                    released.countDown();
                    assertEquals("all", ofGone.readResponse().text());
                    assertEquals("all", ofAltered.readResponse().text());
                }
                awaitText(altered, "red");
                int before = asked.get();
                Eventually.await("they still ask", () -> asked.get() > before + 10 * VISITORS);
                over.set(true);
                for (FutureTask<Integer> visitor : visitors) {
                    assertTrue(visitor.get(LIMIT.toSeconds(), TimeUnit.SECONDS) > 0);
                }
                assertEquals(1, agent.registrations("one"));
                assertEquals(1, agent.registrations("two"));
                assertEquals(2, agent.registrations("altered"));
                assertEquals("TF-TUNNEL-UNKNOWN", get(gone).get("TunnelForge-Error"));
            }
        }
    }

    @Test
    void aBrokenFileIsToldOnceWithItsPlaceAndChangesNothing() throws Exception {
        try (ScriptedService red = answering("red")) {
            write(tunnel("one", red));
            try (FollowingAgent agent = agent()) {
                String one = agent.url("one");
                write("\"two\": { \"target\": 8080 },\n\"one\": { \"tarjet\": 1 }");
                agent.look();
                agent.look();
                assertEquals(1, agent.log().entries("config_kept").size());
                Files.delete(file);
                agent.look();
                assertEquals(2, agent.log().entries("config_kept").size(), "that it is not there is told too");
                assertEquals(file + ":5:10: field 'tarjet' is not known; did you mean target?; " + file + ":5:8: field 'target' is missing",
                        agent.log().entries("config_kept").getFirst().fields().get("error"));
                assertEquals("red", get(one).text());
                write(tunnel("one", red), tunnel("three", red));
                agent.look();
                awaitText(agent.url("three"), "red");
                assertEquals(1, agent.registrations("one"));
            }
        }
    }

    @Test
    void whatIsSoForAllTunnelsChangesWithTheNextStart() throws Exception {
        try (ScriptedService red = answering("red")) {
            write(tunnel("one", red));
            try (FollowingAgent agent = agent()) {
                agent.url("one");
                writeFor("tf_another", tunnel("one", red), tunnel("two", red));
                agent.look();
                assertTrue(agent.log().await("config_needs_restart", LIMIT).message().contains(file.toString()));
                awaitText(agent.url("two"), "red");
            }
        }
    }

    private static String tunnelAt(String name, String subdomain, ScriptedService service) {
        return "\"%s\": { \"target\": %d, \"subdomain\": \"%s\" }".formatted(name, service.port(), subdomain);
    }

    /** An address has one holder: who asks for it waits until the tunnel that has had it is closed. */
    @Test
    void anAddressGoesFromOneTunnelToAnother() throws Exception {
        try (ScriptedService red = answering("red"); ScriptedService blue = answering("blue")) {
            write(tunnelAt("one", "demo", red), tunnelAt("two", "shop", blue));
            try (FollowingAgent agent = agent()) {
                String demo = agent.url("one");
                String shop = agent.url("two");
                write(tunnelAt("renamed", "demo", red), tunnelAt("two", "shop", blue));
                agent.look();
                awaitText(agent.url("renamed"), "red");
                write(tunnelAt("renamed", "shop", red), tunnelAt("two", "demo", blue));
                agent.look();
                awaitText(demo, "blue");
                awaitText(shop, "red");
                assertTrue(agent.log().entries("tunnel_refused").isEmpty(), () -> agent.log().entries("tunnel_refused").toString());
            }
        }
    }

    @Test
    void onlyWhatWasNamedIsStarted() throws Exception {
        try (ScriptedService red = answering("red")) {
            write(tunnel("one", red), tunnel("two", red), tunnel("three", red));
            try (FollowingAgent agent = agent("start", "three", "one")) {
                agent.url("one");
                agent.url("three");
                write(tunnel("one", red), tunnel("two", red), tunnel("four", red));
                agent.look();
                Eventually.await("it is closed", () -> get(agentUrl(agent, "three")).status() == 404);
                assertEquals(0, agent.registrations("two") + agent.registrations("four"));
            }
        }
    }

    private static String agentUrl(FollowingAgent agent, String tunnel) {
        try {
            return agent.url(tunnel);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void oneThatIsRefusedIsToldByItsNameAndTheOthersGoOnUntilTheFileIsMended() throws Exception {
        try (ScriptedService red = answering("red"); TestAgent other = fixture.startAgent("127.0.0.1:" + red.port(), new TestAgent.Options().subdomain("taken"))) {
            other.url();
            write(tunnel("one", red), tunnel("taken", red));
            try (FollowingAgent agent = agent()) {
                awaitText(agent.url("one"), "red");
                String message = agent.log().await("tunnel_refused", LIMIT).message();
                assertTrue(message.startsWith("tunnel taken: refused by 127.0.0.1:") && message.contains("(TF-NAME-TAKEN)"), message);
                write(tunnel("one", red), "\"taken\": { \"target\": %d, \"subdomain\": \"free\" }".formatted(red.port()));
                agent.look();
                awaitText(agent.url("taken"), "red");
                assertEquals(1, agent.registrations("one"));
                agent.stop();
                assertNull(agent.awaitEnd());
            }
        }
    }

    @Test
    void aTokenThatIsRefusedEndsAll() throws Exception {
        try (ScriptedService red = answering("red")) {
            writeFor("another", tunnel("one", red), tunnel("two", red));
            try (FollowingAgent agent = agent("start", "--all")) {
                assertEquals(ExitException.REFUSED, agent.awaitEnd().code());
            }
        }
    }

    @Test
    void aServerThatIsNotTrustedEndsAll() throws Exception {
        try (ScriptedService red = answering("red")) {
            write(tunnel("one", red), tunnel("two", red));
            try (FollowingAgent agent = agent("--pin", "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")) {
                assertEquals(ExitException.UNTRUSTED, agent.awaitEnd().code());
            }
        }
    }
}
