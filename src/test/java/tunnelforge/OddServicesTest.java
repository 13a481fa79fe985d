package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Local services that are not quite right: what every client in use understands reaches the visitor, well-formed, and harms nobody after it. */
final class OddServicesTest {
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

    /** What it sends, in writes of its own; and what the visitor gets, with the method that was asked by. */
    record Odd(String name, String method, int status, String body, String... writes) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Odd> odd() {
        return Stream.of(
                new Odd("LF alone", "GET", 200, "hello", "HTTP/1.1 200 OK\nContent-Length: 5\nX: y\n\nhello"),
                new Odd("chunks with LF alone", "GET", 200, "hello", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n"),
                new Odd("chunk sizes padded with blanks", "GET", 200, "hello", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5    \r\nhello\r\n0    \r\n\r\n"),
                new Odd("a blank before the colon", "GET", 200, "hello", "HTTP/1.1 200 OK\r\nContent-Length : 5\r\nX : y\r\n\r\nhello"),
                new Odd("one length twice", "GET", 200, "hello", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 05\r\n\r\nhello"),
                new Odd("control characters", "GET", 200, "hello", "HTTP/1.1 200 OK\r\nX: a\u0007b\r\nContent-Length: 5\r\n\r\nhello"),
                new Odd("HTTP/1.2", "GET", 200, "hello", "HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
                new Odd("more than the length", "GET", 200, "hello", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more"),
                new Odd("more than the last chunk", "GET", 200, "hello", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nmore"),
                new Odd("a body with a 204", "GET", 204, "", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "hello"),
                new Odd("chunks with a 204", "GET", 204, "", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n"),
                new Odd("chunks with a 304", "GET", 304, "", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\n\r\n"),
                new Odd("a body for HEAD", "HEAD", 200, "", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "hello"),
                new Odd("chunks for HEAD", "HEAD", 200, "", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n"));
    }

    @ParameterizedTest
    @MethodSource("odd")
    void theOddAnswerIsUnderstoodAndTheNextThreeAreTheVisitorsOwn(Odd odd) throws Exception {
        tunnel.service().serve((request, connection) -> {
            if (request.target().equals("/odd")) {
                for (String piece : odd.writes()) {
                    connection.send(piece);
                }
            } else {
                ScriptedService.respond(connection, request.target());
            }
            return true;
        });
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head(odd.method() + " /odd"));
        Message answer = visitor.readResponse(odd.method());
        assertEquals(odd.status(), answer.status());
        assertEquals(odd.body(), answer.text());
        for (int i = 1; i <= 3; i++) {
            visitor.send(tunnel.head("GET /" + i));
            assertEquals("/" + i, visitor.readResponse().text());
        }
    }
}
