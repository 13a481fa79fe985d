package tunnelforge.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits, look-ahead and what touches the stream. */
class HttpReaderTest {
    private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\n";
    private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";
    private static final int HEAD = 1024;

    private static HttpReader reader(String raw) {
        return new HttpReader(Pieces.whole(raw), 256);
    }

    /** At a chunked body whose octets come in the given pieces. */
    private static HttpReader chunkedReader(String... pieces) throws IOException {
        int[] cuts = new int[pieces.length];
        StringBuilder raw = new StringBuilder(CHUNKED);
        for (int i = 0; i < pieces.length; i++) {
            cuts[i] = raw.length();
            raw.append(pieces[i]);
        }
        HttpReader reader = new HttpReader(Pieces.cutAt(Pieces.octets(raw.toString()), cuts), 256);
        reader.startBody(Framing.ofRequest(reader.readRequest(HEAD)));
        return reader;
    }

    private static String body(HttpReader reader, int len) throws IOException {
        byte[] dst = new byte[len];
        int n = reader.readBody(dst, 0, len);
        return n < 0 ? null : new String(dst, 0, n, ISO_8859_1);
    }

    private static int refusal(InputStream in, int bufferSize, int maxHead) {
        HttpReader reader = new HttpReader(in, bufferSize);
        return assertThrows(HttpException.class, () -> reader.readRequest(maxHead)).status();
    }

    @Test
    void headAtTheLimitIsReadAndOnePastItIsRefused() throws IOException {
        byte[] raw = Pieces.octets("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(200) + "\r\n\r\n");
        for (int bufferSize : new int[] {1, 16, raw.length - 1, raw.length, 1000}) {
            for (int piece : new int[] {1, 50, 1000}) {
                assertNotNull(new HttpReader(Pieces.ofSize(raw, piece), bufferSize).readRequest(raw.length));
                assertEquals(431, refusal(Pieces.ofSize(raw, piece), bufferSize, raw.length - 1));
            }
        }
    }

    /** What comes behind these octets is never asked for. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"400|\\0\\1", "400|SSH-2.0-OpenSSH_9.2\\r\\n", "400|\\n", "400|' '", "400|GET\\t", "400|GET\\0", "400|{", "400|GE(", "400|\\22\\3\\1", "400|\\128",
        "400|EHLO mail.example\\r\\n", "400|GET /\\r\\n", "400|GET / HTTP/1.1\\n", "400|\\r\\n\\0", "400|\\r\\n\\r", "400|\\r\\r", "400|GET\\r", "505|GET / HTTP/2.0\\r\\n",
        "505|PRI * HTTP/2.0\\r\\n", "501|AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDD", "400|GET / http/1.1\\r\\n"})
    void whatCannotBeginARequestIsRefusedAtOnce(int status, String begin) {
        byte[] octets = Pieces.octets(unescape(begin));
        for (int piece : new int[] {1, octets.length}) {
            InputStream endless = new SequenceInputStream(Pieces.ofSize(octets, piece), new InputStream() {
                @Override
                public int read() {
                    throw new AssertionError("more is read");
                }
            });
            assertEquals(status, refusal(endless, 64, HEAD), begin);
        }
    }

    /** With {@code \\r}, {@code \\n}, {@code \\t} and decimal numbers. */
    private static String unescape(String text) {
        return Pattern.compile("\\\\([rnt]|[0-9]{1,3})").matcher(text).replaceAll(found -> Matcher.quoteReplacement(switch (found.group(1)) {
            case "r" -> "\r";
            case "n" -> "\n";
            case "t" -> "\t";
            default -> Character.toString(Integer.parseInt(found.group(1)));
        }));
    }

    @ParameterizedTest
    @ValueSource(strings = {"G", "GET", "GET ", "GET /", "GET / HTTP/1.1\r", "GET / HTTP/1.1\r\nHo", "\r\n", "\r"})
    void whatMayStillBecomeOneIsWaitedFor(String begin) {
        for (int piece : new int[] {1, 100}) {
            assertThrows(EOFException.class, () -> {
                if (new HttpReader(Pieces.ofSize(Pieces.octets(begin), piece), 64).readRequest(HEAD) == null) {
                    throw new EOFException();
                }
            });
        }
    }

    @Test
    void requestLineOverTheLimitIs414() {
        byte[] raw = Pieces.octets("GET /" + "x".repeat(200) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        for (int bufferSize : new int[] {16, 64, 1000}) {
            assertEquals(414, refusal(Pieces.whole(raw), bufferSize, 100));
        }
    }

    @Test
    void anEndlessHeadIsRefusedAtTheLimitWithoutReadingOn() {
        byte[] endless = new byte[10_000];
        Arrays.fill(endless, (byte) 'A');
        System.arraycopy(Pieces.octets("GET /"), 0, endless, 0, 5);
        Pieces in = Pieces.ofSize(endless, 100);
        assertEquals(414, refusal(in, 64, 500));
        assertTrue(in.reads <= 10, "reads: " + in.reads);
    }

    @Test
    void anUnfinishedHeadAtTheLimitIsRefusedWithoutAnotherRead() {
        byte[] raw = Pieces.octets("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(200));
        for (int bufferSize : new int[] {16, raw.length, 1000}) {
            Pieces in = Pieces.ofSize(raw, raw.length);
            assertEquals(431, refusal(in, bufferSize, raw.length));
            assertTrue(in.reads < 8, "reads: " + in.reads);
        }
    }

    @Test
    void aGrownBufferIsGivenBack() throws IOException {
        ReadBuffer buffer = new ReadBuffer(Pieces.whole("x".repeat(500)), 16, Room.UNLIMITED);
        while (buffer.buffered() < 100) {
            assertTrue(buffer.readMore(100));
        }
        assertEquals(100, buffer.bytes.length);
        buffer.pos += 80;
        buffer.settle();
        assertEquals(100, buffer.bytes.length);
        buffer.pos += 5;
        buffer.settle();
        assertEquals(16, buffer.bytes.length);
        assertEquals(15, buffer.buffered());
    }

    @Test
    void aHeadThatThereIsNoRoomForIsRefusedBeforeItsBufferIsMade() throws IOException {
        String head = "GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(200) + "\r\n\r\n";
        CountedRoom room = new CountedRoom(300);
        HttpReader reader = new HttpReader(Pieces.whole(head), 64, room);
        assertEquals(503, assertThrows(HttpException.class, () -> reader.readRequest(1000)).status());
        assertEquals(128, room.used(), "doubled once; twice would have been too much");
        reader.release();
        assertEquals(0, room.used());
        CountedRoom enough = new CountedRoom(128 + 256);
        assertNotNull(new HttpReader(Pieces.whole(head), 64, enough).readRequest(1000));
        assertEquals(384, enough.most(), "the old one while its content moves into the new one");
        assertEquals(0, enough.used(), "given back with the head");
    }

    @Test
    void trailersThatThereIsNoRoomForAreRefusedAndGiveBack() throws IOException {
        String message = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: " + "x".repeat(2000);
        CountedRoom room = new CountedRoom(1500);
        HttpReader reader = new HttpReader(Pieces.ofSize(Pieces.octets(message), 100), 128, room);
        reader.startBody(Framing.ofRequest(reader.readRequest(1000)));
        byte[] one = new byte[10];
        assertEquals(1, reader.readBody(one, 0, 10));
        assertEquals(503, assertThrows(HttpException.class, () -> reader.readBody(one, 0, 10)).status());
        reader.release();
        assertEquals(0, room.used());
    }

    @Test
    void responseHeadOverTheLimitIs502() {
        HttpReader reader = reader("HTTP/1.1 200 OK\r\nX: " + "x".repeat(200) + "\r\n\r\n");
        assertEquals(502, assertThrows(HttpException.class, () -> reader.readResponse(100)).status());
    }

    @Test
    void fieldLinesAtTheLimitAndOnePastIt() throws IOException {
        String lines = "A: b\r\n".repeat(Heads.MAX_FIELD_LINES - 1);
        assertEquals(200, reader("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n").readRequest(10_000).fields().size());
        assertEquals(431, refusal(Pieces.whole("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n" + lines + "\r\n"), 256, 10_000));
    }

    @Test
    void methodAtTheLimit() throws IOException {
        String method = "M".repeat(Heads.MAX_METHOD_CHARS);
        assertEquals(method, reader(method + " / HTTP/1.1\r\nHost: a\r\n\r\n").readRequest(HEAD).method());
    }

    @Test
    void chunkLineAtTheLimitAndOnePastIt() throws IOException {
        String line = "1;" + "e".repeat(HttpReader.MAX_CHUNK_LINE_BYTES - 2);
        assertEquals("x", body(chunkedReader(line + "\r\nx\r\n0\r\n\r\n"), 9));
        HttpReader twice = chunkedReader((line + "\r\nx\r\n").repeat(2) + "0\r\n\r\n");
        assertEquals("x", body(twice, 1));
        assertEquals("x", body(twice, 1));
        HttpReader reader = chunkedReader(line + "e\r\nx\r\n0\r\n\r\n");
        assertEquals(400, assertThrows(HttpException.class, () -> body(reader, 9)).status());
    }

    @Test
    void chunkSizeDigitsAtTheLimit() throws IOException {
        assertEquals("x", body(chunkedReader("0000000000000001\r\nx\r\n0\r\n\r\n"), 9));
        assertEquals("x", body(chunkedReader("7fffffffffffffff\r\nx"), 9));
    }

    @Test
    void trailersAtTheLimitAndOnePastIt() throws IOException {
        String most = "A: " + "x".repeat(HttpReader.MAX_TRAILER_BYTES - 7) + "\r\n\r\n";
        HttpReader reader = chunkedReader("0\r\n", most, "GET");
        assertNull(body(reader, 9));
        assertEquals(HttpReader.MAX_TRAILER_BYTES - 7, reader.trailers().get("A").length());
        assertTrue(reader.fill());
        HttpReader over = chunkedReader("0\r\n", "A: x" + most.substring(3));
        assertEquals(431, assertThrows(HttpException.class, () -> body(over, 9)).status());
        HttpReader lines = chunkedReader("0\r\n" + "A: b\r\n".repeat(201) + "\r\n");
        assertEquals(431, assertThrows(HttpException.class, () -> body(lines, 9)).status());
    }

    @Test
    void cleanEndIsNullAndEndInsideAHeadIsNot() throws IOException {
        assertNull(reader("").readRequest(HEAD));
        assertNull(reader("\r\n").readRequest(HEAD));
        assertThrows(EOFException.class, () -> reader("\r").readRequest(HEAD));
        assertThrows(EOFException.class, () -> reader("G").readRequest(HEAD));
        assertThrows(EOFException.class, () -> reader("").readResponse(HEAD));
    }

    @Test
    void endOfBodyIsKnownWithTheLastOctetWhenTheLastChunkIsBuffered() throws IOException {
        HttpReader reader = chunkedReader("3\r\nabc\r\n0\r\nSum: 1\r\n\r\nGET");
        assertFalse(reader.bodyEnded());
        assertEquals("abc", body(reader, 3));
        assertTrue(reader.bodyEnded());
        assertEquals("1", reader.trailers().get("sum"));
        assertEquals(3, reader.buffered());
    }

    @Test
    void bufferedChunksAreJoinedAndNoneIsWaitedFor() throws IOException {
        HttpReader reader = chunkedReader("1\r\na\r\n2\r\nbc\r\n3\r\nd", "ef\r\n0\r\n", "\r\n");
        assertFalse(reader.bodyReadable());
        assertTrue(reader.fill());
        assertTrue(reader.bodyReadable());
        assertEquals("abcd", body(reader, 100));
        assertFalse(reader.bodyReadable());
        assertTrue(reader.fill());
        assertEquals("ef", body(reader, 100));
        assertFalse(reader.bodyReadable());
        assertFalse(reader.bodyEnded());
        assertTrue(reader.fill());
        assertTrue(reader.bodyReadable());
        assertTrue(reader.bodyEnded());
        assertNull(body(reader, 100));
    }

    @Test
    void aTaskThatReadsAheadNeverSpinsOnUnfinishedFraming() throws IOException {
        byte[] raw = Pieces.octets(CHUNKED + "00001;ext\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n");
        Pieces in = Pieces.ofSize(raw, 1);
        HttpReader reader = new HttpReader(in, 64);
        reader.startBody(Framing.ofRequest(reader.readRequest(HEAD)));
        int fills = 0;
        while (!reader.bodyEnded()) {
            while (!reader.bodyReadable()) {
                assertTrue(reader.fill());
                fills++;
            }
            body(reader, 10);
        }
        assertTrue(fills <= raw.length - CHUNKED.length(), "fills: " + fills);
        assertEquals(2, reader.trailers().size());
    }

    @Test
    void bodyThatBreaksOffIsReadableAndThrows() throws IOException {
        HttpReader reader = reader(POST + "Content-Length: 3\r\n\r\nab");
        reader.startBody(Framing.ofRequest(reader.readRequest(HEAD)));
        assertEquals("ab", body(reader, 9));
        assertFalse(reader.bodyReadable());
        assertFalse(reader.fill());
        assertTrue(reader.bodyReadable());
        assertFalse(reader.bodyEnded());
        assertThrows(EOFException.class, () -> body(reader, 9));
    }

    @Test
    void untilCloseEndsWithTheStream() throws IOException {
        HttpReader reader = reader("HTTP/1.1 200 OK\r\n\r\nab");
        reader.startBody(Framing.ofResponse(reader.readResponse(HEAD), "GET"));
        assertEquals("ab", body(reader, 9));
        assertFalse(reader.bodyEnded());
        assertNull(body(reader, 9));
        assertTrue(reader.bodyEnded());
    }

    @Test
    void largeReadsGoStraightToTheDestination() throws IOException {
        for (Framing framing : new Framing[] {new Framing.Length(5000), Framing.UNTIL_CLOSE}) {
            Pieces in = Pieces.whole("x".repeat(5000));
            HttpReader reader = new HttpReader(in, 100);
            reader.startBody(framing);
            assertEquals(4000, reader.readBody(new byte[4000], 0, 4000));
            assertEquals(1, in.reads);
            assertEquals(0, reader.buffered());
        }
        Pieces in = Pieces.whole("fa0\r\n" + "x".repeat(4000) + "\r\n0\r\n\r\n");
        HttpReader reader = new HttpReader(in, 100);
        reader.startBody(Framing.CHUNKED);
        assertEquals(95, reader.readBody(new byte[4000], 0, 4000));
        assertEquals(3905, reader.readBody(new byte[4000], 0, 4000));
        assertEquals(2, in.reads);
    }

    @Test
    void aStraightReadNeverTakesWhatIsBehindTheBody() throws IOException {
        HttpReader reader = new HttpReader(Pieces.whole("x".repeat(150) + "GET"), 100);
        reader.startBody(new Framing.Length(150));
        assertEquals(150, reader.readBody(new byte[1000], 0, 1000));
        assertTrue(reader.bodyEnded());
        assertTrue(reader.fill());
        assertEquals(3, reader.buffered());
    }

    @Test
    void afterAnUpgradeBufferedOctetsComeFirst() throws IOException {
        HttpReader reader = new HttpReader(Pieces.cutAt(Pieces.octets("HTTP/1.1 101 S\r\n\r\nabcdef"), 21), 64);
        reader.startBody(Framing.ofResponse(reader.readResponse(HEAD), "GET"));
        assertEquals(3, reader.buffered());
        assertEquals(1, reader.readRaw(new byte[1], 0, 1));
        assertEquals(2, reader.readRaw(new byte[1000], 0, 1000));
        byte[] rest = reader.rawStream().readAllBytes();
        assertArrayEquals(new byte[] {'d', 'e', 'f'}, rest);
        assertEquals(-1, reader.readRaw(new byte[1], 0, 1));
        assertEquals(-1, reader.rawStream().read());
    }

    @Test
    void aTimeoutLosesNothing() throws IOException {
        byte[] raw = Pieces.octets("\r\n" + CHUNKED + "2\r\nab\r\n0\r\nA: b\r\n\r\n");
        Pieces octets = Pieces.ofSize(raw, 1);
        InputStream moody = new InputStream() {
            private boolean late;

            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] dst, int off, int len) throws IOException {
                late = !late;
                if (late) {
                    throw new SocketTimeoutException();
                }
                return octets.read(dst, off, len);
            }
        };
        HttpReader reader = new HttpReader(moody, 16);
        RequestHead head = patiently(() -> reader.readRequest(HEAD));
        reader.startBody(Framing.ofRequest(head));
        StringBuilder body = new StringBuilder();
        for (String part = ""; part != null; part = patiently(() -> body(reader, 9))) {
            body.append(part);
        }
        assertEquals("ab", body.toString());
        assertEquals("b", reader.trailers().get("A"));
    }

    private interface Read<T> {
        T read() throws IOException;
    }

    private static <T> T patiently(Read<T> read) throws IOException {
        while (true) {
            try {
                return read.read();
            } catch (SocketTimeoutException e) {
                continue;
            }
        }
    }

    @Test
    void theNextHeadMustWaitForTheEndOfTheBody() throws IOException {
        HttpReader reader = reader(POST + "Content-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n");
        reader.startBody(Framing.ofRequest(reader.readRequest(HEAD)));
        assertThrows(IllegalStateException.class, () -> reader.readRequest(HEAD));
        assertEquals("abc", body(reader, 9));
        assertEquals("GET", reader.readRequest(HEAD).method());
        assertEquals(0, reader.trailers().size());
    }

    @Test
    void aFaultFoundAheadIsThrownOnlyAfterTheGoodOctets() throws IOException {
        HttpReader reader = chunkedReader("2\r\nab\r\nnonsense");
        assertEquals("ab", body(reader, 2));
        assertFalse(reader.bodyEnded());
        assertTrue(reader.bodyReadable());
        assertThrows(HttpException.class, () -> body(reader, 2));
        assertThrows(HttpException.class, () -> body(reader, 2));
        assertThrows(IllegalStateException.class, () -> reader.readRequest(HEAD));
    }

    @Test
    void readingZeroOctetsIsZero() throws IOException {
        HttpReader reader = chunkedReader("0\r\n\r\n");
        assertEquals(0, reader.readBody(new byte[0], 0, 0));
        assertEquals(0, reader.readRaw(new byte[0], 0, 0));
    }

    @Test
    void manyPipelinedRequestsBehindALargeHeadAreAllRead() throws IOException {
        String large = "GET /large HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(900) + "\r\n\r\n";
        String small = "GET /small HTTP/1.1\r\nHost: a\r\n\r\n";
        HttpReader reader = new HttpReader(Pieces.whole((large + small.repeat(40)).repeat(3)), 64);
        for (int i = 0; i < 3 * 41; i++) {
            assertEquals(i % 41 == 0 ? "/large" : "/small", reader.readRequest(4096).target());
        }
        assertNull(reader.readRequest(4096));
    }
}
