package tunnelforge.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What leaves, and in how many writes. */
class HttpWriterTest {
    private final List<String> writes = new ArrayList<>();
    private final OutputStream out = new OutputStream() {
        @Override
        public void write(int b) {
            throw new UnsupportedOperationException("octets are to be written in bulk");
        }

        @Override
        public void write(byte[] b, int off, int len) {
            writes.add(new String(b, off, len, ISO_8859_1));
        }
    };
    private final HttpWriter writer = new HttpWriter(out, 100);

    private static ResponseHead ok() {
        return new ResponseHead(200, "OK", 1, new Fields());
    }

    private void body(String text) throws IOException {
        byte[] octets = Pieces.octets("<<" + text + ">>");
        writer.body(octets, 2, octets.length - 4);
    }

    private String written() throws IOException {
        writer.flush();
        return String.join("", writes);
    }

    @Test
    void headBodyAndEndLeaveInOneWrite() throws IOException {
        writer.head(ok());
        writer.startBody(Framing.CHUNKED);
        body("hello world, 16!");
        writer.endBody(null);
        assertEquals(List.of(), writes);
        writer.flush();
        assertEquals(List.of("HTTP/1.1 200 OK\r\n\r\n10\r\nhello world, 16!\r\n0\r\n\r\n"), writes);
    }

    @Test
    void requestHead() throws IOException {
        Fields fields = new Fields();
        fields.add("Host", "a");
        fields.add("X", "\u00e9");
        writer.head(new RequestHead("GET", "/x", 0, fields));
        assertEquals("GET /x HTTP/1.0\r\nHost: a\r\nX: \u00e9\r\n\r\n", written());
    }

    @Test
    void emptyReasonKeepsItsSpace() throws IOException {
        writer.head(new ResponseHead(204, "", 1, new Fields()));
        assertEquals("HTTP/1.1 204 \r\n\r\n", written());
    }

    @Test
    void headLargerThanTheBufferLeavesInOrder() throws IOException {
        Fields fields = new Fields();
        fields.add("X", "x".repeat(200));
        writer.head(ok());
        writer.head(new ResponseHead(200, "OK", 1, fields));
        writer.head(new RequestHead("GET", "/", 1, fields));
        writer.head(ok());
        String large = "X: " + "x".repeat(200) + "\r\n\r\n";
        assertEquals("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n" + large + "GET / HTTP/1.1\r\n" + large + "HTTP/1.1 200 OK\r\n\r\n", written());
    }

    @Test
    void chunkThatFillsTheBufferLeavesInOneWrite() throws IOException {
        writer.startBody(Framing.CHUNKED);
        body("a");
        body("x".repeat(88));
        writer.flush();
        assertEquals(List.of("1\r\na\r\n", "58\r\n" + "x".repeat(88) + "\r\n"), writes);
    }

    @Test
    void chunkLargerThanTheBufferIsOneChunkAndLeavesWithWhatIsThere() throws IOException {
        writer.startBody(Framing.CHUNKED);
        body("a");
        body("x".repeat(89));
        body("y".repeat(1000));
        body("b");
        writer.endBody(null);
        assertEquals("1\r\na\r\n59\r\n" + "x".repeat(89) + "\r\n3e8\r\n" + "y".repeat(1000) + "\r\n1\r\nb\r\n0\r\n\r\n", written());
        assertEquals(4, writes.size());
    }

    @Test
    void anEmptyPieceNeverLooksLikeTheLastChunk() throws IOException {
        writer.startBody(Framing.CHUNKED);
        body("");
        body("a");
        body("");
        assertEquals("1\r\na\r\n", written());
    }

    @Test
    void trailersFollowTheLastChunkWithoutThoseThatMayNot() throws IOException {
        Fields trailers = new Fields();
        trailers.add("Sum", "1");
        trailers.add("Content-Length", "5");
        trailers.add("Long", "x".repeat(150));
        writer.startBody(Framing.CHUNKED);
        writer.endBody(trailers);
        assertEquals("0\r\nSum: 1\r\nLong: " + "x".repeat(150) + "\r\n\r\n", written());
        assertEquals(3, trailers.size());
    }

    @Test
    void lengthIsHeldTo() throws IOException {
        writer.startBody(new Framing.Length(5));
        body("abc");
        assertThrows(IOException.class, () -> body("def"));
        assertThrows(IOException.class, () -> writer.endBody(null));
        assertThrows(IllegalStateException.class, () -> writer.head(ok()));
        body("de");
        writer.endBody(new Fields());
        writer.head(ok());
        assertEquals("abcdeHTTP/1.1 200 OK\r\n\r\n", written());
    }

    @Test
    void noneTakesNothing() throws IOException {
        writer.startBody(Framing.NONE);
        body("");
        assertThrows(IOException.class, () -> body("a"));
        writer.endBody(null);
        assertEquals("", written());
    }

    @Test
    void largePiecesGoStraightThrough() throws IOException {
        writer.head(ok());
        writer.startBody(new Framing.Length(1000));
        body("x".repeat(1000));
        writer.endBody(null);
        assertEquals(List.of("HTTP/1.1 200 OK\r\n\r\n", "x".repeat(1000)), writes);
    }

    @Test
    void untilCloseAllowsNothingAfterIt() throws IOException {
        writer.startBody(Framing.UNTIL_CLOSE);
        body("a");
        writer.endBody(null);
        assertThrows(IllegalStateException.class, () -> writer.head(ok()));
        assertEquals("a", written());
    }

    @Test
    void aBodyThatIsNotEndedIsNotCompletedBehindTheCallersBack() throws IOException {
        writer.startBody(Framing.CHUNKED);
        body("a");
        assertThrows(IllegalStateException.class, () -> writer.head(ok()));
        assertThrows(IllegalStateException.class, () -> writer.raw(new byte[1], 0, 1));
        assertEquals("1\r\na\r\n", written());
    }

    @Test
    void rawAfterAnUpgrade() throws IOException {
        writer.head(new ResponseHead(101, "", 1, new Fields()));
        writer.raw(Pieces.octets("_ab_"), 1, 2);
        writer.raw(new byte[0], 0, 0);
        assertEquals("HTTP/1.1 101 \r\n\r\nab", written());
    }

    @Test
    void tooSmallABufferIsABug() {
        assertThrows(IllegalArgumentException.class, () -> new HttpWriter(out, 63));
    }
}
