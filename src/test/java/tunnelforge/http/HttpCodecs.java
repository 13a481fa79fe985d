package tunnelforge.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import tunnelforge.fuzz.Codec;
import tunnelforge.fuzz.Input;

/** HTTP messages as visitors and services send them, and their heads in frames, for the fuzzer. */
public final class HttpCodecs {
    private static final int MAX_VISITOR_HEAD = 64 * 1024;
    private static final int MAX_SERVICE_HEAD = 124 * 1024;
    private static final int BUFFER = 8 * 1024;
    private static final int PIECE = 4 * 1024;
    /** The buffer, the piece into which bodies are read, and the lines of one head's fields while they grow. */
    private static final int AT_ONCE = BUFFER + PIECE + 16 * Heads.MAX_FIELD_LINES;
    /** A head in its buffer, which doubles, and in strings, of which each has a header; a pipelined request of 20 octets has objects of its own. */
    private static final int PER_OCTET = 40;
    /** One head in its strings. */
    private static final int PER_OCTET_OF_ONE = 16;
    private static final String[] FIELDS = {"Content-Length: 1\r\n", "Content-Length: 0\r\n", "Content-Length: 5, 5\r\n", "Content-Length: +5\r\n", "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding : chunked\r\n", "Transfer-Encoding:\u000bchunked\r\n", "Transfer_Encoding: chunked\r\n", "Host: b\r\n",
        "Connection: Host, Content-Length, close\r\n", "X: a\r\n b\r\n", "Expect: 100-continue\r\n", "Upgrade: h2c\r\n", "0\r\n\r\n", "5;x=\"y\"\r\nhello\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0", "chunked", " HTTP/1.1\r\n", "http://b:80/", "xchunked"};

    private HttpCodecs() {
    }

    public static List<Codec<?>> all() {
        return List.of(requests(), responses(), chunkedBodies(), requestFrames(), responseFrames(), trailerFrames());
    }

    // ---- Messages. ----

    /** A head with its framing, and what followed it. */
    private record Read<H>(H head, Framing framing, String lines, long bodyCrc, String trailers) {
        @Override
        public String toString() {
            return lines + framing + bodyCrc + trailers;
        }
    }

    private static Codec<?> requests() {
        return Codec.<Read<RequestHead>>ofStream("http-requests", HttpCodecs::readRequests)
                .from(Stream.concat(RequestTest.accepted(), RequestTest.refused()).map(RequestTest.Case::raw).toArray(String[]::new)).spicedWith(FIELDS)
                .from("GET http://a/b?c HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a:\r\n\r\n", "OPTIONS http://a HTTP/1.1\r\nHost: a:80\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Upgrade\r\nUpgrade: websocket\r\nX: y\r\n\r\n")
                .refusesBy(HttpException.class, EOFException.class).withCode(HttpCodecs::status).upTo(MAX_VISITOR_HEAD + 1000)
                .allocates(AT_ONCE, PER_OCTET, MAX_VISITOR_HEAD + HttpReader.MAX_TRAILER_BYTES).suchThat(read -> checkRequest(read.head, read.framing));
    }

    private static void readRequests(Input in, Consumer<Read<RequestHead>> found) throws IOException {
        HttpReader reader = new HttpReader(in, BUFFER);
        byte[] piece = new byte[PIECE];
        for (RequestHead head; (head = reader.readRequest(MAX_VISITOR_HEAD)) != null;) {
            Framing framing = Framing.ofRequest(head);
            found.accept(new Read<>(head, framing, head.method() + head.target() + head.minorVersion() + lines(head.fields()), bodyCrc(reader, framing, piece),
                    lines(reader.trailers())));
        }
    }

    /** What is written on has one reading, before and after this program's own changes: no request can hide in another. */
    private static void checkRequest(RequestHead head, Framing framing) throws IOException {
        String first = head.method() + ' ' + head.target() + " HTTP/1." + head.minorVersion();
        byte[] written = written(head);
        checkLines(written, first, head.fields(), framing);
        for (RequestHead again : List.of(Heads.request(written, 0, written.length), Heads.forwardedRequest(written, 0, written.length))) {
            assertEquals(first + lines(head.fields()), again.method() + ' ' + again.target() + " HTTP/1." + again.minorVersion() + lines(again.fields()));
            assertEquals(framing, Framing.ofRequest(again));
        }
        RequestHead ours = new RequestHead(head.method(), head.target(), head.minorVersion(), new Fields(head.fields()));
        try {
            ours = Targets.toOriginForm(ours, false);
        } catch (HttpException e) {
            return;
        }
        assertTrue(ours.target().startsWith("/") || ours.target().equals("*"), ours::target);
        Targets.completeHost(ours, "t.test");
        assertEquals(1, ours.fields().count("Host"));
        HopByHop.strip(ours.fields());
        assertEquals(1, ours.fields().count("Host"));
        for (int i = 0; i < ours.fields().size(); i++) {
            FieldRole role = FieldRole.of(ours.fields().name(i));
            assertTrue(role != FieldRole.HOP_BY_HOP && role != FieldRole.IMITATION, ours.fields().name(i));
        }
        byte[] passed = written(ours);
        assertEquals(framing instanceof Framing.Length ? framing : Framing.NONE, Framing.ofRequest(Heads.forwardedRequest(passed, 0, passed.length)));
        StrictMessage.framing(StrictMessage.head(text(passed)));
    }

    private static Codec<?> responses() {
        return Codec.<Read<ResponseHead>>ofStream("http-responses", HttpCodecs::readResponses).from(ResponseTest.cases().map(ResponseTest.Case::raw).toArray(String[]::new))
                .spicedWith(FIELDS).from("HTTP/1.1 200 OK\r\nContent-Length: 5, 05\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 OK\nContent-Length : 1\nX:\u0001 a \u0001\n\nx")
                .refusesBy(HttpException.class, EOFException.class).withCode(HttpCodecs::status).upTo(MAX_SERVICE_HEAD + 1000)
                .allocates(AT_ONCE, PER_OCTET, MAX_SERVICE_HEAD + HttpReader.MAX_TRAILER_BYTES).suchThat(read -> checkResponse(read.head, read.framing));
    }

    private static void readResponses(Input in, Consumer<Read<ResponseHead>> found) throws IOException {
        HttpReader reader = new HttpReader(in, BUFFER);
        byte[] piece = new byte[PIECE];
        while (reader.fill()) {
            ResponseHead head = reader.readResponse(MAX_SERVICE_HEAD);
            Framing framing = Framing.ofService(head, "GET");
            found.accept(new Read<>(head, framing, head.status() + head.reason() + head.minorVersion() + lines(head.fields()), bodyCrc(reader, framing, piece),
                    lines(reader.trailers())));
        }
    }

    private static void checkResponse(ResponseHead head, Framing framing) throws IOException {
        byte[] written = new byte[Heads.length(head)];
        assertEquals(written.length, Heads.write(head, written, 0));
        String first = "HTTP/1." + head.minorVersion() + ' ' + head.status() + ' ' + head.reason();
        checkLines(written, first, head.fields(), framing instanceof Framing.None ? null : framing);
        ResponseHead again = Heads.response(written, 0, written.length);
        assertEquals(first + lines(head.fields()), "HTTP/1." + again.minorVersion() + ' ' + again.status() + ' ' + again.reason() + lines(again.fields()));
        assertEquals(framing, Framing.ofResponse(again, "GET"));
        assertEquals(Framing.NONE, Framing.ofForwarded(again, "HEAD"));
    }

    /** The other reader sees the same lines, and the same framing where one is given. */
    private static void checkLines(byte[] written, String first, Fields fields, Framing framing) {
        List<String> strict = StrictMessage.head(text(written));
        List<String> expected = new ArrayList<>(List.of(first.split(" ", 3)));
        for (int i = 0; i < fields.size(); i++) {
            expected.add(fields.name(i));
            expected.add(fields.value(i));
        }
        assertEquals(expected, strict);
        if (framing != null) {
            assertEquals(framing instanceof Framing.Length(long bytes) ? "" + bytes : framing instanceof Framing.Chunked ? "chunked" : "", StrictMessage.framing(strict));
        }
    }

    // ---- Bodies. ----

    /** Data and trailers of a chunked body, and what the octets were up to its end. */
    private record Body(String data, Fields trailers, String octets) {
        @Override
        public String toString() {
            return data + lines(trailers) + octets;
        }
    }

    private static Codec<?> chunkedBodies() {
        String full = "5;x=\"y\"\r\nhello\r\n00a \t;z\r\n0123456789\r\n";
        return Codec.<Body>ofStream("chunked-bodies", HttpCodecs::readChunked)
                .from("0\r\n\r\n", full + "0\r\n\r\nrest", full + "0\r\nSum: 1\r\nDigest: 2\r\nHost: b\r\n\r\nrest", "7fffffffffffffff\r\nx", "1\r\nx\r\n"
                + "1\r\ny\r\n".repeat(200) + "0\r\n\r\n",
                    "1\nx\n0\n\n", "1 \r\nx\r\n0\r\n\r\n", "8000000000000000\r\n", "10000000000000000\r\n", "-1\r\n", "0x1\r\nx\r\n0\r\n\r\n", "1\r\nxx\r\n0\r\n\r\n",
                    "0\r\nTransfer-Encoding: chunked\r\n\r\n")
                .spicedWith("0\r\n", "1\r\nx\r\n", ";a=b", "0\r\n\r\n", "Sum: 1\r\n", "Content-Length: 1\r\n", "fffffffffffffffe",
                "00000000000000001").refusesBy(HttpException.class, EOFException.class)
                .withCode(HttpCodecs::status).upTo(HttpReader.MAX_TRAILER_BYTES + 2000).allocates(AT_ONCE, PER_OCTET, HttpReader.MAX_TRAILER_BYTES).suchThat(HttpCodecs::checkChunked);
    }

    private static void readChunked(Input in, Consumer<Body> found) throws IOException {
        HttpReader reader = new HttpReader(in, BUFFER);
        reader.startBody(Framing.CHUNKED);
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        byte[] piece = new byte[PIECE];
        for (int n; (n = reader.readBody(piece, 0, piece.length)) >= 0;) {
            data.write(piece, 0, n);
        }
        found.accept(new Body(data.toString(ISO_8859_1), reader.trailers(), new String(in.octets(), 0, in.taken() - reader.buffered(), ISO_8859_1)));
    }

    private static void checkChunked(Body body) throws IOException {
        assertEquals(new StrictMessage.Chunked(body.data, body.octets.length()), StrictMessage.chunked(body.octets));
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        HttpWriter writer = new HttpWriter(wire, BUFFER);
        writer.startBody(Framing.CHUNKED);
        writer.body(body.data.getBytes(ISO_8859_1), 0, body.data.length());
        writer.endBody(new Fields(body.trailers));
        writer.flush();
        HttpReader again = new HttpReader(new ByteArrayInputStream(wire.toByteArray()), BUFFER);
        again.startBody(Framing.CHUNKED);
        assertEquals(body.data, new String(allOf(again), ISO_8859_1));
        assertEquals(lines(body.trailers), lines(again.trailers()));
    }

    private static byte[] allOf(HttpReader reader) throws IOException {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        byte[] piece = new byte[PIECE];
        for (int n; (n = reader.readBody(piece, 0, piece.length)) >= 0;) {
            data.write(piece, 0, n);
        }
        return data.toByteArray();
    }

    private static long bodyCrc(HttpReader reader, Framing framing, byte[] piece) throws IOException {
        reader.startBody(framing);
        CRC32 crc = new CRC32();
        for (int n; (n = reader.readBody(piece, 0, piece.length)) >= 0;) {
            assertTrue(n > 0);
            crc.update(piece, 0, n);
        }
        assertTrue(reader.bodyEnded());
        return crc.getValue();
    }

    // ---- Heads in frames. ----

    private static Codec<?> requestFrames() {
        return Codec.<RequestHead>ofOctets("heads-in-request-frames", (in, found) -> {
            RequestHead head = Heads.forwardedRequest(in.octets(), 0, in.octets().length);
            Framing.ofRequest(head);
            found.accept(head);
        }).from(RequestTest.accepted().map(RequestTest.Case::raw).toArray(String[]::new))
        .spicedWith(FIELDS)
        .refusesBy(HttpException.class).upTo(128 * 1024).allocates(AT_ONCE, PER_OCTET_OF_ONE)
                .suchThat(head -> checkLines(written(head), head.method() + ' ' + head.target() + " HTTP/1." + head.minorVersion(), head.fields(), Framing.ofRequest(head)));
    }

    private static Codec<?> responseFrames() {
        return Codec.<ResponseHead>ofOctets("heads-in-response-frames", (in, found) -> {
            ResponseHead head = Heads.response(in.octets(), 0, in.octets().length);
            Framing.ofForwarded(head, "GET");
            found.accept(head);
        }).from(ResponseTest.cases().map(ResponseTest.Case::raw).toArray(String[]::new))
        .spicedWith(FIELDS)
        .refusesBy(HttpException.class).upTo(128 * 1024).allocates(AT_ONCE, PER_OCTET_OF_ONE)
                .suchThat(head -> checkResponse(head, Framing.ofResponse(head, "GET")));
    }

    private static Codec<?> trailerFrames() {
        return Codec.<Fields>ofOctets("trailers-in-frames", (in, found) -> found.accept(Heads.fields(in.octets(), 0, in.octets().length)))
                .from("\r\n", "Sum: 1\r\n\r\n", "Sum: 1\r\nContent-Length: 5\r\nX:\r\n\r\n")
                .spicedWith(FIELDS)
                .refusesBy(HttpException.class).upTo(HttpReader.MAX_TRAILER_BYTES)
                .allocates(AT_ONCE, PER_OCTET_OF_ONE).suchThat(fields -> {
                    byte[] written = new byte[Heads.length(fields)];
                    assertEquals(written.length, Heads.write(fields, written, 0));
                    checkLines(("a b c\r\n" + text(written)).getBytes(ISO_8859_1), "a b c", fields, null);
                });
    }

    // ---- Words. ----

    static String status(Exception e) {
        return e instanceof HttpException refusal ? " " + refusal.status() : "";
    }

    private static byte[] written(RequestHead head) {
        byte[] written = new byte[Heads.length(head)];
        assertEquals(written.length, Heads.write(head, written, 0));
        return written;
    }

    private static String lines(Fields fields) {
        StringBuilder lines = new StringBuilder();
        Transcript.fields(fields, lines);
        return lines.toString();
    }

    private static String text(byte[] octets) {
        return new String(octets, ISO_8859_1);
    }
}
