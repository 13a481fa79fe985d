package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.agent.TestAgent;
import tunnelforge.cli.ExitException;
import tunnelforge.cli.UsageException;
import tunnelforge.json.JsonObject;
import tunnelforge.net.KeyEntry;
import tunnelforge.net.ManualClock;
import tunnelforge.net.Pem;
import tunnelforge.net.TestCertificates;
import tunnelforge.server.ServerMain;
import tunnelforge.server.TestServer;
import tunnelforge.text.AccessToken;
import tunnelforge.text.Digests;

/** A server with accounts, as its operator, its agents and their visitors see it. The time is moved by the tests. */
final class AccountsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ManualClock clock = new ManualClock();
    private final String alices = AccessToken.make(RANDOM);
    private final String alicesNext = AccessToken.make(RANDOM);
    private final String bobs = AccessToken.make(RANDOM);
    private String tiers = "\"small\": {\"requests_per_second\": 1, \"burst\": 3, \"tunnels\": 2, \"tcp\": true, \"tls\": false}";
    @TempDir
    private Path directory;
    private Path file;
    private Path served;
    private TunnelFixture fixture;

    @BeforeEach
    void start() throws Exception {
        file = directory.resolve("accounts.json");
        served = Files.createDirectory(directory.resolve("served"));
        Files.writeString(served.resolve("index.html"), "hello");
        Files.write(served.resolve("large"), new byte[300_000]);
        write(account("alice", "small", "\"names\": [\"alice\", \"app.example.org\"]", alices), account("bob", "pro", "\"names\": [\"bob-*\"]", bobs));
        TunnelFixture.Options options = new TunnelFixture.Options().withoutAgent();
        options.server().accounts(file).clock(clock);
        fixture = TunnelFixture.start(options);
    }

    @AfterEach
    void stop() throws IOException {
        // What queues of frames have grown by is given back when nothing has waited in them from one look to the next.
        clock.advance(Duration.ofSeconds(1));
        clock.advance(Duration.ofSeconds(1));
        fixture.close();
    }

    private static String account(String name, String tier, String more, String... tokens) {
        String listed = Stream.of(tokens).map(token -> "{\"id\": \"" + name + "-" + token.substring(45) + "\", \"sha256\": \"" + sha256(token) + "\"}").collect(Collectors.joining(", "));
        return "{\"name\": \"" + name + "\", \"tier\": \"" + tier + "\", " + more + ", \"tokens\": [" + listed + "]}";
    }

    private static String sha256(String token) {
        return HexFormat.of().formatHex(Digests.sha256(token.getBytes(StandardCharsets.US_ASCII)));
    }

    private void write(String... accounts) throws IOException {
        put("{\"tiers\": {" + tiers + "},\n \"accounts\": [\n" + String.join(",\n", accounts) + "]}");
    }

    private void put(String text) throws IOException {
        Files.move(Files.writeString(directory.resolve("new"), text), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void awaitLog(String event, int count) {
        clock.advanceUntil(event, LIMIT, () -> fixture.server().log().entries(event).size() >= count);
    }

    private TestAgent agent(String token, TestAgent.Options options) throws IOException {
        return fixture.startAgent(served.toUri().toString(), token, options);
    }

    private TestAgent agent(String token, String subdomain) throws IOException {
        return agent(token, new TestAgent.Options().subdomain(subdomain));
    }

    private static ExitException refused(TestAgent agent) throws InterruptedException {
        ExitException exit = agent.awaitEnd(LIMIT);
        assertNotNull(exit, "it ended as if asked to");
        assertEquals(3, exit.code(), exit.getMessage());
        return exit;
    }

    private static void refused(TestAgent agent, String... words) throws InterruptedException {
        String message = refused(agent).getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), message);
        }
    }

    private Message get(String url, String path) throws IOException {
        URI address = URI.create(url);
        try (Peer visitor = fixture.visitor(address.getHost())) {
            return visitor.send("GET " + path + " HTTP/1.1\r\nHost: " + address.getAuthority() + "\r\n\r\n").readResponse();
        }
    }

    // ---- Who may have what. ----

    @Test
    void eachHasItsNamesAndNobodyElses() throws Exception {
        assertEquals(200, get(agent(alices, "alice").url(), "/").status());
        assertEquals(200, get(agent(bobs, "bob-1").url(), "/").status());
        refused(agent(bobs, "alice"), "TF-NAME-TAKEN", "reserved for others");
        refused(agent(alices, "bob-2"), "TF-NAME-TAKEN", "reserved for others");
        refused(agent(bobs, new TestAgent.Options().hostname("app.example.org")), "TF-NAME-TAKEN");
        refused(agent(bobs, new TestAgent.Options().hostname("other.example.org")), "TF-AUTH", "not among the account's own");
        assertTrue(agent(alices, new TestAgent.Options().hostname("app.example.org")).url().contains("app.example.org"));
        assertEquals(200, get(agent(bobs, "anybodys").url(), "/").status());
    }

    /** Whoever has seen all that belongs to another account's tunnel, but its token. */
    @Test
    void whatIsKnownOfAnothersTunnelIsOfNoUse() throws Exception {
        String named = "\"options\": {\"subdomain\": \"shared\"}, \"agent_id\": \"" + "a".repeat(32) + "\"";
        ScriptedAgent owner = new ScriptedAgent(fixture).send(registration(alices, named));
        JsonObject registered = owner.next("tunnel_registered");
        String id = "\"tunnel_id\": \"" + registered.string("tunnel_id") + "\"";
        String resuming = named + ", " + id + ", \"resume_token\": \"" + registered.string("resume_token") + "\"";
        assertEquals("TF-NAME-TAKEN", new ScriptedAgent(fixture).send(registration(bobs, resuming)).next().string("name"));
        ScriptedAgent other = new ScriptedAgent(fixture).send(registration(bobs, "\"agent_id\": \"" + "b".repeat(32) + "\""));
        other.next("tunnel_registered");
        other.send("{\"type\": \"close_tunnel\", " + id + "}");
        assertEquals("TF-PROTOCOL", other.next("error").string("name"));
        owner.send("{\"type\": \"keep_alive\", " + id + "}");
        owner.next("keep_alive");
        // It is its own account's to take up.
        assertEquals(registered.string("url"), new ScriptedAgent(fixture).send(registration(alices, resuming)).next("tunnel_registered").string("url"));
    }

    private static String registration(String token, String more) {
        return "{\"type\": \"register_tunnel\", \"auth_token\": \"" + token + "\", \"protocol\": \"https\", \"local_port\": 0, " + more + "}";
    }

    @Test
    void aTierSaysWhichAndHowMany() throws Exception {
        refused(fixture.startAgent("tcp://127.0.0.1:9", alices, new TestAgent.Options().protocol("tls")), "TF-LIMIT", "tier small have no tls tunnels");
        agent(alices, "one").url();
        agent(alices, "two").url();
        refused(agent(alices, "three"), "TF-LIMIT", "2 tunnels, which is the limit of tier small");
        agent(bobs, "three").url();
    }

    @Test
    void aStrangerIsRefused() throws Exception {
        String strangers = AccessToken.make(RANDOM);
        refused(agent(strangers, "alice"), "TF-AUTH");
        Eventually.await("it is written down", () -> audit().contains("\"agent_refused\""));
        assertFalse(audit().contains(strangers.substring(4)) || fixture.server().log().entries().toString().contains(strangers.substring(4)));
    }

    @Test
    void whoGuessesIsRefusedForAWhileAlsoWithARightToken() throws Exception {
        for (int i = 0; i < 5; i++) {
            refused(agent(AccessToken.make(RANDOM), "alice"), "TF-AUTH");
        }
        TestAgent right = agent(alices, "alice");
        Eventually.await("it is refused", () -> fixture.server().log().entries("tunnel_refused").stream().anyMatch(entry -> entry.message().contains("too many wrong tokens")));
        clock.advance(Duration.ofSeconds(2));
        right.url();
    }

    @Test
    void aTokenIsForWhatItMayBeUsedFor() throws Exception {
        String limited = AccessToken.make(RANDOM);
        write(account("bob", "pro", "\"names\": []").replace("\"tokens\": []",
                "\"tokens\": [{\"id\": \"ci\", \"sha256\": \"" + sha256(limited) + "\", \"may\": [\"name:demo-*\", \"name:whole.tunnel.localhost\"]}]"));
        awaitLog("accounts_loaded", 1);
        agent(limited, "demo-1").url();
        agent(limited, "whole").url();
        refused(agent(limited, "other"), "TF-AUTH", "not for the name other, but for name:demo-*");
        refused(fixture.startAgent("tcp://127.0.0.1:9", limited, new TestAgent.Options().protocol("tcp")), "TF-AUTH", "not for port", ", but for name:demo-*");
    }

    @Test
    void anExpiredTokenIsRefusedAndItsTunnelEnds() throws Exception {
        TestAgent agent = agent(bobs, "bob-1");
        agent.url();
        write(account("bob", "pro", "\"names\": []").replace("\"tokens\": []", "\"tokens\": [{\"id\": \"old\", \"sha256\": \"" + sha256(bobs) + "\", \"expires\": \"2020-01-01\"}]"));
        clock.advanceUntil("it has ended", LIMIT, () -> !fixture.server().hasTunnel("bob-1.tunnel.localhost"));
        refused(agent, "TF-AUTH", "expired");
        refused(agent(bobs, "bob-1"), "TF-AUTH", "expired");
    }

    // ---- A file that changes. ----

    @Test
    void aTokenIsReplacedWithoutAnInterruption() throws Exception {
        TestAgent before = agent(alices, "alice");
        before.url();
        write(account("alice", "small", "\"names\": [\"alice\"]", alices, alicesNext), account("bob", "pro", "\"names\": []", bobs));
        awaitLog("accounts_loaded", 1);
        TestAgent after = agent(alicesNext, "new");
        String url = after.url();
        write(account("alice", "small", "\"names\": [\"alice\"]", alicesNext), account("bob", "pro", "\"names\": []", bobs));
        clock.advanceUntil("the old one's tunnel has ended", LIMIT, () -> !fixture.server().hasTunnel("alice.tunnel.localhost"));
        refused(before, "TF-AUTH", "revoked");
        assertEquals(200, get(url, "/").status());
    }

    @Test
    void anAgentThatIsStartedAnewWithItsNextTokenKeepsItsName() throws Exception {
        String named = "\"options\": {\"subdomain\": \"shared\"}, \"agent_id\": \"" + "a".repeat(32) + "\"";
        write(account("alice", "small", "\"names\": []", alices, alicesNext));
        awaitLog("accounts_loaded", 1);
        String url = new ScriptedAgent(fixture).send(registration(alices, named)).next("tunnel_registered").string("url");
        ScriptedAgent next = new ScriptedAgent(fixture).send(registration(alicesNext, named));
        JsonObject registered = next.next("tunnel_registered");
        assertEquals(url, registered.string("url"));
        write(account("alice", "small", "\"names\": []", alicesNext));
        awaitLog("accounts_loaded", 2);
        next.send("{\"type\": \"keep_alive\", \"tunnel_id\": \"" + registered.string("tunnel_id") + "\"}");
        next.next("keep_alive");
        assertTrue(fixture.server().log().entries("tunnel_revoked").isEmpty());
    }

    @Test
    void aRemovedAccountsTunnelsEndAndNoOthers() throws Exception {
        TestAgent gone = agent(alices, "alice");
        gone.url();
        String url = agent(bobs, "bob-1").url();
        write(account("bob", "pro", "\"names\": [\"bob-*\"]", bobs));
        clock.advanceUntil("its tunnel has ended", LIMIT, () -> !fixture.server().hasTunnel("alice.tunnel.localhost"));
        refused(gone, "TF-AUTH", "removed");
        assertEquals(200, get(url, "/").status());
        assertEquals("alice", fixture.server().log().entries("tunnel_revoked").getFirst().fields().get("account"));
        Eventually.await("it is written down", () -> audit().contains("\"tunnel_revoked\""));
    }

    @Test
    void aFileWithAMistakeChangesNothing() throws Exception {
        String url = agent(alices, "alice").url();
        put("{\"accounts\": [\n  {\"name\": \"alice\", \"tier\": \"gold\"}\n]}");
        awaitLog("accounts_kept", 1);
        String error = fixture.server().log().entries("accounts_kept").getFirst().fields().get("error").toString();
        assertTrue(error.contains("accounts.json:2:21: field 'tier' must be one of free, pro"), error);
        Files.delete(file);
        awaitLog("accounts_kept", 2);
        assertEquals(200, get(url, "/").status());
        agent(bobs, "bob-1").url();
    }

    /** As a file does that may be read only later: by its time, size and place it is the same then. */
    @Test
    void aFileThatCouldNotBeReadIsTriedAgain() throws Exception {
        String good = "{\"accounts\": [" + account("bob", "pro", "\"names\": []", bobs) + "]}";
        put("x".repeat(good.length()));
        awaitLog("accounts_kept", 1);
        FileTime before = Files.getLastModifiedTime(file);
        Files.writeString(file, good);
        Files.setLastModifiedTime(file, before);
        awaitLog("accounts_loaded", 1);
        refused(agent(alices, "alice"), "TF-AUTH");
    }

    @Test
    void aServerDoesNotStartWithAMistake() throws Exception {
        Path wrong = Files.writeString(directory.resolve("wrong.json"), "{\"acounts\": []}");
        IOException e = assertThrows(IOException.class, () -> TestServer.start(new TestServer.Options().accounts(wrong)));
        assertTrue(e.getMessage().contains("wrong.json:1:2"), e.getMessage());
    }

    @Test
    void aTokenThatAgentsWouldTakeForAMistakeOpensNoServer() {
        String longer = alices + "x".repeat(18);
        UsageException refused = assertThrows(UsageException.class, () -> ServerMain.start(List.of("--token", longer)));
        assertEquals("--token: " + AccessToken.problem(longer), refused.getMessage());
    }

    // ---- Limits. ----

    @Test
    void whatLeavesWithASessionsBeginningCounts() throws Exception {
        tiers = "\"small\": {\"bytes_per_month\": 20000, \"tcp\": true}";
        write(account("alice", "small", "\"names\": [\"alice\"]", alices));
        awaitLog("accounts_loaded", 1);
        try (ServerSocket service = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> endAll(service));
            URI url = URI.create(fixture.startAgent("tcp://127.0.0.1:" + service.getLocalPort(), alices, new TestAgent.Options().protocol("tcp")).url());
            for (int i = 0; i < 12; i++) {
                try (Socket visitor = new Socket("127.0.0.1", url.getPort())) {
                    visitor.getOutputStream().write(new byte[4_000]);
                    visitor.shutdownOutput();
                    visitor.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // No more may move.
                }
            }
        }
        Eventually.await("it is told", () -> audit().contains("as many bytes as they may in a month"));
    }

    private static void endAll(ServerSocket service) {
        try {
            while (true) {
                try (Socket each = service.accept()) {
                    each.getInputStream().readAllBytes();
                }
            }
        } catch (IOException e) {
            // It was closed.
        }
    }

    @Test
    void trailersCount() throws Exception {
        tiers = "\"small\": {\"bytes_per_month\": 20000}";
        write(account("alice", "small", "\"names\": [\"alice\"]", alices));
        awaitLog("accounts_loaded", 1);
        // A directory would be answered before the trailers have come.
        fixture.service().serveText("read");
        URI address = URI.create(fixture.startAgent("127.0.0.1:" + fixture.service().port(), alices, new TestAgent.Options().subdomain("alice")).url());
        String trailers = "X-A: " + "a".repeat(6_000) + "\r\nX-B: " + "b".repeat(6_000) + "\r\n";
        for (int i = 0; i < 2; i++) {
            try (Peer visitor = fixture.visitor(address.getHost())) {
                visitor.send("GET / HTTP/1.1\r\nHost: " + address.getAuthority() + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + trailers + "\r\n").readResponse();
            } catch (IOException e) {
                // The second one is too much.
            }
        }
        assertEquals(429, get(address.toString(), "/").status());
    }

    @Test
    void visitorsBehindALoadBalancerHaveTheirOwnRates() throws Exception {
        tiers = "\"small\": {\"visitor_requests_per_second\": 1, \"visitor_burst\": 3}";
        write(account("alice", "small", "\"names\": [\"alice\"]", alices));
        TunnelFixture.Options options = new TunnelFixture.Options().withoutAgent();
        options.server().accounts(file).trustForwarded("127.0.0.0/8").clock(clock);
        try (TunnelFixture behind = TunnelFixture.start(options)) {
            URI address = URI.create(behind.startAgent(served.toUri().toString(), alices, new TestAgent.Options().subdomain("alice")).url());
            for (int i = 0; i < 6; i++) {
                assertEquals(200, getFor(behind, address, "203.0.113." + i));
            }
            assertEquals(200, getFor(behind, address, "203.0.113.0"));
            assertEquals(200, getFor(behind, address, "203.0.113.0"));
            assertEquals(429, getFor(behind, address, "203.0.113.0"));
            Eventually.await("it is written down", () -> read(behind.server().stateDirectory().resolve("audit.jsonl")).contains("203.0.113.0"));
        }
    }

    private static int getFor(TunnelFixture behind, URI address, String visitor) throws IOException {
        try (Peer loadBalancer = behind.visitor(address.getHost())) {
            return loadBalancer.send("GET / HTTP/1.1\r\nHost: " + address.getAuthority() + "\r\nX-Forwarded-For: " + visitor + "\r\n\r\n").readResponse().status();
        }
    }

    @Test
    void tooManyRequestsAreToldWhenToComeAgain() throws Exception {
        URI alice = URI.create(agent(alices, "alice").url());
        URI bob = URI.create(agent(bobs, "bob-1").url());
        Peer visitor = fixture.visitor(alice.getHost());
        String request = "GET / HTTP/1.1\r\nHost: " + alice.getAuthority() + "\r\n\r\n";
        for (int i = 0; i < 3; i++) {
            assertEquals(200, visitor.send(request).readResponse().status());
        }
        Message refused = visitor.send(request).readResponse();
        assertEquals(429, refused.status());
        assertEquals("TF-RATE-LIMITED", refused.get("TunnelForge-Error"));
        assertEquals("1", refused.get("Retry-After"));
        assertEquals(200, get(bob.toString(), "/").status());
        clock.advance(Duration.ofSeconds(1));
        assertEquals(200, visitor.send(request).readResponse().status(), "on the same connection");
        assertEquals(429, visitor.send(request).readResponse().status());
        Eventually.await("it is written down, once", () -> audit().split("\"event\":\"visitor_limited\"").length == 2);
    }

    @Test
    void aLimitThatIsRaisedHoldsAtOnce() throws Exception {
        String url = agent(alices, "alice").url();
        for (int i = 0; i < 3; i++) {
            get(url, "/");
        }
        assertEquals(429, get(url, "/").status());
        tiers = tiers.replace("\"burst\": 3", "\"burst\": 300");
        write(account("alice", "small", "\"names\": [\"alice\"]", alices));
        awaitLog("accounts_loaded", 1);
        assertEquals(200, get(url, "/").status());
    }

    @Test
    void tooManyTcpConnectionsAreRefused() throws Exception {
        TestAgent agent = fixture.startAgent("tcp://127.0.0.1:" + fixture.service().port(), alices, new TestAgent.Options().protocol("tcp"));
        int port = URI.create(agent.url()).getPort();
        for (int i = 0; i < 3; i++) {
            Peer visitor = fixture.tcp(port);
            Peer local = fixture.service().accept();
            visitor.send("hello");
            assertEquals("hello", new String(local.in().readNBytes(5), StandardCharsets.US_ASCII));
        }
        assertThrows(IOException.class, () -> fixture.tcp(port).in().read(), "reset");
        clock.advance(Duration.ofSeconds(1));
        fixture.tcp(port).send("hello");
        assertNotNull(fixture.service().accept());
    }

    @Test
    void aMonthsBytesAreKeptOverARestart() throws Exception {
        tiers = "\"small\": {\"bytes_per_month\": 600000, \"tunnels\": 2}";
        write(account("alice", "small", "\"names\": [\"alice\"]", alices));
        awaitLog("accounts_loaded", 1);
        String url = agent(alices, "alice").url();
        assertEquals(300_000, get(url, "/large").body().length);
        clock.advanceUntil("it is kept", Duration.ofMinutes(2), () -> Files.exists(fixture.server().stateDirectory().resolve("usage.json")));
        Eventually.await("it is counted", () -> read(fixture.server().stateDirectory().resolve("usage.json")).matches("(?s).*\"alice\": 300\\d{3}\\b.*"));
        TunnelFixture.Options options = new TunnelFixture.Options().withoutAgent();
        Path state = directory.resolve("state");
        Files.createDirectory(state, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (Stream<Path> files = Files.list(fixture.server().stateDirectory())) {
            for (Path each : files.filter(path -> !path.toString().endsWith(".lock")).toList()) {
                Files.copy(each, state.resolve(each.getFileName()));
            }
        }
        options.server().accounts(file).stateDirectory(state).clock(clock);
        try (TunnelFixture next = TunnelFixture.start(options)) {
            // The name of before is kept for the agent of before.
            URI address = URI.create(next.startAgent(served.toUri().toString(), alices, new TestAgent.Options().subdomain("other")).url());
            String request = " HTTP/1.1\r\nHost: " + address.getAuthority() + "\r\n\r\n";
            assertEquals(200, next.visitor(address.getHost()).send("GET /large" + request).readResponse().status());
            Message refused = next.visitor(address.getHost()).send("GET /" + request).readResponse();
            assertEquals(429, refused.status());
            assertTrue(Integer.parseInt(refused.get("Retry-After")) > 1);
        }
    }

    @Test
    void aTunnelLimitThatIsLoweredHoldsForNewOnes() throws Exception {
        String url = agent(alices, "one").url();
        agent(alices, "two").url();
        tiers = tiers.replace("\"tunnels\": 2", "\"tunnels\": 1");
        write(account("alice", "small", "\"names\": []", alices), account("bob", "pro", "\"names\": []", bobs));
        awaitLog("accounts_loaded", 1);
        assertEquals(200, get(url, "/").status());
        refused(agent(alices, "three"), "TF-LIMIT", "has 1 tunnels");
    }

    /** Its ports are nobody else's, and it has no others. */
    @Test
    void anAccountWithPortsHasThose() throws Exception {
        int first = fixture.server().firstTcpPort();
        tiers = "\"small\": {\"tcp\": true, \"ports\": [\"" + first + "-" + (first + 1) + "\"]}";
        write(account("alice", "small", "\"names\": []", alices), account("bob", "pro", "\"names\": []", bobs));
        awaitLog("accounts_loaded", 1);
        for (int i = 0; i < 2; i++) {
            int port = URI.create(tcp(alices).url()).getPort();
            assertTrue(port == first || port == first + 1, "" + port);
        }
        assertTrue(URI.create(tcp(bobs).url()).getPort() > first + 1);
        refused(fixture.startAgent("tcp://127.0.0.1:9", bobs, new TestAgent.Options().protocol("tcp").remotePort(first)), "TF-LIMIT", "not one that this account may have");
    }

    private TestAgent tcp(String token) throws IOException {
        return fixture.startAgent("tcp://127.0.0.1:9", token, new TestAgent.Options().protocol("tcp"));
    }

    /** Each of them took 64 KiB of what all have together before the next had its turn. */
    @Test
    void manySessionsLeaveTheirAccountsRequestsATurn() throws Exception {
        tiers = "\"small\": {\"tcp\": true, \"bytes_per_second\": 200000}";
        write(account("alice", "small", "\"names\": []", alices));
        awaitLog("accounts_loaded", 1);
        String url = agent(alices, "alice").url();
        TestAgent tcp = fixture.startAgent("tcp://127.0.0.1:" + fixture.service().port(), alices, new TestAgent.Options().protocol("tcp"));
        int port = URI.create(tcp.url()).getPort();
        List<Peer> visitors = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            visitors.add(fixture.tcp(port).send("x"));
            Peer local = fixture.service().accept();
            Thread.ofVirtual().start(() -> {
                try {
                    local.send(new byte[1_000_000]);
                } catch (IOException e) {
                    // It has ended.
                }
            });
        }
        FutureTask<Integer> answered = new FutureTask<>(() -> get(url, "/").status());
        Thread.ofVirtual().start(answered);
        // Of the time by which the server judges.
        Duration waited = clock.advanceUntil("it has its turn", Duration.ofSeconds(5), answered::isDone);
        assertEquals(200, answered.get());
        assertTrue(waited.compareTo(Duration.ofSeconds(2)) < 0, waited::toString);
        for (Peer visitor : visitors) {
            visitor.reset();
        }
    }

    @Test
    void headsCountAsWell() throws Exception {
        tiers = "\"small\": {\"bytes_per_month\": 1000}";
        write(account("alice", "small", "\"names\": []", alices));
        awaitLog("accounts_loaded", 1);
        URI alice = URI.create(fixture.startAgent("127.0.0.1:" + fixture.service().port(), alices, new TestAgent.Options().subdomain("alice")).url());
        Peer visitor = fixture.visitor(alice.getHost());
        visitor.send("GET / HTTP/1.1\r\nHost: " + alice.getAuthority() + "\r\n\r\n");
        Peer local = fixture.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 204 No Content\r\nX: " + "x".repeat(2_000) + "\r\n\r\n");
        assertEquals(204, visitor.readResponse().status());
        assertEquals(429, get(alice.toString(), "/").status());
    }

    /** Or else a download would never end that was begun in time. */
    @Test
    void whatIsUnderWayBreaksOffWhenTheMonthIsUsedUp() throws Exception {
        tiers = "\"small\": {\"bytes_per_month\": 100000}";
        write(account("alice", "small", "\"names\": []", alices));
        awaitLog("accounts_loaded", 1);
        String url = agent(alices, "alice").url();
        assertThrows(IOException.class, () -> get(url, "/large"));
        assertEquals(429, get(url, "/").status());
    }

    // ---- Certificates. ----

    @Test
    void aCertificateStandsForAnAccountThatSaysSo() throws Exception {
        KeyEntry ca = TestCertificates.ca("the agents' CA");
        Files.writeString(directory.resolve("ca.pem"), Pem.encode(ca.leaf()));
        write(account("alice", "small", "\"certificate_names\": [\"laptop\"]", alices), account("bob", "pro", "\"names\": []", bobs));
        TunnelFixture.Options options = new TunnelFixture.Options().withoutAgent();
        options.server().accounts(file).clientCa(directory.resolve("ca.pem")).clock(clock);
        try (TunnelFixture strict = TunnelFixture.start(options)) {
            String target = served.toUri().toString();
            refused(strict.startAgent(target, "", showing(ca, "laptop").subdomain("one")), "TF-AUTH", "asks for a token beside the certificate");
            strict.startAgent(target, alices, showing(ca, "laptop").subdomain("two")).url();
            refused(strict.startAgent(target, alices, showing(ca, "another").subdomain("three")), "TF-AUTH", "also show one of its certificates");
            refused(strict.startAgent(target, "", showing(ca, "another").subdomain("four")), "TF-AUTH", "no certificate that stands for an account");
            strict.startAgent(target, bobs, showing(ca, "another").subdomain("five")).url();
            write(account("bob", "pro", "\"certificate_names\": [\"desk\"]", bobs));
            clock.advanceUntil("the account now demands another certificate", LIMIT, () -> strict.server().tunnels() == 0);
            String alone = "{\"name\": \"carol\", \"tier\": \"pro\", \"certificate_names\": [\"spare\"]}";
            write(account("bob", "pro", "\"certificate_names\": [\"desk\"], \"certificate_alone\": true", bobs), alone);
            clock.advanceUntil("accounts are read", LIMIT, () -> strict.server().log().entries("accounts_loaded").size() == 2);
            TestAgent desk = strict.startAgent(target, "", showing(ca, "desk").subdomain("six"));
            desk.url();
            strict.startAgent(target, "", showing(ca, "spare").subdomain("seven")).url();
            Path both = directory.resolve("both.pem");
            TestCertificates.write(TestCertificates.of("desk").names("spare").from(ca).forClients().make(), both);
            refused(strict.startAgent(target, "", new TestAgent.Options().certificate(both).subdomain("eight")), "TF-AUTH", "several accounts");
            write(account("bob", "pro", "\"certificate_names\": [\"desk\"]", bobs), alone);
            clock.advanceUntil("it is not enough now", LIMIT, () -> strict.server().tunnels() == 1);
            refused(desk, "TF-AUTH", "certificate alone does not stand for the account any longer");
        }
    }

    private TestAgent.Options showing(KeyEntry ca, String name) throws IOException {
        Path pem = directory.resolve(name + ".pem");
        TestCertificates.write(TestCertificates.client(ca, name), pem);
        return new TestAgent.Options().certificate(pem);
    }

    // ---- The record. ----

    private String audit() {
        return read(fixture.server().stateDirectory().resolve("audit.jsonl"));
    }

    private static String read(Path path) {
        try {
            return Files.exists(path) ? Files.readString(path) : "";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoRegisteredIsWrittenDown() throws Exception {
        String url = agent(alices, "alice").url();
        Eventually.await("it is written down", () -> audit().contains("\"tunnel_opened\""));
        List<String> lines = audit().lines().filter(line -> line.contains("tunnel_opened")).toList();
        assertEquals(1, lines.size());
        assertTrue(lines.getFirst().contains("\"account\":\"alice\"") && lines.getFirst().contains("\"token\":\"alice-" + alices.substring(45))
                && lines.getFirst().contains(url) && lines.getFirst().contains("\"peer\":\"127.0.0.1\""), lines.getFirst());
        assertFalse(audit().contains(alices));
        assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(fixture.server().stateDirectory().resolve("audit.jsonl")));
    }

    @Test
    void aRecordThatCannotBeWrittenStopsNoTunnel() throws Exception {
        Path record = Files.createDirectory(fixture.server().stateDirectory().resolve("audit.jsonl"));
        assertEquals(200, get(agent(alices, "alice").url(), "/").status());
        assertEquals(200, get(agent(bobs, "bob-1").url(), "/").status());
        Eventually.await("that is told", () -> !fixture.server().log().entries("audit_not_written").isEmpty());
        Files.delete(record);
        agent(bobs, "bob-2").url();
        Eventually.await("it is written again", () -> audit().contains("bob-2"));
        assertEquals(1, fixture.server().log().entries("audit_not_written").size());
    }
}
