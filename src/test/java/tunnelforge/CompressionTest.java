package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.TestAgent;
import tunnelforge.agent.traffic.Traffic;
import tunnelforge.http.FieldChanges;

/** {@code --compression}, as visitors and the local service see it. */
final class CompressionTest {
    private static final Traffic COMPRESSION = new Traffic(FieldChanges.NONE, FieldChanges.NONE, true, false);
    private static final String GZIP = "Accept-Encoding: gzip, deflate, br, zstd";
    private static final String TEXT = "The quick brown fox jumps over the lazy dog. ".repeat(200);
    private static final int GZIP_HEADER = 10;
    private static final int DEFLATERS = 64;
    private static final int DEFLATER_BYTES = 256 * 1024;

    private static TunnelFixture tunnel;

    private Peer visitor;
    private Peer local;

    @BeforeAll
    static void start() throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options().withRelay();
        options.agent().traffic(COMPRESSION);
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

    /** What the local service is asked. */
    private Message ask(String methodAndTarget, String... lines) throws Exception {
        if (visitor == null) {
            visitor = tunnel.visitor();
        }
        visitor.send(tunnel.head(methodAndTarget, lines));
        if (local == null) {
            local = tunnel.service().accept();
        }
        return local.readRequest();
    }

    private Message answered(String method, String head, String body) throws IOException {
        local.send(head + "\r\n" + body);
        return visitor.readResponse(method);
    }

    private Message answeredText(String... lines) throws IOException {
        return answered("GET", "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: " + TEXT.length() + "\r\n"
                + String.join("", List.of(lines).stream().map(line -> line + "\r\n").toList()), TEXT);
    }

    private static String unzipped(Message response) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static void assertCompressed(Message response) throws IOException {
        assertEquals("gzip", response.get("Content-Encoding"));
        assertEquals("chunked", response.get("Transfer-Encoding"));
        assertEquals(List.of(), response.all("Content-Length"));
        assertEquals(TEXT, unzipped(response));
        assertTrue(response.body().length < TEXT.length() / 10, response.body().length + " bytes");
    }

    private static void assertPlain(Message response) {
        assertFalse(response.has("Content-Encoding"), response.head());
        assertEquals(TEXT, response.text());
        assertEquals(String.valueOf(TEXT.length()), response.get("Content-Length"));
    }

    @Test
    void whatAVisitorTakesCompressedIsCompressed() throws Exception {
        Message asked = ask("GET /", GZIP);
        assertEquals("gzip, deflate, br, zstd", asked.get("Accept-Encoding"));
        Message response = answeredText("ETag: \"v1\"", "Accept-Ranges: bytes", "X-Other: 1");
        assertCompressed(response);
        assertEquals("Accept-Encoding", response.get("Vary"));
        assertEquals("W/\"v1\"", response.get("ETag"));
        assertFalse(response.has("Accept-Ranges"));
        assertEquals("1", response.get("X-Other"));
    }

    @Test
    void whoDoesNotTakeItGetsItAsItIs() throws Exception {
        for (String[] lines : new String[][] {{}, {"Accept-Encoding: identity"}, {"Accept-Encoding: gzip;q=0, *"}, {"Accept-Encoding: br"}, {GZIP, "Cache-Control: no-transform"}}) {
            ask("GET /", lines);
            Message response = answeredText("ETag: \"v1\"", "Accept-Ranges: bytes");
            assertPlain(response);
            assertEquals("Accept-Encoding", response.get("Vary"));
            assertEquals("\"v1\"", response.get("ETag"));
            assertEquals("bytes", response.get("Accept-Ranges"));
        }
    }

    /** {@code LENGTH} stands for the body's. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "GET  | 200 | Content-Type: image/png           | false",
        "GET  | 200 | X-No-Type: 1                      | false",
        "GET  | 200 | Content-Type: text/html~Content-Encoding: br | false",
        "GET  | 200 | Content-Type: text/html~Cache-Control: public, no-transform | false",
        "GET  | 200 | Content-Type: text/html~Content-Digest: sha-256=:AA==: | false",
        "GET  | 200 | Content-Type: text/html~Repr-Digest: sha-256=:AA==: | false",
        "GET  | 200 | Content-Type: text/html~Digest: sha-256=AA== | false",
        "GET  | 200 | Content-Type: text/html~Content-MD5: AA== | false",
        "GET  | 200 | Content-Type: text/html~Trailer: X-A, content-digest | false",
        "GET  | 206 | Content-Type: text/html~Content-Range: bytes 0-8999/90000 | true",
        "GET  | 416 | Content-Type: text/html~Content-Range: bytes */5 | true",
        "HEAD | 200 | Content-Type: text/html           | true"})
    void whatMustNotOrNeedNotBeIsNotCompressed(String method, String status, String lines, boolean varies) throws Exception {
        ask(method + " /", GZIP);
        Message response = answered(method, "HTTP/1.1 " + status + " X\r\n" + lines.replace("~", "\r\n") + "\r\nContent-Length: " + TEXT.length() + "\r\n", method.equals("HEAD") ? "" : TEXT);
        for (String line : lines.split("~")) {
            assertEquals(line.substring(line.indexOf(':') + 2), response.get(line.substring(0, line.indexOf(':'))));
        }
        assertEquals(String.valueOf(TEXT.length()), response.get("Content-Length"));
        assertEquals(method.equals("HEAD") ? 0 : TEXT.length(), response.body().length);
        assertEquals(varies ? "Accept-Encoding" : null, response.get("Vary"));
        local.close();
    }

    @ParameterizedTest
    @CsvSource({"text/plain, true", "Application/JSON; charset=utf-8, true", "application/problem+json, true", "image/svg+xml, true", "application/wasm, true", "application/javascript, true",
        "font/woff2, false", "application/zip, false", "application/octet-stream, false", "video/mp4, false", "multipart/form-data; boundary=text/, false"})
    void theTypeSaysWhetherItIsWorthIt(String type, boolean compressed) throws Exception {
        ask("GET /", GZIP);
        Message response = answered("GET", "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: " + TEXT.length() + "\r\n", TEXT);
        assertEquals(compressed ? "gzip" : null, response.get("Content-Encoding"));
    }

    @Test
    void aKibibyteIsCompressedAndNothingSmaller() throws Exception {
        for (int length : new int[] {1024, 1023, 0}) {
            ask("GET /", GZIP);
            Message response = answered("GET", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + length + "\r\n", "x".repeat(length));
            assertEquals(length == 1024 ? "gzip" : null, response.get("Content-Encoding"));
            assertEquals(length == 1024 ? "Accept-Encoding" : null, response.get("Vary"));
            assertEquals("x".repeat(length), length == 1024 ? unzipped(response) : response.text());
        }
    }

    @Test
    void responsesWithoutContentStayAsTheyAre() throws Exception {
        for (int status : new int[] {204, 304}) {
            ask("GET /", GZIP);
            Message response = answered("GET", "HTTP/1.1 " + status + " X\r\nContent-Type: text/html\r\nETag: \"v1\"\r\n", "");
            assertEquals(status, response.status());
            assertEquals(List.of("\"v1\"", "text/html"), List.of(response.get("ETag"), response.get("Content-Type")));
            assertFalse(response.has("Content-Encoding") || response.has("Vary") || response.has("Transfer-Encoding"), response.head());
        }
    }

    @Test
    void anErrorPageIsCompressedToo() throws Exception {
        ask("POST /", GZIP, "Content-Length: 0");
        assertCompressed(answered("POST", "HTTP/1.1 500 X\r\nContent-Type: text/html\r\nContent-Length: " + TEXT.length() + "\r\n", TEXT));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"Vary: Cookie | Cookie, Accept-Encoding", "Vary: Cookie~Vary: Origin | Cookie, Origin, Accept-Encoding", "Vary: accept-encoding, Cookie | accept-encoding, Cookie",
        "Vary: * | *", "Vary: Cookie, * | Cookie, *", "Vary: | Accept-Encoding"})
    void varyIsMerged(String lines, String merged) throws Exception {
        ask("GET /", GZIP);
        Message response = answeredText(lines.replace("~", "\r\n"));
        assertCompressed(response);
        assertEquals(List.of(merged), response.all("Vary"));
    }

    /** Each can be decoded before the next is sent: whatever the service has written is flushed. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eachEventArrivesAtOnce(boolean chunked) throws Exception {
        ask("GET /events", GZIP, "Accept: text/event-stream");
        local.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n"));
        assertEquals("gzip", visitor.readResponseHead().get("Content-Encoding"));
        Decoder decoder = new Decoder();
        for (int i = 0; i < 50; i++) {
            String event = "data: " + i + "\n\n";
            if (chunked) {
                local.sendChunk(event);
            } else {
                local.send(event);
            }
            assertEquals(event, decoder.next(event.length()));
        }
        local.send(chunked ? "0\r\n\r\n" : "").close();
        decoder.end();
    }

    /** Decodes what the visitor has got, piece by piece. */
    private final class Decoder {
        private final Inflater inflater = new Inflater(true);
        private final ByteArrayOutputStream head = new ByteArrayOutputStream();

        String next(int length) throws IOException, DataFormatException {
            byte[] text = new byte[length];
            for (int at = 0; at < length;) {
                int count = inflater.inflate(text, at, length - at);
                at += count;
                if (count == 0) {
                    give(visitor.readChunk());
                }
            }
            return new String(text, StandardCharsets.ISO_8859_1);
        }

        private void give(byte[] chunk) {
            assertTrue(chunk.length > 0, "the response has ended");
            int skipped = Math.min(chunk.length, GZIP_HEADER - head.size());
            head.write(chunk, 0, skipped);
            inflater.setInput(chunk, skipped, chunk.length - skipped);
        }

        void end() throws IOException {
            while (visitor.readChunk().length > 0) {
                // The end of the last block, and the checksum.
            }
            inflater.end();
        }
    }

    @Test
    void aLargeBodyOfUnknownLengthComesBackWhole() throws Exception {
        String large = TEXT.repeat(300) + new String(Bodies.ofSize(1_000_000), StandardCharsets.ISO_8859_1);
        tunnel.service().serve((request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
            connection.send(Bodies.chunked(large.getBytes(StandardCharsets.ISO_8859_1), 30_000)).send("\r\n");
            return true;
        });
        Peer each = tunnel.visitor();
        for (int i = 0; i < 3; i++) {
            assertEquals(large, unzipped(each.send(tunnel.head("GET /", GZIP)).readResponse()));
        }
    }

    @Test
    void trailersComeBehindIt() throws Exception {
        ask("GET /", GZIP, "TE: trailers", "Connection: TE");
        local.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTrailer: X-Rows\r\nTransfer-Encoding: chunked\r\n\r\n").sendChunk(TEXT).send("0\r\nX-Rows: 7\r\n\r\n");
        Message response = visitor.readResponse();
        assertCompressed(response);
        assertEquals("7", response.trailer("X-Rows"));
    }

    /** Nobody said that it would come. */
    @Test
    void aDigestOfWhatWasCompressedDoesNotComeBehindIt() throws Exception {
        ask("GET /", GZIP, "TE: trailers", "Connection: TE");
        local.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n").sendChunk(TEXT).send("0\r\nRepr-Digest: sha-256=:AA==:\r\ncontent-digest: sha-256=:AA==:\r\nX-Rows: 7\r\n\r\n");
        Message response = visitor.readResponse();
        assertCompressed(response);
        assertEquals("7", response.trailer("X-Rows"));
        assertNull(response.trailer("Repr-Digest"));
        assertNull(response.trailer("Content-Digest"));
    }

    @Test
    void anInformationalHeadAndAnUpgradePass() throws Exception {
        ask("GET /", GZIP, "Connection: upgrade", "Upgrade: chat");
        local.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\nContent-Type: text/plain\r\n\r\n");
        assertEquals(103, visitor.readResponseHead().status());
        Message switching = visitor.readResponseHead();
        assertEquals(101, switching.status());
        assertFalse(switching.has("Content-Encoding") || switching.has("Vary"), switching.head());
        local.send(TEXT);
        assertEquals(TEXT, visitor.readText(TEXT.length()));
    }

    /** Many a service compares strings, and If-Match is to hold what the visitor has seen (RFC 9110 section 13.1.1). */
    @Test
    void theServiceIsAskedByTheTagThatItHasGiven() throws Exception {
        ask("GET /", GZIP);
        assertEquals("W/\"v1\"", answeredText("ETag: \"v1\"").get("ETag"));
        assertEquals("\"v1\"", ask("GET /", GZIP, "If-None-Match: W/\"v1\"").get("If-None-Match"));
        Message same = answered("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n", "");
        assertEquals(List.of("W/\"v1\"", "Accept-Encoding"), List.of(same.get("ETag"), same.get("Vary")));
        assertEquals(List.of("\"v0\"", "\"v1\""), ask("GET /", GZIP, "If-None-Match: \"v0\"", "If-None-Match: W/\"v1\"").all("If-None-Match"));
        assertEquals("W/\"v1\"", answered("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n", "").get("ETag"));
        assertEquals("\"v1\"", ask("PUT /", "If-Match: W/\"v1\"", "Content-Length: 0").get("If-Match"));
        answered("PUT", "HTTP/1.1 204 No Content\r\n", "");
        assertEquals("W/\"v1\"", ask("GET /", GZIP, "Range: bytes=5-", "If-Range: W/\"v1\"").get("If-Range"));
        assertCompressed(answeredText("ETag: \"v1\""));
        assertEquals("W/\"its own\"", ask("GET /", GZIP, "If-None-Match: W/\"its own\"").get("If-None-Match"));
        same = answered("GET", "HTTP/1.1 304 Not Modified\r\nETag: W/\"its own\"\r\n", "");
        assertEquals("W/\"its own\"", same.get("ETag"));
    }

    @Test
    void aRangeIsPassedOnAndItsPartIsNotCompressed() throws Exception {
        Message asked = ask("GET /", GZIP, "Range: bytes=0-1999");
        assertEquals("bytes=0-1999", asked.get("Range"));
        Message part = answered("GET", "HTTP/1.1 206 X\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1999/9000\r\nContent-Length: 2000\r\nETag: \"v1\"\r\n", TEXT.substring(0, 2000));
        assertEquals(TEXT.substring(0, 2000), part.text());
        assertEquals(List.of("\"v1\"", "2000"), List.of(part.get("ETag"), part.get("Content-Length")));
    }

    /** {@code HTTP/1.0}: the end of the connection ends the body. */
    @Test
    void anOldVisitorGetsItWithoutChunks() throws Exception {
        Peer old = tunnel.visitor();
        old.send("GET / HTTP/1.0\r\nHost: " + tunnel.authority() + "\r\n" + GZIP + "\r\n\r\n");
        local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + TEXT.length() + "\r\n\r\n" + TEXT);
        assertEquals(TEXT, unzipped(old.readResponse()));
    }

    @Test
    void sixtyFourAreCompressedAtOnceAndTheNextIsPlain() throws Exception {
        List<Peer> services = new ArrayList<>();
        for (int i = 0; i <= DEFLATERS; i++) {
            visitor = null;
            local = null;
            ask("GET /events", GZIP);
            local.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n").sendChunk("data: " + i + "\n\n");
            services.add(local);
            Message head = visitor.readResponseHead();
            assertEquals(i < DEFLATERS ? "gzip" : null, head.get("Content-Encoding"), "stream " + i);
            assertEquals("Accept-Encoding", head.get("Vary"));
        }
        assertEquals("data: 64\n\n", new String(visitor.readChunk(), StandardCharsets.US_ASCII));
        long used = tunnel.agent().budgetUsed();
        services.getFirst().send("0\r\n\r\n");
        Eventually.await("a deflater is given back", () -> used - tunnel.agent().budgetUsed() >= DEFLATER_BYTES);
        visitor = null;
        local = services.getFirst();
        ask("GET /", GZIP);
        assertCompressed(answeredText());
    }

    @Test
    void aResponseThatBreaksOffLooksBroken() throws Exception {
        ask("GET /", GZIP);
        local.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9000\r\n\r\n" + TEXT.substring(0, 5000));
        visitor.readResponseHead();
        Decoder decoder = new Decoder();
        assertEquals(TEXT.substring(0, 5000), decoder.next(5000));
        local.close();
        visitor.awaitClosed();
    }

    @Test
    void aLostDataConnectionDoesNotShow() throws Exception {
        ask("GET /events", GZIP);
        local.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n").sendChunk("data: first\n\n");
        visitor.readResponseHead();
        Decoder decoder = new Decoder();
        assertEquals("data: first\n\n", decoder.next(13));
        for (int i = 0; i < 3; i++) {
            for (Relay.Link link : tunnel.relay().links().stream().skip(1).toList()) {
                link.cut();
            }
            local.sendChunk("data: " + i + "\n\n");
            assertEquals("data: " + i + "\n\n", decoder.next(9));
        }
        local.send("0\r\n\r\n");
        decoder.end();
    }

    @Test
    void aRequestsBodyIsNotTouched() throws Exception {
        visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", GZIP, "Content-Type: text/plain", "Content-Length: " + TEXT.length()) + TEXT);
        local = tunnel.service().accept();
        Message asked = local.readRequest();
        assertEquals(TEXT, asked.text());
        assertNull(asked.get("Content-Encoding"));
        answered("POST", "HTTP/1.1 204 No Content\r\n", "");
    }

    @Test
    void aServedDirectoryIsCompressed(@TempDir Path root) throws Exception {
        Files.writeString(root.resolve("a.txt"), TEXT);
        Files.write(root.resolve("a.png"), TEXT.getBytes(StandardCharsets.ISO_8859_1));
        Files.setLastModifiedTime(root.resolve("a.txt"), FileTime.from(Instant.parse("1994-11-06T08:49:37Z")));
        TestAgent files = tunnel.startAgent(root.toUri().toString(), new TestAgent.Options().subdomain("files").traffic(COMPRESSION));
        files.url();
        Peer reader = tunnel.visitor("files.tunnel.localhost");
        Message text = reader.send(fileHead("GET /a.txt", GZIP)).readResponse();
        assertCompressed(text);
        assertFalse(text.has("Accept-Ranges"));
        assertEquals(304, reader.send(fileHead("GET /a.txt", GZIP, "If-Modified-Since: " + text.get("Last-Modified"))).readResponse().status());
        Message part = reader.send(fileHead("GET /a.txt", GZIP, "Range: bytes=0-1999")).readResponse();
        assertArrayEquals(TEXT.substring(0, 2000).getBytes(StandardCharsets.ISO_8859_1), part.body());
        assertPlain(reader.send(fileHead("GET /a.txt")).readResponse());
        assertPlain(reader.send(fileHead("GET /a.png", GZIP)).readResponse());
        files.close();
    }

    private String fileHead(String methodAndTarget, String... lines) {
        return tunnel.head(methodAndTarget, lines).replace("Host: " + tunnel.host(), "Host: files.tunnel.localhost");
    }
}
