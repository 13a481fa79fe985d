package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.TestAgent;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.log.RecordingLog;

/** What visitors get when the local service fails them. */
final class UpstreamFailuresTest {
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

    private String refusingTarget;
    private URI refusing;

    private Peer visitorOfRefusing() throws Exception {
        refusingTarget = "127.0.0.1:" + ScriptedService.closedPort();
        refusing = URI.create(tunnel.startAgent(refusingTarget, new TestAgent.Options()).url());
        return tunnel.visitor(refusing.getHost());
    }

    @Test
    void aRefusedConnectionIsAPageThatNamesTheAddress() throws Exception {
        Peer visitor = visitorOfRefusing();
        for (int round = 0; round < 2; round++) {
            visitor.send("GET / HTTP/1.1\r\nHost: " + refusing.getAuthority() + "\r\nAccept: text/html, application/json;q=0.5\r\n\r\n");
            Message page = visitor.readResponse();
            assertEquals(502, page.status());
            assertEquals("TF-UPSTREAM-REFUSED", page.get("TunnelForge-Error"));
            assertTrue(page.get("Content-Type").startsWith("text/html"));
            assertTrue(page.text().contains(refusingTarget), page.text());
        }
    }

    @Test
    void whoAcceptsJsonGetsJson() throws Exception {
        Peer visitor = visitorOfRefusing();
        visitor.send("GET / HTTP/1.1\r\nHost: " + refusing.getAuthority() + "\r\nAccept: application/json\r\n\r\n");
        Message page = visitor.readResponse();
        assertEquals("application/json", page.get("Content-Type"));
        JsonObject json = JsonReader.parseObject(page.text());
        assertEquals("TF-UPSTREAM-REFUSED", json.string("error"));
        assertEquals(502, json.integer("status", 0, 999));
        assertTrue(json.string("message").contains(refusingTarget));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100_000, 500_000, 5_000_000})
    void aRefusalReachesAVisitorThatUploads(int size) throws Exception {
        Peer visitor = visitorOfRefusing();
        visitor.send("POST / HTTP/1.1\r\nHost: " + refusing.getAuthority() + "\r\nContent-Length: " + size + "\r\n\r\n");
        Thread uploading = Thread.ofVirtual().start(() -> {
            try {
                visitor.send(new byte[size]);
            } catch (IOException e) {
                // The server need not take it all.
            }
        });
        assertEquals("TF-UPSTREAM-REFUSED", visitor.readResponse().get("TunnelForge-Error"));
        uploading.join();
    }

    @Test
    void theAgentSaysSoInOneLine() throws Exception {
        int before = tunnel.agent().log().entries("upstream_failed").size();
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /secret?password=x"));
        tunnel.service().accept().close();
        visitor.readResponse();
        List<RecordingLog.Entry> lines = tunnel.agent().log().entries("upstream_failed");
        assertEquals(before + 1, lines.size());
        assertEquals("GET /secret", lines.get(before).fields().get("request"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage\r\n\r\n", "SSH-2.0-OpenSSH_9.6\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: \u0000\r\n\r\n", "\u0015\u0003\u0003\u0000\u0002\u0002\u0046\r\n\r\n", "", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 O"})
    void whatIsNoAnswerIsAnError(String answer) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send(answer).finish();
        Message response = visitor.readResponse();
        assertEquals(502, response.status());
        assertEquals("TF-UPSTREAM-INVALID", response.get("TunnelForge-Error"));
        assertTrue(local.awaitClosed());
    }

    @Test
    void aHeadThatIsTooLargeIsAnError() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        try {
            local.send("HTTP/1.1 200 OK\r\n" + ("X: " + "x".repeat(10_000) + "\r\n").repeat(14) + "\r\n");
        } catch (IOException e) {
            // The agent need not take it all.
        }
        assertEquals("TF-UPSTREAM-INVALID", visitor.readResponse().get("TunnelForge-Error"));
    }

    @Test
    void anAnswerToThePostThatIsNoneIsNotTriedAgain() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Content-Length: 5") + "hello");
        tunnel.service().accept().close();
        assertEquals(502, visitor.readResponse().status());
        assertEquals(1, tunnel.service().accepted());
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PATCH", "PUT"})
    void whatMayHaveRunBeforeTheServiceClosedIsNotSaidToHaveFailed(String method) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head(method + " /", "Content-Length: 5") + "hello");
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.close();
        Message response = visitor.readResponse();
        assertEquals(502, response.status());
        assertEquals("TF-OUTCOME-UNKNOWN", response.get("TunnelForge-Error"));
        assertEquals(1, tunnel.service().accepted());
    }

    @Test
    void pagesEscapeWhatTheyQuote() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /<script>"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nContent-Length: <script>\r\n\r\n").finish();
        assertFalse(visitor.readResponse().text().contains("<script>"));
    }
}
