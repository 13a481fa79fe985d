package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The small agent in Python, which knows only the JSON encoding: {@code scripts/agent.py}, as a process. */
final class PythonAgentTest {
    private static final Path SCRIPT = Path.of("scripts", "agent.py");
    private static TunnelFixture tunnel;
    private static PythonAgent agent;

    /** The process, and what it prints. */
    private static final class PythonAgent implements AutoCloseable {
        private final Process process;
        private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
        private final Path errors;
        private String url;

        PythonAgent(int localPort, String token, String... more) throws Exception {
            errors = Files.createTempFile("tunnelforge-agent-", ".err");
            List<String> command = new ArrayList<>(List.of("python3", SCRIPT.toString(), String.valueOf(localPort), "--server",
                    "127.0.0.1:" + tunnel.server().port(), "--token", token, "--ca", tunnel.server().caFile().toString()));
            command.addAll(List.of(more));
            process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
            Thread.ofVirtual().start(this::readLines);
        }

        private void readLines() {
            try (BufferedReader reader = process.inputReader()) {
                reader.lines().forEach(lines::add);
            } catch (IOException | UncheckedIOException e) {
                // The process has ended.
            }
        }

        URI url() throws Exception {
            if (url == null) {
                url = lines.poll(20, TimeUnit.SECONDS);
                assertNotNull(url, () -> "no url; on stderr: " + errors());
            }
            return URI.create(url);
        }

        String errors() {
            try {
                return Files.readString(errors);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        int awaitExit() throws InterruptedException {
            assertTrue(process.waitFor(20, TimeUnit.SECONDS), "still running");
            return process.exitValue();
        }

        @Override
        public void close() throws IOException {
            process.destroyForcibly();
            Files.delete(errors);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Files.exists(SCRIPT), SCRIPT + " is not here");
        assumeTrue(hasPython(), "no python3");
        tunnel = TunnelFixture.start(new TunnelFixture.Options().withoutAgent());
        agent = new PythonAgent(tunnel.service().port(), tunnel.server().token(), "--subdomain", "snake");
        assertEquals("https://snake.tunnel.localhost:" + tunnel.server().port(), agent.url().toString());
        Eventually.await("the pool is filled", () -> tunnel.server().dataConnections() >= 3);
    }

    private static boolean hasPython() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "-c", "import ssl, http.client").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        if (agent != null) {
            agent.close();
        }
        if (tunnel != null) {
            tunnel.close();
        }
    }

    private static Peer visitor() throws Exception {
        return tunnel.visitor(agent.url().getHost());
    }

    private static String head(String methodAndTarget, String... lines) throws Exception {
        return methodAndTarget + " HTTP/1.1\r\nHost: " + agent.url().getAuthority() + "\r\n"
                + String.join("", java.util.Arrays.stream(lines).map(line -> line + "\r\n").toList()) + "\r\n";
    }

    /** Answers with the body that came, and method and target in a field. */
    private static boolean echo(Message request, Peer connection) throws IOException {
        byte[] body = request.body();
        String begun = "HTTP/1.1 200 OK\r\nX-Got: " + request.method() + " " + request.target() + "\r\n";
        if ("chunked".equals(request.get("X-Answer"))) {
            connection.send(begun + "Transfer-Encoding: chunked\r\n\r\n").send(Bodies.chunked(body, 100_000)).send("\r\n");
        } else {
            connection.send(begun + "Content-Length: " + body.length + "\r\n\r\n").send(body);
        }
        return true;
    }

    @Test
    void getsAreServedOneAfterTheOther() throws Exception {
        tunnel.service().serve(PythonAgentTest::echo);
        Peer visitor = visitor();
        for (int i = 0; i < 5; i++) {
            Message response = visitor.send(head("GET /path%20x?q=" + i)).readResponse();
            assertEquals(200, response.status());
            assertEquals("GET /path%20x?q=" + i, response.get("X-Got"));
            assertEquals("0", response.get("Content-Length"));
        }
    }

    @ParameterizedTest
    @CsvSource({"0,false,false", "1,false,false", "1,true,true", "70000,false,true", "1048576,false,false", "1048577,true,false", "1048577,false,true", "3000000,true,true",
        "3000000,false,false"})
    void bodiesPassBothWays(int size, boolean chunkedUp, boolean chunkedDown) throws Exception {
        tunnel.service().serve(PythonAgentTest::echo);
        byte[] body = Bodies.ofSize(size);
        Peer visitor = visitor();
        String answer = "X-Answer: " + (chunkedDown ? "chunked" : "length");
        if (chunkedUp) {
            visitor.send(head("POST /", answer, "Transfer-Encoding: chunked")).send(Bodies.chunked(body, 100_000)).send("\r\n");
        } else {
            visitor.send(head("POST /", answer, "Content-Length: " + size)).send(body);
        }
        Message response = visitor.readResponse();
        assertEquals("POST /", response.get("X-Got"), response::toString);
        assertArrayEquals(body, response.body());
    }

    @Test
    void fieldsPassAndCookiesStayApart() throws Exception {
        Peer visitor = visitor();
        visitor.send(head("GET /", "X-A: 1", "X-A: 2", "Cookie: a=\u00e4", "TunnelForge-X: 1", "Connection: X-Hop", "X-Hop: 1"));
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        // A list may be passed on in one line (RFC 9110 section 5.3).
        assertEquals("1, 2", String.join(", ", request.all("X-A")));
        assertEquals("a=\u00e4", request.get("Cookie"));
        assertEquals(List.of(agent.url().getAuthority()), request.all("Host"));
        assertEquals("127.0.0.1", request.get("X-Forwarded-For"));
        assertFalse(request.has("TunnelForge-X") || request.has("X-Hop"));
        local.send("HTTP/1.1 201 Created\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nTunnelForge-Error: x\r\nContent-Length: 0\r\n\r\n");
        Message response = visitor.readResponse();
        assertEquals(201, response.status());
        assertEquals(List.of("a=1", "b=2"), response.all("Set-Cookie"));
        assertFalse(response.has("TunnelForge-Error"));
    }

    @Test
    void headAndNotModifiedHaveNoBodyButTheirLength() throws Exception {
        Peer visitor = visitor();
        visitor.send(head("HEAD /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n");
        Message response = visitor.readResponse("HEAD");
        assertEquals(200, response.status());
        assertEquals("12345", response.get("Content-Length"));
        visitor.send(head("GET /", "If-None-Match: \"x\""));
        Peer second = tunnel.service().accept();
        assertEquals("\"x\"", second.readRequest().get("If-None-Match"));
        second.send("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n");
        assertEquals(304, visitor.readResponse().status());
        visitor.send(head("DELETE /"));
        Peer third = tunnel.service().accept();
        third.readRequest();
        third.send("HTTP/1.1 204 No Content\r\n\r\n");
        assertEquals(204, visitor.readResponse().status());
    }

    @Test
    void eventsArriveOneByOne() throws Exception {
        Peer visitor = visitor();
        visitor.send(head("GET /events"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        visitor.readResponseHead();
        for (int i = 0; i < 5; i++) {
            local.sendChunk("data: " + i + "\n\n");
            assertEquals("data: " + i + "\n\n", new String(visitor.readChunk(), StandardCharsets.US_ASCII));
        }
        local.send("0\r\n\r\n");
        assertEquals(0, visitor.readChunk().length);
    }

    @Test
    void requestsAtOnceGetDataConnectionsOfTheirOwn() throws Exception {
        Peer[] visitors = new Peer[6];
        Peer[] locals = new Peer[visitors.length];
        for (int i = 0; i < visitors.length; i++) {
            visitors[i] = visitor();
            visitors[i].send(head("GET /" + i));
            locals[i] = tunnel.service().accept();
            assertEquals("/" + i, locals[i].readRequest().target());
        }
        assertTrue(tunnel.server().dataConnections() >= visitors.length);
        for (int i = visitors.length - 1; i >= 0; i--) {
            ScriptedService.respond(locals[i], "answer " + i);
            assertEquals("answer " + i, visitors[i].readResponse().text());
        }
    }

    @Test
    void aVisitorThatLeavesInTheMiddleLeavesAUsableTunnel() throws Exception {
        for (int round = 0; round < 4; round++) {
            Peer visitor = visitor();
            visitor.send(head("GET /"));
            Peer local = tunnel.service().accept();
            local.readRequest();
            local.send("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n");
            visitor.readResponseHead();
            visitor.reset();
            sendUntilClosed(local);
        }
        tunnel.service().serve(PythonAgentTest::echo);
        for (int i = 0; i < 10; i++) {
            assertEquals(200, visitor().send(head("GET /")).readResponse().status());
        }
    }

    private static void sendUntilClosed(Peer local) throws IOException {
        try {
            for (int sent = 0; sent < 10_000_000; sent += 100_000) {
                local.send(new byte[100_000]);
            }
        } catch (IOException e) {
            // The agent has stopped reading, which it need not.
        }
        local.close();
    }

    @Test
    void aVisitorThatLeavesBeforeTheAnswerLeavesAUsableTunnel() throws Exception {
        Peer visitor = visitor();
        visitor.send(head("POST /", "Content-Length: 5") + "hello");
        Peer local = tunnel.service().accept();
        local.readRequest();
        int before = tunnel.server().log().entries("visitor_lost").size();
        visitor.reset();
        Eventually.await("the visitor is lost", () -> tunnel.server().log().entries("visitor_lost").size() > before);
        ScriptedService.respond(local, "too late");
        tunnel.service().serve(PythonAgentTest::echo);
        assertEquals(200, visitor().send(head("GET /")).readResponse().status());
    }

    @Test
    void aVisitorThatLeavesWhileUploadingLeavesAUsableTunnel() throws Exception {
        tunnel.service().serve(PythonAgentTest::echo);
        Peer visitor = visitor();
        visitor.send(head("GET /before")).readResponse();
        visitor.send(head("POST /", "Content-Length: 5000000")).send(new byte[2_000_000]);
        int before = tunnel.server().log().entries("visitor_lost").size();
        visitor.reset();
        Eventually.await("the visitor is lost", () -> tunnel.server().log().entries("visitor_lost").size() > before);
        assertEquals("GET /next", visitor().send(head("GET /next")).readResponse().get("X-Got"));
        assertEquals(2, tunnel.service().requests(), "the half was taken for the whole");
    }

    @Test
    void aResponseThatBreaksOffIsSeenBroken() throws Exception {
        for (String half : List.of("Content-Length: 5000000\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")) {
            Peer visitor = visitor();
            visitor.send(head("GET /"));
            Peer local = tunnel.service().accept();
            local.readRequest();
            local.send("HTTP/1.1 200 OK\r\n" + half);
            local.close();
            assertThrows(IOException.class, visitor::readResponse);
        }
    }

    @Test
    void aServiceThatAnswersNothingOrGarbageIsAnError() throws Exception {
        for (String answer : List.of("", "garbage\r\n\r\n")) {
            Peer visitor = visitor();
            visitor.send(head("GET /"));
            Peer local = tunnel.service().accept();
            local.readRequest();
            local.send(answer);
            local.close();
            Message response = visitor.readResponse();
            assertEquals(502, response.status());
            assertTrue(response.has("TunnelForge-Error"));
        }
    }

    @Test
    void aServiceThatIsNotThereIsAnErrorThatNamesIt() throws Exception {
        int closed = ScriptedService.closedPort();
        try (PythonAgent other = new PythonAgent(closed, tunnel.server().token())) {
            Peer visitor = tunnel.visitor(other.url().getHost());
            visitor.send("GET / HTTP/1.1\r\nHost: " + other.url().getAuthority() + "\r\n\r\n");
            Message response = visitor.readResponse();
            assertEquals("TF-UPSTREAM-REFUSED", response.get("TunnelForge-Error"));
            assertTrue(response.text().contains("127.0.0.1:" + closed), response.text());
        }
    }

    @Test
    void theServerAnswersExpectItself() throws Exception {
        Peer visitor = visitor();
        visitor.send(head("POST /", "Content-Length: 5", "Expect: 100-continue"));
        assertEquals(100, visitor.readResponseHead().status());
        visitor.send("hello");
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        assertEquals("hello", request.text());
        assertNull(request.get("Expect"));
        ScriptedService.respond(local, "ok");
        assertEquals("ok", visitor.readResponse().text());
    }

    @Test
    void upgradesAreNotImplemented() throws Exception {
        Message response = visitor().send(head("GET /", "Connection: Upgrade", "Upgrade: websocket")).readResponse();
        assertEquals(501, response.status());
    }

    @Test
    void aWrongTokenEndsItWith3() throws Exception {
        try (PythonAgent other = new PythonAgent(1, "wrong")) {
            assertEquals(3, other.awaitExit());
            assertTrue(other.errors().contains("TF-AUTH"), other.errors());
        }
    }
}
