package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server with {@code --max-body}. */
final class MaxBodyTest {
    private static final int MOST = 100_000;
    private static TunnelFixture tunnel;

    @BeforeAll
    static void start() throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options();
        options.server().maxBody(MOST);
        tunnel = TunnelFixture.start(options);
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    private static void assertTooLarge(Peer visitor) throws IOException {
        Message answer = visitor.readResponse();
        assertEquals(413, answer.status());
        assertEquals("TF-TOO-LARGE", answer.get("TunnelForge-Error"));
        assertTrue(visitor.awaitClosed());
    }

    private static Peer post(String... lines) throws IOException {
        return tunnel.visitor().send(tunnel.head("POST /", lines));
    }

    @ParameterizedTest
    @ValueSource(strings = {"X: y", "Expect: 100-continue"})
    void aLengthAboveItIsAnsweredBeforeAnythingOfTheBodyComes(String line) throws Exception {
        Peer visitor = post("Content-Length: " + (MOST + 1), line);
        assertEquals(413, visitor.readResponseHead().status());
        visitor.finish();
        visitor.awaitClosed();
        assertNull(tunnel.service().acceptNow(), "the local service was asked");
    }

    @Test
    void aBodyOfThatManyBytesPasses() throws Exception {
        tunnel.service().serve((request, connection) -> {
            ScriptedService.respond(connection, String.valueOf(request.body().length));
            return true;
        });
        String body = "x".repeat(MOST);
        assertEquals(String.valueOf(MOST), post("Content-Length: " + MOST).send(body).readResponse().text());
        assertEquals(String.valueOf(MOST), post("Transfer-Encoding: chunked").sendChunk(body).send("0\r\n\r\n").readResponse().text());
    }

    @Test
    void chunksThatPassItAreAnsweredThenAndTheLocalServiceSeesABrokenRequest() throws Exception {
        Peer visitor = post("Transfer-Encoding: chunked").sendChunk("x".repeat(1_000));
        Peer local = tunnel.service().accept();
        local.readRequestHead();
        assertEquals(1_000, local.readChunk().length);
        visitor.sendChunk("x".repeat(MOST)).send("0\r\n\r\n");
        visitor.finish();
        assertTooLarge(visitor);
        local.awaitReset();
    }

    @Test
    void anAnswerThatHasBegunBreaksOff() throws Exception {
        Peer visitor = post("Transfer-Encoding: chunked").sendChunk("x");
        Peer local = tunnel.service().accept();
        local.readRequestHead();
        local.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal");
        Message answer = visitor.readResponseHead();
        visitor.sendChunk("x".repeat(MOST));
        assertThrows(IOException.class, () -> visitor.readBody(answer, true));
        local.awaitReset();
    }
}
