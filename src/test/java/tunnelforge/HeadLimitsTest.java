package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tunnelforge.wire.Limits;

/** What a local service's head may have; what agent and server add has room of its own. For visitors' heads see {@link BadRequestsTest}. */
final class HeadLimitsTest {
    private static final String OK = "HTTP/1.1 200 OK\r\n";

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

    /** Ended by closing, so that the agent has to add how it is framed. */
    private static Message answered(String head) throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send(head + "body").close();
        return visitor.readResponse();
    }

    private static void assertInvalid(Message answer) {
        assertEquals(502, answer.status());
        assertEquals("TF-UPSTREAM-INVALID", answer.get("TunnelForge-Error"));
    }

    @Test
    void twoHundredFieldLinesPassAndOneMoreIsInvalid() throws Exception {
        Message answer = answered(OK + "X: 1\r\n".repeat(200) + "\r\n");
        assertEquals(200, answer.all("X").size());
        assertEquals("body", answer.text());
        assertInvalid(answered(OK + "X: 1\r\n".repeat(201) + "\r\n"));
    }

    private static String headOf(int bytes) {
        return OK + "X: " + "x".repeat(bytes - OK.length() - 7) + "\r\n\r\n";
    }

    @Test
    void aHeadAtItsLimitPassesAndOneByteMoreIsInvalid() throws Exception {
        assertEquals(Limits.MAX_SERVICE_HEAD, headOf(Limits.MAX_SERVICE_HEAD).length());
        Message answer = answered(headOf(Limits.MAX_SERVICE_HEAD));
        assertTrue(answer.get("X").length() > 126_000);
        assertEquals("body", answer.text());
        assertInvalid(answered(headOf(Limits.MAX_SERVICE_HEAD + 1)));
    }
}
