package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.DoctorMain;
import tunnelforge.agent.TestAgent;
import tunnelforge.cli.ExitException;
import tunnelforge.cli.Launch;
import tunnelforge.log.RecordingLog;

/** An agent that goes out through a proxy, or would. */
final class ProxyTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /** Nobody here can look it up. */
    private static final String NAME = "server.invalid";
    private static final String SECRET = "S3cret";
    private static TunnelFixture tunnel;

    @TempDir
    private Path state;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start(new TunnelFixture.Options().withoutAgent());
    }

    @AfterAll
    static void stop() throws Exception {
        tunnel.close();
    }

    private static TestAgent agentThrough(String proxy) throws Exception {
        return TestAgent.start("127.0.0.1:" + tunnel.service().port(), tunnel.server().port(), tunnel.server().token(),
                new TestAgent.Options().serverHost(NAME).pin(tunnel.server().pin()).proxy(proxy));
    }

    private static void assertServes(TestAgent agent) throws Exception {
        tunnel.service().serveText("through");
        URI url = URI.create(agent.url());
        try (Peer visitor = tunnel.visitor(url.getHost())) {
            assertEquals("through", visitor.send("GET / HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n\r\n").readResponse().text());
        }
    }

    private static void assertNoSecret(TestAgent agent) {
        assertFalse(agent.log().entries().toString().contains(SECRET), agent.log().entries().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "me:" + SECRET})
    void connectionsOfBothKindsGoThroughAnHttpProxyThatLooksUpTheName(String login) throws Exception {
        try (TestProxy proxy = TestProxy.http(login.isEmpty() ? null : login);
                TestAgent agent = agentThrough("http://" + (login.isEmpty() ? "" : login + "@") + "127.0.0.1:" + proxy.port())) {
            assertServes(agent);
            assertEquals(Set.of(NAME + ":" + tunnel.server().port()), Set.copyOf(proxy.asked()));
            assertTrue(proxy.asked().size() >= 2, proxy.asked().toString());
            assertNoSecret(agent);
            agent.stop();
            assertEquals(0, agent.awaitExit(LIMIT));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "me:" + SECRET})
    void andThroughSocks5(String login) throws Exception {
        try (TestProxy proxy = login.isEmpty() ? TestProxy.socks5(null, null) : TestProxy.socks5("me", SECRET);
                TestAgent agent = agentThrough("socks5://" + (login.isEmpty() ? "" : login + "@") + "127.0.0.1:" + proxy.port())) {
            assertServes(agent);
            assertEquals(Set.of(NAME + ":" + tunnel.server().port()), Set.copyOf(proxy.asked()));
            assertNoSecret(agent);
        }
    }

    @Test
    void aProxyThatComesBackIsGoneThroughAgain() throws Exception {
        TestProxy first = TestProxy.http(null);
        int port = first.port();
        try (first; TestAgent agent = agentThrough("http://127.0.0.1:" + port)) {
            assertServes(agent);
            first.close();
            agent.log().await("proxy_failed", LIMIT);
            RecordingLog.Entry told = agent.log().entries("proxy_failed").getFirst();
            assertTrue(told.message().startsWith("the proxy http://127.0.0.1:" + port + " does not lead to the server " + NAME), told.toString());
            assertTrue(told.fields().get("error").toString().contains("cannot be connected to: Connection refused"), told.toString());
            try (TestProxy second = TestProxy.http(port, null)) {
                Eventually.await("it has its connections again", () -> tunnel.server().dataConnections() >= 1 && second.asked().size() > 1);
                assertServes(agent);
            }
        }
    }

    /** Wrong once it has worked: somebody may be changing it. */
    @Test
    void aLoginThatHasWorkedIsTriedOn() throws Exception {
        try (TestProxy proxy = TestProxy.http("me:" + SECRET); TestAgent agent = agentThrough("http://me:" + SECRET + "@127.0.0.1:" + proxy.port())) {
            assertServes(agent);
            proxy.asksFor("me:another");
            proxy.cut();
            assertTrue(agent.log().await("proxy_failed", LIMIT).fields().get("error").toString().contains("does not accept the user and password"));
            proxy.asksFor("me:" + SECRET);
            assertServes(agent);
            assertNoSecret(agent);
        }
    }

    private static void assertRefused(TestProxy proxy, String url, String reason, String next) throws Exception {
        try (proxy; TestAgent agent = agentThrough(url + proxy.port())) {
            ExitException end = agent.awaitEnd(LIMIT);
            assertEquals(3, end.code(), end.getMessage());
            assertTrue(end.getMessage().contains(reason), end.getMessage());
            assertTrue(end.getMessage().contains("\n" + next), end.getMessage());
            assertFalse(end.getMessage().contains(SECRET), end.getMessage());
            assertNoSecret(agent);
        }
    }

    @Test
    void aLoginThatWillNotDoEndsAnAgentThatWasNeverConnected() throws Exception {
        assertRefused(TestProxy.http("me:right"), "http://127.0.0.1:", "asks for a user and a password (407", "write them into --proxy as http://USER:PASSWORD@127.0.0.1:");
        assertRefused(TestProxy.http("me:right"), "http://me:" + SECRET + "@127.0.0.1:", "does not accept the user and password that it was shown (407", "check them in --proxy");
        assertRefused(TestProxy.socks5("me", "right"), "socks5://127.0.0.1:", "asks for a user and a password (SOCKS5", "write them into --proxy as socks5://USER:PASSWORD@127.0.0.1:");
        assertRefused(TestProxy.socks5("me", "right"), "socks5h://me:" + SECRET + "@127.0.0.1:", "does not accept the user and password that it was shown (SOCKS5", "check them in --proxy");
        assertRefused(saying("HTTP/1.0 401 Unauthorized\r\n\r\n"), "http://me:" + SECRET + "@127.0.0.1:", "does not accept the user and password that it was shown (401", "check them in --proxy");
        assertRefused(saying("HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n"), "http://me:" + SECRET + "@127.0.0.1:",
                "asks for a login by Negotiate, NTLM (407 No)", "ask whoever runs it to accept Basic");
        assertRefused(saying("HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate, Basic realm=\"x\"\r\n\r\n"), "http://127.0.0.1:", "asks for a user and a password (407", "write them into --proxy");
    }

    private static TestProxy saying(String text) throws Exception {
        return TestProxy.saying(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void assertToldAndTriedAgain(TestProxy proxy, String scheme, String reason, String next) throws Exception {
        try (proxy; TestAgent agent = agentThrough(scheme + "127.0.0.1:" + proxy.port())) {
            RecordingLog.Entry told = agent.log().await("proxy_failed", LIMIT);
            assertTrue(told.fields().get("error").toString().contains(reason), told.toString());
            assertTrue(told.message().contains("(" + next), told.toString());
            Eventually.await("it tries again", () -> agent.log().entries("proxy_failed").size() > 1);
            agent.stop();
            assertEquals(0, agent.awaitExit(LIMIT));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "HTTP/1.1 403 Forbidden          | does not let connections to server.invalid:%d through (403 Forbidden)  | ask whoever runs it to allow CONNECT to server.invalid:",
        "HTTP/1.1 502 Bad Gateway        | has no connection to server.invalid:%d (502 Bad Gateway)               | is the server running, and can the proxy reach it",
        "HTTP/1.1 405 Method Not Allowed | does not take CONNECT to server.invalid:%d (405 Method Not Allowed)     | is this an HTTP proxy, and does it allow CONNECT? check --proxy",
        "HTTP/1.1 302 \\u001b[2J          | does not take CONNECT to server.invalid:%d (302 [2J)                     | is this an HTTP proxy",
        "HTTP/1.1 200 OK\\r\\nbad field    | what answers at its address is no HTTP proxy                            | check address and kind in --proxy",
        "SSH-2.0-other                   | what answers at its address is no HTTP proxy                            | check address and kind in --proxy"})
    void whatAnHttpProxySaysIsTold(String answer, String reason, String next) throws Exception {
        assertToldAndTriedAgain(saying(answer.replace("\\r\\n", "\r\n").replace("\\u001b", "\u001b") + "\r\n\r\n"), "http://", reason.formatted(tunnel.server().port()), next);
    }

    @Test
    void anAnswerWithoutAnEndIsReadUpToALimit() throws Exception {
        assertToldAndTriedAgain(saying("HTTP/1.1 200 OK\r\nA: " + "x".repeat(16 * 1024)), "http://", "no HTTP proxy", "check address and kind");
        assertToldAndTriedAgain(saying("HTTP/1.1 100 More\r\n\r\n".repeat(1000)), "http://", "no HTTP proxy", "check address and kind");
        assertToldAndTriedAgain(saying("HTTP/1.1 200"), "http://", "ended the connection without an answer", "is it a proxy of this kind");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "5 0 5 1 0 1 0 0 0 0 0 0 | has no connection to server.invalid:%d (SOCKS5 reply 1)              | is the server running",
        "5 0 5 2 0 1 0 0 0 0 0 0 | does not let connections to server.invalid:%d through (SOCKS5 reply 2) | ask whoever runs it",
        "5 0 5 3 0 1 0 0 0 0 0 0 | the network of server.invalid:%d cannot be reached                    | is the server running",
        "5 0 5 4 0 1 0 0 0 0 0 0 | server.invalid cannot be reached from the proxy, or is unknown there   | is the server running",
        "5 0 5 5                 | server.invalid:%d refuses the connections of the proxy (SOCKS5 reply 5) | is the server running",
        "5 0 5 8                 | does not know addresses such as server.invalid                       | give --server a name",
        "5 0 5 0 0 9             | no SOCKS5 proxy                                                      | check address and kind in --proxy",
        "5 7                     | no SOCKS5 proxy                                                      | check address and kind in --proxy",
        "4 0                     | no SOCKS5 proxy                                                      | check address and kind in --proxy",
        "72 84 84 80             | no SOCKS5 proxy                                                      | check address and kind in --proxy",
        "5                       | ended the connection without an answer                               | is it a proxy of this kind"})
    void whatASocksProxySaysIsTold(String octets, String reason, String next) throws Exception {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        for (String octet : octets.strip().split(" ")) {
            answer.write(Integer.parseInt(octet));
        }
        assertToldAndTriedAgain(TestProxy.saying(answer.toByteArray()), "socks5://", reason.formatted(tunnel.server().port()), next);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "socks5"})
    void aProxyThatSaysNothingIsLeftAndTheAgentCanBeStoppedMeanwhile(String scheme) throws Exception {
        try (TestProxy proxy = TestProxy.silent(); TestAgent agent = agentThrough(scheme + "://127.0.0.1:" + proxy.port())) {
            assertTrue(agent.log().await("proxy_failed", LIMIT).fields().get("error").toString().contains("the proxy did not answer within 10 s"));
            Eventually.await("it tries again", () -> proxy.connections() > 1);
            long began = System.nanoTime();
            agent.stop();
            assertEquals(0, agent.awaitExit(LIMIT));
            assertTrue(System.nanoTime() - began < Duration.ofSeconds(8).toNanos(), "it waited for the proxy");
        }
    }

    private String doctor(int code, String... options) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        List<String> words = new ArrayList<>(List.of("--state-dir", state.toString(), "--server", NAME + ":" + tunnel.server().port(), "--token", tunnel.server().token(),
                "--pin", tunnel.server().pin()));
        words.addAll(List.of(options));
        int ended = Launch.run(new DoctorMain(out), out, out, words.toArray(String[]::new));
        String text = said.toString(StandardCharsets.UTF_8);
        assertEquals(code, ended, text);
        assertFalse(text.contains(SECRET), text);
        return text;
    }

    @Test
    void theDoctorGoesThroughTheProxyToo() throws Exception {
        try (TestProxy proxy = TestProxy.http("me:" + SECRET)) {
            String text = doctor(0, "--proxy", "http://me:" + SECRET + "@127.0.0.1:" + proxy.port());
            assertEquals("proxy tls trust control token data visit", String.join(" ", text.lines().filter(line -> line.startsWith("ok ")).map(line -> line.split(" +")[1]).toList()), text);
            assertTrue(text.contains("ok    proxy    http://127.0.0.1:" + proxy.port() + " (--proxy) leads to " + NAME), text);
            String refused = doctor(3, "--proxy", "http://127.0.0.1:" + proxy.port());
            assertTrue(refused.contains("FAIL  proxy    http://127.0.0.1:" + proxy.port() + ": the proxy asks for a user and a password (407"), refused);
            assertTrue(refused.contains("next: write them into --proxy as http://USER:PASSWORD@"), refused);
        }
        String missing = doctor(1, "--proxy", "socks5://127.0.0.1:" + ScriptedService.closedPort());
        assertTrue(missing.contains("FAIL  proxy") && missing.contains("the proxy cannot be connected to: Connection refused"), missing);
    }

    /** Who looks for why they are not trusted learns that a proxy may be it. */
    @Test
    void aProxyThatOpensTlsIsThoughtOf() throws Exception {
        try (TestProxy proxy = TestProxy.http(null);
                TestAgent agent = TestAgent.start("127.0.0.1:1", tunnel.server().port(), "token", new TestAgent.Options().serverHost(NAME).proxy("127.0.0.1:" + proxy.port()))) {
            ExitException end = agent.awaitEnd(LIMIT);
            assertEquals(4, end.code());
            assertTrue(end.getMessage().contains("or the proxy http://127.0.0.1:" + proxy.port() + " opens TLS"), end.getMessage());
        }
    }
}
