package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent's connections to the local service: kept, replaced, and never a reason to run a request twice. */
final class LocalConnectionsTest {
    private static TunnelFixture tunnel;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start();
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    @Test
    void aConnectionServesManyRequests() throws Exception {
        tunnel.service().serveText("ok");
        for (int i = 0; i < 5; i++) {
            assertEquals("ok", tunnel.get("/" + i).text());
        }
        assertEquals(1, tunnel.service().accepted());
        assertEquals(5, tunnel.service().requests());
    }

    @Test
    void requestsAtOnceGetConnectionsOfTheirOwn() throws Exception {
        Peer first = tunnel.visitor();
        first.send(tunnel.head("GET /first"));
        Peer firstLocal = tunnel.service().accept();
        Peer second = tunnel.visitor();
        second.send(tunnel.head("GET /second"));
        Peer secondLocal = tunnel.service().accept();
        assertEquals("/first", firstLocal.readRequest().target());
        assertEquals("/second", secondLocal.readRequest().target());
        ScriptedService.respond(secondLocal, "2");
        assertEquals("2", second.readResponse().text());
        ScriptedService.respond(firstLocal, "1");
        assertEquals("1", first.readResponse().text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\n\r\nhello", "HTTP/1.0 200 OK\r\n\r\nhello", "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n"})
    void aConnectionThatMustNotBeUsedAgainIsNot(String answer) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send(answer);
        if (!answer.contains("Content-Length")) {
            local.close();
        }
        assertEquals("hello", visitor.readResponse().text());
        visitor.send(tunnel.head("GET /next"));
        Peer another = tunnel.service().accept();
        assertEquals("/next", another.readRequest().target());
        ScriptedService.respond(another, "next");
        assertEquals("next", visitor.readResponse().text());
    }

    @Test
    void aBodyEndedByClosingIsChunkedForTheVisitor() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\n\r\nhel").send("lo");
        local.close();
        Message response = visitor.readResponse();
        assertEquals("chunked", response.get("Transfer-Encoding"));
        assertEquals("hello", response.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "POST", "DELETE"})
    void aConnectionClosedWhileIdleIsReplacedWithoutAnError(String method) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        ScriptedService.respond(local, "first");
        assertEquals("first", visitor.readResponse().text());
        local.close();
        visitor.send(tunnel.head(method + " /again"));
        Peer another = tunnel.service().accept();
        assertEquals("/again", another.readRequest().target());
        another.send("HTTP/1.1 204 No Content\r\n\r\n");
        assertEquals(204, visitor.readResponse(method).status());
    }

    private Peer keptConnection(Peer visitor) throws Exception {
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        ScriptedService.respond(local, "first");
        assertEquals("first", visitor.readResponse().text());
        return local;
    }

    /** The connection dies under the request, too late for the agent to see it before. */
    private Peer keptConnectionThatEndsUnder(Peer visitor, String request) throws Exception {
        Peer local = keptConnection(visitor);
        visitor.send(request);
        local.readRequest();
        local.close();
        return local;
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "OPTIONS", "DELETE"})
    void anIdempotentRequestUnderWhichAKeptConnectionEndsIsSentAgain(String method) throws Exception {
        Peer visitor = tunnel.visitor();
        keptConnectionThatEndsUnder(visitor, tunnel.head(method + " /again"));
        Peer another = tunnel.service().accept();
        assertEquals(method, another.readRequest().method());
        another.send("HTTP/1.1 204 No Content\r\n\r\n");
        assertEquals(204, visitor.readResponse(method).status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Content-Length: 5\r\n"})
    void aPostUnderWhichAKeptConnectionEndsIsNotRunTwice(String length) throws Exception {
        Peer visitor = tunnel.visitor();
        keptConnectionThatEndsUnder(visitor, "POST /once HTTP/1.1\r\nHost: " + tunnel.authority() + "\r\n" + length + "\r\n"
                + (length.isEmpty() ? "" : "hello"));
        Message response = visitor.readResponse();
        assertEquals(502, response.status());
        assertEquals("TF-OUTCOME-UNKNOWN", response.get("TunnelForge-Error"));
        assertEquals(1, tunnel.service().accepted());
    }

    /** Interim heads and half heads are an answer: the request has reached the local service, and has perhaps been run. */
    @ParameterizedTest
    @CsvSource({"GET,HTTP/1.1 102 Processing\\r\\n\\r\\n", "PUT,HTTP/1.1 102 Processing\\r\\n\\r\\n", "DELETE,HTTP/1.1 103 Early Hints\\r\\nLink: x\\r\\n\\r\\n",
        "GET,HTTP/1.1 2", "DELETE,HTTP/1.1 200 OK\\r\\nContent-Le", "PUT,H"})
    void aKeptConnectionThatEndsAfterTheBeginOfAnAnswerDoesNotRunTheRequestTwice(String method, String begin) throws Exception {
        Peer visitor = tunnel.visitor();
        Peer local = keptConnection(visitor);
        visitor.send(tunnel.head(method + " /once"));
        assertEquals("/once", local.readRequest().target());
        local.send(begin.replace("\\r\\n", "\r\n"));
        local.close();
        Message response = visitor.readResponse(method);
        while (response.status() < 200) {
            response = visitor.readResponse(method);
        }
        assertEquals(502, response.status());
        assertEquals(1, tunnel.service().accepted());
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "DELETE"})
    void aLengthOfZeroIsNoBodyAndTheRequestIsSentAgain(String method) throws Exception {
        Peer visitor = tunnel.visitor();
        keptConnectionThatEndsUnder(visitor, tunnel.head(method + " /again", "Content-Length: 0"));
        Peer another = tunnel.service().accept();
        assertEquals("/again", another.readRequest().target());
        another.send("HTTP/1.1 204 No Content\r\n\r\n");
        assertEquals(204, visitor.readResponse(method).status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "DELETE"})
    void aRequestWithABodyIsNotSentAgain(String method) throws Exception {
        Peer visitor = tunnel.visitor();
        keptConnectionThatEndsUnder(visitor, tunnel.head(method + " /once", "Content-Length: 5") + "hello");
        assertEquals(502, visitor.readResponse(method).status());
        assertEquals(1, tunnel.service().accepted());
    }

    @Test
    void onAFreshConnectionNothingIsSentTwice() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.close();
        Message response = visitor.readResponse();
        assertEquals(502, response.status());
        assertEquals("TF-UPSTREAM-INVALID", response.get("TunnelForge-Error"));
        assertEquals(1, tunnel.service().accepted());
    }
}
