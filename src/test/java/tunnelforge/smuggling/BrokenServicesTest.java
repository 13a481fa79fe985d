package tunnelforge.smuggling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.ScriptedService;
import tunnelforge.TunnelFixture;

/**
 * Whatever a local service sends, {@code responses.txt}, its visitor gets the one reading, or an error, or an answer that looks as broken as it is; and those who come next get
 * answers of their own.
 */
final class BrokenServicesTest {
    private static final Map<String, String> VALUES = Map.of("pause", "{pause}", "close", "{close}", "later", "{later}",
            "ok", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "stolen", "HTTP/1.1 200 OK\r\nX: stolen\r\nContent-Length: 6\r\n\r\nstolen");
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

    /** One line of the file. */
    record Case(String odd, String method, String expected, String bytes) {
        @Override
        public String toString() {
            return odd;
        }
    }

    static Stream<Case> cases() {
        return Table.read("responses.txt", 4).stream().map(line -> new Case(line.get(0), line.get(1), line.get(2), line.get(3)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theVisitorGetsTheOneReadingOrAnErrorAndTheNextOnesTheirOwn(Case odd) throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        CountDownLatch sent = new CountDownLatch(1);
        tunnel.service().serve((request, connection) -> {
            if (!request.target().equals("/odd")) {
                ScriptedService.respond(connection, request.target());
                return true;
            }
            try {
                return play(Table.expand(odd.bytes, VALUES), connection, answered);
            } finally {
                sent.countDown();
            }
        });
        // So that a kept connection is there.
        assertEquals("/first", tunnel.get("/first").text());
        assertEquals(odd.expected, answer(odd.method));
        answered.countDown();
        assertEquals(true, sent.await(Peer.LIMIT.toSeconds(), TimeUnit.SECONDS));
        try (Peer next = tunnel.visitor()) {
            for (int i = 1; i <= 3; i++) {
                assertOwn(next.send(tunnel.head("GET /next/" + i)).readResponse(), "/next/" + i);
            }
        }
        assertOwn(tunnel.get("/another"), "/another");
    }

    /** False when the connection is to be closed. */
    private static boolean play(String all, Peer connection, CountDownLatch answered) throws Exception {
        String[] parts = all.split("\\{later}", 2);
        boolean stays = true;
        for (String part : parts) {
            if (part != parts[0]) {
                answered.await();
            }
            stays = !part.endsWith("{close}");
            for (String piece : part.replace("{close}", "").split("\\{pause}")) {
                connection.send(piece);
            }
        }
        return stays;
    }

    private static String answer(String method) throws IOException {
        try (Peer visitor = tunnel.visitor()) {
            visitor.send(tunnel.head(method + " /odd"));
            Message head = visitor.readResponseHead();
            while (head.status() < 200 && head.status() != 101) {
                head = visitor.readResponseHead();
            }
            if (head.has("TunnelForge-Error")) {
                assertEquals("502 TF-UPSTREAM-INVALID", head.status() + " " + head.get("TunnelForge-Error"));
                return "502";
            }
            if (method.equals("HEAD") || head.status() == 204 || head.status() == 304) {
                return String.valueOf(head.status());
            }
            try {
                visitor.readBody(head, true);
                return head.status() + " " + head.text();
            } catch (IOException e) {
                return "broken";
            }
        }
    }

    private static void assertOwn(Message answer, String target) {
        assertEquals(target, answer.text());
        assertFalse(answer.has("X"), answer::head);
    }
}
