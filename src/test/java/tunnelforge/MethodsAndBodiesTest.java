package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and responses pass byte for byte, whatever the method, the size and the framing. */
final class MethodsAndBodiesTest {
    private static final int LARGEST_CHUNK = 100_000;
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

    /** Sends the request's body back, as {@code X-Answer} wishes it framed. */
    private static boolean echo(Message request, Peer connection) throws IOException {
        String method = "X-Method: " + request.method() + "\r\n";
        byte[] body = request.body();
        if ("chunked".equals(request.get("X-Answer"))) {
            connection.send("HTTP/1.1 200 OK\r\n" + method + "Transfer-Encoding: chunked\r\n\r\n");
            connection.send(Bodies.chunked(body, LARGEST_CHUNK)).send("\r\n");
        } else {
            connection.send("HTTP/1.1 200 OK\r\n" + method + "Content-Length: " + body.length + "\r\n\r\n");
            if (!request.method().equals("HEAD")) {
                connection.send(body);
            }
        }
        return true;
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "M-SEARCH"})
    void methodsPass(String method) throws Exception {
        tunnel.service().serve(MethodsAndBodiesTest::echo);
        Peer visitor = tunnel.visitor();
        for (int round = 0; round < 2; round++) {
            Message response = visitor.send(tunnel.head(method + " /path")).readResponse(method);
            assertEquals(200, response.status());
            assertEquals(method, response.get("X-Method"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
    void anyMethodMayHaveABody(String method) throws Exception {
        tunnel.service().serve(MethodsAndBodiesTest::echo);
        Message response = tunnel.visitor().send(tunnel.head(method + " /", "Content-Length: 5") + "hello").readResponse();
        assertEquals(method, response.get("X-Method"));
        assertEquals("hello", response.text());
    }

    @ParameterizedTest
    @CsvSource({"0,false,false", "0,true,true", "1,false,true", "1,true,false", "65535,false,false", "65536,false,false", "65536,true,true",
        "65537,false,true", "65537,true,false", "3000000,false,false", "3000000,true,true", "3000000,false,true", "3000000,true,false"})
    void bodiesPassBothWays(int size, boolean chunkedUp, boolean chunkedDown) throws Exception {
        tunnel.service().serve(MethodsAndBodiesTest::echo);
        byte[] body = Bodies.ofSize(size);
        Peer visitor = tunnel.visitor();
        for (int round = 0; round < 2; round++) {
            String answer = "X-Answer: " + (chunkedDown ? "chunked" : "length");
            if (chunkedUp) {
                visitor.send(tunnel.head("POST /", answer, "Transfer-Encoding: chunked"));
                visitor.send(Bodies.chunked(body, LARGEST_CHUNK)).send("\r\n");
            } else {
                visitor.send(tunnel.head("POST /", answer, "Content-Length: " + size)).send(body);
            }
            Message response = visitor.readResponse();
            assertEquals(200, response.status());
            assertEquals(chunkedDown ? "chunked" : null, response.get("Transfer-Encoding"));
            assertEquals(chunkedDown ? null : String.valueOf(size), response.get("Content-Length"));
            assertArrayEquals(body, response.body());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anotherImplementationAgrees(boolean withLength) throws Exception {
        tunnel.service().serve(MethodsAndBodiesTest::echo);
        byte[] body = Bodies.ofSize(1_000_000);
        HttpRequest.BodyPublisher bytes = HttpRequest.BodyPublishers.ofByteArray(body);
        HttpRequest request = HttpRequest.newBuilder(tunnel.url("/")).header("X-Answer", withLength ? "length" : "chunked")
                .POST(withLength ? bytes : HttpRequest.BodyPublishers.fromPublisher(bytes)).build();
        HttpResponse<byte[]> response = tunnel.client().send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(200, response.statusCode());
        assertArrayEquals(body, response.body());
    }

    @Test
    void aBodyArrivesWhileItIsSent() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Transfer-Encoding: chunked"));
        Peer local = tunnel.service().accept();
        assertEquals("chunked", local.readRequestHead().get("Transfer-Encoding"));
        for (String piece : new String[] {"one", "two", "three"}) {
            visitor.sendChunk(piece);
            assertEquals(piece, new String(local.readChunk(), java.nio.charset.StandardCharsets.US_ASCII));
        }
        visitor.send("0\r\n\r\n");
        assertEquals(0, local.readChunk().length);
        local.readLine();
        ScriptedService.respond(local, "done");
        assertEquals("done", visitor.readResponse().text());
    }

    @Test
    void chunkExtensionsAreDropped() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Transfer-Encoding: chunked") + "5;a=b;c=\"d\"\r\nhello\r\n0;x\r\n\r\n");
        Peer local = tunnel.service().accept();
        Message request = local.readRequest();
        assertEquals("hello", request.text());
        local.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;q=1\r\nyes\r\n0\r\n\r\n");
        Message response = visitor.readResponse();
        assertEquals("yes", response.text());
        assertFalse(response.head().contains("q=1"));
    }

    @Test
    void aLengthOfZeroStaysOne() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Content-Length: 0"));
        Peer local = tunnel.service().accept();
        assertEquals("0", local.readRequest().get("Content-Length"));
        local.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assertEquals("0", visitor.readResponse().get("Content-Length"));
    }
}
