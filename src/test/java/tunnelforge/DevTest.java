package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.TestAgent;

/** {@code --dev}: a local service that refuses the visitor's Host gets its own, from the refused request on. */
final class DevTest {
    private static final String OWN = "localhost:5173";
    private static final Map<String, String> REFUSALS = Map.of(
            "Vite", "403 Forbidden\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n24\r\nBlocked request. This host (\"x.test\")\r\n10\r\n is not allowed.\r\n0\r\n\r\n",
            "webpack-dev-server", "403 Forbidden\r\nX-Powered-By: Express\r\nContent-Length: 19\r\n\r\nInvalid Host header",
            "webpack-dev-server 4", "200 OK\r\nContent-Length: 19\r\n\r\nInvalid Host header",
            "MCP", "421 Misdirected Request\r\nContent-Length: 19\r\n\r\nInvalid Host header",
            "MCP, Origin", "403 Forbidden\r\nContent-Length: 21\r\n\r\nInvalid Origin header",
            "MCP in TypeScript", "403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 76\r\n\r\n{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32000,\"message\":\"Invalid Host: x\"},\"id\":1}",
            "Jupyter", "403 Forbidden\r\nServer: TornadoServer/6.6.1\r\nContent-Length: 6\r\n\r\n<html>");
    private static TunnelFixture tunnel;

    private final AtomicInteger runs = new AtomicInteger();
    private TestAgent agent;
    private URI url;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start(new TunnelFixture.Options().withoutAgent());
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    /** What it has found out is the agent's for as long as it runs. */
    @BeforeEach
    void startAgent() throws Exception {
        agent = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().dev(OWN));
        url = URI.create(agent.url());
    }

    @AfterEach
    void settle() throws IOException {
        agent.close();
        tunnel.settle();
    }

    /** A service that answers with {@code refusal}, status line and all, unless Host and Origin are its own. */
    private void serviceRefusesBy(String refusal) {
        tunnel.service().serve((request, connection) -> {
            boolean own = OWN.equals(request.get("Host")) && (!request.has("Origin") || request.get("Origin").equals("http://" + OWN));
            if (own) {
                runs.incrementAndGet();
            }
            String answer = request.method() + " " + request.target() + " " + request.text() + " of " + request.get("Host");
            connection.send("HTTP/1.1 " + (own ? "200 OK\r\nContent-Length: " + answer.length() + "\r\n\r\n" + answer : refusal));
            return true;
        });
    }

    private Message ask(String method, String lines, String content) throws IOException {
        try (Peer visitor = tunnel.visitor(url.getHost())) {
            return visitor.send(method + " /x HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n" + lines + "\r\n" + content).readResponse();
        }
    }

    private int told() {
        return agent.log().entries("host_rewritten").size();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Vite", "webpack-dev-server", "webpack-dev-server 4", "MCP", "MCP, Origin", "MCP in TypeScript", "Jupyter"})
    void theRefusedRequestItselfIsAnsweredAndItIsToldOnce(String kind) throws Exception {
        serviceRefusesBy(REFUSALS.get(kind));
        assertEquals("GET /x  of " + OWN, ask("GET", "Origin: " + url + "\r\n", "").text());
        assertEquals(2, tunnel.service().requests());
        assertEquals("GET /x  of " + OWN, ask("GET", "", "").text());
        assertEquals(3, tunnel.service().requests(), "no longer sent as it came");
        assertEquals(1, told());
        String message = agent.log().entries("host_rewritten").getFirst().message();
        assertTrue(message.contains("from now on it gets " + OWN + " as Host"), message);
        assertTrue(kind.startsWith(message.replaceAll(".*, as (an )?([A-Za-z-]+).*", "$2").replace(" server", "")), message);
    }

    /** As a client of MCP begins. */
    @Test
    void aShortContentIsSentAgainForItWasNotRun() throws Exception {
        serviceRefusesBy(REFUSALS.get("MCP"));
        assertEquals("POST /x hello of " + OWN, ask("POST", "Content-Length: 5\r\n", "hello").text());
        assertEquals(1, runs.get());
        // The visitor may have its answer a moment before the exchange is closed.
        Eventually.await("nothing is kept", () -> agent.budgetUsed() == 0);
    }

    @Test
    void afterALongContentTheNextRequestIsAnswered() throws Exception {
        serviceRefusesBy(REFUSALS.get("MCP"));
        String content = "x".repeat(100_000);
        assertEquals(421, ask("POST", "Content-Length: 100000\r\n", content).status());
        assertEquals(1, told());
        assertEquals("POST /x " + content + " of " + OWN, ask("POST", "Content-Length: 100000\r\n", content).text());
        assertEquals(1, runs.get());
    }

    /** It may have been refused for another reason, so nothing but what is safe is asked again. */
    @Test
    void onASuspicionNothingIsRunTwice() throws Exception {
        serviceRefusesBy(REFUSALS.get("Jupyter"));
        assertEquals(403, ask("POST", "Content-Length: 5\r\n", "hello").status());
        assertEquals(1, tunnel.service().requests());
        assertEquals(0, told());
    }

    @Test
    void anUpgradeIsAskedForAgain() throws Exception {
        tunnel.service().serve((request, connection) -> {
            if (!OWN.equals(request.get("Host"))) {
                connection.send("HTTP/1.1 " + REFUSALS.get("Jupyter"));
            } else {
                connection.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello");
                connection.finish();
            }
            return false;
        });
        try (Peer visitor = tunnel.visitor(url.getHost())) {
            visitor.send("GET /x HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            assertEquals(101, visitor.readResponseHead().status());
            assertEquals("hello", visitor.readText(5));
        }
        assertEquals(1, told());
    }

    /** Such as of somebody who may not see a page. */
    @Test
    void aSuspicionThatComesToNothingIsGivenUpAfterSome() throws Exception {
        tunnel.service().serve((request, connection) -> {
            connection.send("HTTP/1.1 403 Forbidden\r\nServer: TornadoServer/6.6.1\r\nContent-Length: 2\r\n\r\nno");
            return true;
        });
        for (int i = 0; i < 7; i++) {
            Message answer = ask("GET", "", "");
            assertEquals(List.of(403, "no"), List.of(answer.status(), answer.text()));
        }
        assertEquals(7 + 5, tunnel.service().requests());
        assertEquals(0, told());
    }

    /** It is right to: no other Host would help, and the service may know the visitors' alone. */
    @ParameterizedTest
    @ValueSource(strings = {"MCP, Origin", "MCP in TypeScript"})
    void anOriginThatIsNotTheTunnelsOwnChangesNothing(String kind) throws Exception {
        String refusal = REFUSALS.get(kind).replace("Invalid Host: x\"", "Invalid Origin:\"");
        tunnel.service().serve((request, connection) -> {
            connection.send("HTTP/1.1 " + (request.has("Origin") ? refusal : "200 OK\r\nContent-Length: " + request.get("Host").length() + "\r\n\r\n" + request.get("Host")));
            return true;
        });
        for (String origin : new String[] {"https://another.test", "null"}) {
            assertEquals(403, ask("POST", "Origin: " + origin + "\r\nContent-Length: 0\r\n", "").status());
        }
        assertEquals(2, tunnel.service().requests());
        assertEquals(url.getAuthority(), ask("GET", "", "").text());
        assertEquals(0, told());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        "403 Forbidden\r\nContent-Length: 20\r\n\r\nInvalid Host header.",
        "403 Forbidden\r\nContent-Length: 18\r\n\r\nInvalid Host heade",
        "403 Forbidden\r\nContent-Length: 15\r\n\r\nBlocked request",
        "403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nInvalid\r\n9\r\n password\r\n0\r\n\r\n",
        "403 Forbidden\r\nContent-Encoding: gzip\r\nContent-Length: 19\r\n\r\nInvalid Host header",
        "403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"jsonrpc\":\"2.0\"}",
        "403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 57\r\n\r\n{\"jsonrpc\":\"2.0\",\"error\":{\"message\":\"no \\\"Invalid Host\"}}",
        "421 Misdirected Request\r\nContent-Length: 21\r\n\r\nInvalid Origin header",
        "200 OK\r\nContent-Length: 28\r\n\r\nBlocked request. This host (",
        "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n13\r\nInvalid Host header\r\n0\r\n\r\n",
        "404 Not Found\r\nContent-Length: 19\r\n\r\nInvalid Host header"})
    void nothingElseIsTakenForARefusal(String answer) throws Exception {
        tunnel.service().serve((request, connection) -> {
            connection.send("HTTP/1.1 " + answer);
            return true;
        });
        Message got = ask("GET", "", "");
        assertEquals(answer.substring(0, 3), String.valueOf(got.status()));
        String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        assertEquals(answer.contains("chunked") ? body.replaceAll("(^|\r\n)[0-9a-f]+\r\n", "").strip() : body, got.text());
        assertEquals(1, tunnel.service().requests());
        assertEquals(0, told());
    }

    @Test
    void aLongAnswerBehindAKnownBeginningComesWhole() throws Exception {
        String text = "{\"jsonrpc\":\"2.0\",\"" + "y".repeat(300_000);
        tunnel.service().serve((request, connection) -> {
            connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
            return true;
        });
        assertEquals(text, ask("GET", "", "").text());
        assertEquals(0, told());
    }
}
