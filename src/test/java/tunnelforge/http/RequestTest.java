package tunnelforge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Raw requests in, what was read out. Each case is read whole, cut at every point, octet by octet, and cut short at every point. */
class RequestTest {
    /** What it shows, the octets, what comes of them. */
    record Case(String name, String raw, String expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case of(String name, String raw, String expected) {
        return new Case(name, raw, expected);
    }

    /** Accepted requests with what follows them. */
    static Stream<Case> accepted() {
        String host = "Host: a\r\n";
        return Stream.of(
            of("nothing", "", "end"),
            of("plain", "GET / HTTP/1.1\r\n" + host + "\r\n", "GET / 1.1 [Host=a]\nend"),
            of("9112-2.2 one empty line before a request is skipped", "\r\nGET / HTTP/1.1\r\n" + host + "\r\n\r\n",
                "GET / 1.1 [Host=a]\nend"),
            of("9112-3 HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", "GET / 1.0\nend"),
            of("9110-9.1 any token is a method, case kept", "m-SEARCH!#$%&'*+.^_`|~09 * HTTP/1.1\r\n" + host + "\r\n",
                "m-SEARCH!#$%&'*+.^_`|~09 * 1.1 [Host=a]\nend"),
            of("obs-text in a target is kept", "GET /\u00e9\u0080\u00ff HTTP/1.1\r\n" + host + "\r\n", "GET /\u00e9\u0080\u00ff 1.1 [Host=a]\nend"),
            of("9112-5 blanks around a value go, those inside stay", "GET / HTTP/1.1\r\nHost:\t a \t\r\nX: b \t c\r\n\r\n",
                "GET / 1.1 [Host=a] [X=b \t c]\nend"),
            of("empty values", "GET / HTTP/1.1\r\nHost:\r\nX: \t \r\n\r\n", "GET / 1.1 [Host=] [X=]\nend"),
            of("9110-5.5 obs-text and punctuation in a value", "GET / HTTP/1.1\r\nhOST: a\r\nX: \u0080\u00ff:;\"\\\r\n\r\n",
                "GET / 1.1 [hOST=a] [X=\u0080\u00ff:;\"\\]\nend"),
            of("repeated fields keep their order", "GET / HTTP/1.1\r\nA: 1\r\n" + host + "a: 2\r\n\r\n", "GET / 1.1 [A=1] [Host=a] [a=2]\nend"),
            of("9112-6.3 length", "POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello", "POST / 1.1 [Host=a] [Content-Length=5] {hello}\nend"),
            of("length 0", "POST / HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n", "POST / 1.1 [Host=a] [Content-Length=0] {}\nend"),
            of("9112-9.3.2 pipelined, with bodies of every kind",
                "POST /1 HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabcPOST /2 HTTP/1.1\r\n" + host
                    + "Transfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\n\r\nGET /3 HTTP/1.1\r\n" + host + "\r\n",
                "POST /1 1.1 [Host=a] [Content-Length=3] {abc}\nPOST /2 1.1 [Host=a] [Transfer-Encoding=chunked] {def}\nGET /3 1.1 [Host=a]\nend"),
            of("9112-7.1 chunks, coding name in any case, digits in any case, leading zeros",
                "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n00b\r\n01234567890\r\n000\r\n\r\n",
                "POST / 1.1 [Host=a] [Transfer-Encoding=Chunked] {012345678901234567890}\nend"),
            of("9112-7.1.1 chunk extensions are dropped",
                "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nxy\r\n1 \t; c=\"d;e\"\r\nz\r\n0;last\r\n\r\n",
                "POST / 1.1 [Host=a] [Transfer-Encoding=chunked] {xyz}\nend"),
            of("9112-7.1.2 trailers", "POST / HTTP/1.1\r\n" + host
                    + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nDigest: 1\r\nSum:  2 \r\n\r\nGET / HTTP/1.0\r\n\r\n",
                "POST / 1.1 [Host=a] [Transfer-Encoding=chunked] {x} [Digest=1] [Sum=2]\nGET / 1.0\nend"),
            of("9110-6.5.1 what may not be a trailer is dropped", "POST / HTTP/1.1\r\n" + host
                    + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 9\r\nhost: b\r\nTransfer-Encoding: x\r\nSum: 2\r\nTE: trailers\r\n\r\n",
                "POST / 1.1 [Host=a] [Transfer-Encoding=chunked] {} [Sum=2]\nend"));
    }

    /** Requests that two readers could take for different ones, and other nonsense. */
    static Stream<Case> refused() {
        String get = "GET / HTTP/1.1\r\nHost: a\r\n";
        String post = "POST / HTTP/1.1\r\nHost: a\r\n";
        String chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
        String read = "POST / 1.1 [Host=a]";
        String readChunked = read + " [Transfer-Encoding=chunked]";
        return Stream.of(
            of("9112-2.2 two empty lines before a request", "\r\n\r\n" + get + "\r\n", "400"),
            of("9112-2.2 bare LF before a request", "\n" + get + "\r\n", "400"),
            of("9112-2.2 bare CR before a request", "\r" + get + "\r\n", "400"),
            of("9112-2.2 bare LF behind the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", "400"),
            of("9112-2.2 bare LF behind a field line", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", "400"),
            of("9112-2.2 bare LF as the blank line", get + "\n", "400"),
            of("9112-2.2 nothing but bare LF", "GET / HTTP/1.1\nHost: a\n\n", "400"),
            of("9112-2.2 bare CR in a value", get + "X: a\rb\r\n\r\n", "400"),
            of("9112-2.2 bare CR that could end a line", get + "X: a\rYZ: b\r\n\r\n", "400"),
            of("9112-2.2 bare CR that could end the request line", "GET / HTTP/1.1\rXHost: a\r\n\r\n", "400"),
            of("9112-2.2 bare CR that could be the blank line", get + "\rX\r\n\r\n", "400"),
            of("9112-2.2 bare CR at the end of a value", get + "X: a\r\r\n\r\n", "400"),
            of("9112-2.2 bare CR in a name", get + "X\r: a\r\n\r\n", "400"),
            of("9112-2.2 bare CR at the start of a line", get + "\rX: a\r\n\r\n", "400"),
            of("9112-2.2 bare CR in the target", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
            of("9110-5.5 NUL in a value", get + "X: a\0b\r\n\r\n", "400"),
            of("9110-5.5 DEL in a value", get + "X: a\u007fb\r\n\r\n", "400"),
            of("9110-5.5 vertical tab before chunked", post + "Transfer-Encoding: \u000bchunked\r\n\r\n", "400"),
            of("9112-5.1 space before the colon", get + "X : a\r\n\r\n", "400"),
            of("9112-5.1 HTAB before the colon", get + "Transfer-Encoding\t: chunked\r\n\r\n", "400"),
            of("9112-5.2 obs-fold", get + "X: a\r\n b\r\n\r\n", "400"),
            of("9112-5.2 obs-fold with HTAB", get + "X: a\r\n\tTransfer-Encoding: chunked\r\n\r\n", "400"),
            of("9112-2.2 blank before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "400"),
            of("empty field name", get + ": a\r\n\r\n", "400"),
            of("no colon", get + "X\r\n\r\n", "400"),
            of("separator in a name", get + "X(y): a\r\n\r\n", "400"),
            of("NUL in a name", get + "X\0: a\r\n\r\n", "400"),
            of("obs-text in a name", get + "X\u00e9: a\r\n\r\n", "400"),
            of("9112-3.2 no Host", "GET / HTTP/1.1\r\n\r\n", "400"),
            of("9112-3.2 two Hosts", get + "host: a\r\n\r\n", "400"),
            of("9112-3.2 two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "400"),
            of("9112-3 two spaces before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
            of("9112-3 two spaces before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
            of("9112-3 space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
            of("9112-3 HTAB instead of space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
            of("9112-3 space behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "400"),
            of("9112-3 space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
            of("9112-3 no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
            of("9112-3 empty target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
            of("HTTP/0.9", "GET /\r\n\r\n", "400"),
            of("control character in the target", "GET /\u0001 HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
            of("DEL in the target", "GET /\u007f HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
            of("colon in the method", "GE:T / HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
            of("9112-2.3 version in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", "400"),
            of("9112-2.3 two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", "400"),
            of("9112-2.3 another minor version", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", "505"),
            of("9112-2.3 the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"),
            of("9112-3 method of 33 characters", "A".repeat(33) + " / HTTP/1.1\r\nHost: a\r\n\r\n", "501"),
            of("9112-6.1 both lengths", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                read + " [Content-Length=5] [Transfer-Encoding=chunked]400"),
            of("9112-6.3 two lengths", post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", read + " [Content-Length=1] [Content-Length=2]400"),
            of("9112-6.3 the same length twice", post + "Content-Length: 1\r\ncontent-length: 1\r\n\r\nx",
                read + " [Content-Length=1] [content-length=1]400"),
            of("9112-6.1 chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / 1.0 [Transfer-Encoding=chunked]400"),
            of("chunk size empty", chunked + "\r\nx\r\n0\r\n\r\n", readChunked + " {}400"),
            of("chunk size empty in place of the last", chunked + "\r\n\r\n", readChunked + " {}400"),
            of("chunk extension without a size", chunked + ";a\r\n\r\n", readChunked + " {}400"),
            of("chunk size not hexadecimal", chunked + "g\r\n", readChunked + " {}400"),
            of("chunk size with 0x", chunked + "0x1\r\nx\r\n0\r\n\r\n", readChunked + " {}400"),
            of("chunk size with a sign", chunked + "+1\r\nx\r\n0\r\n\r\n", readChunked + " {}400"),
            of("negative chunk size", chunked + "-1\r\nx\r\n0\r\n\r\n", readChunked + " {}400"),
            of("blank before a chunk size", chunked + " 1\r\nx\r\n0\r\n\r\n", readChunked + " {}400"),
            of("blank behind a chunk size", chunked + "1 \r\nx\r\n0\r\n\r\n", readChunked + " {}400"),
            of("blank inside a chunk size", chunked + "1 1\r\nx\r\n0\r\n\r\n", readChunked + " {}400"),
            of("underscore inside a chunk size", chunked + "1_1\r\nx\r\n0\r\n\r\n", readChunked + " {}400"),
            of("chunk size of 17 digits", chunked + "00000000000000001\r\nx\r\n0\r\n\r\n", readChunked + " {}400"),
            of("chunk size of 2^63", chunked + "8000000000000000\r\nx", readChunked + " {}400"),
            of("chunk size above 2^64", chunked + "10000000000000001\r\nx\r\n0\r\n\r\n", readChunked + " {}400"),
            of("bare LF behind a chunk size", chunked + "1\nx\r\n0\r\n\r\n", readChunked + " {}400"),
            of("bare CR behind a chunk size", chunked + "1\rx\r\n0\r\n\r\n", readChunked + " {}400"),
            of("9112-7.1.1 bare LF in a chunk extension", chunked + "1;a\nx\r\n0\r\n\r\n", readChunked + " {}400"),
            of("9112-7.1.1 bare CR in a chunk extension", chunked + "1;a\rb\r\nx\r\n0\r\n\r\n", readChunked + " {}400"),
            of("9112-7.1.1 control character in a chunk extension", chunked + "1;a\0\r\nx\r\n0\r\n\r\n", readChunked + " {}400"),
            of("chunk data longer than its size", chunked + "1\r\nxy\r\n0\r\n\r\n", readChunked + " {x}400"),
            of("chunk data ended by bare LF", chunked + "1\r\nx\n0\r\n\r\n", readChunked + " {x}400"),
            of("chunk data ended by bare CR", chunked + "1\r\nx\r0\r\n\r\n", readChunked + " {x}400"),
            of("good chunks come before the bad one", chunked + "2\r\nxy\r\n1\r\nz\r\nq", readChunked + " {xyz}400"),
            of("bare LF in place of trailers", chunked + "0\r\n\n", readChunked + " {}400"),
            of("obs-fold in trailers", chunked + "0\r\nA: b\r\n c\r\n\r\n", readChunked + " {}400"),
            of("bare LF in trailers", chunked + "0\r\nA: b\nC: d\r\n\r\n", readChunked + " {}400"),
            of("NUL in trailers", chunked + "0\r\nA: \0\r\n\r\n", readChunked + " {}400"));
    }

    @ParameterizedTest
    @MethodSource({"accepted", "refused"})
    void readsTheSameHoweverItIsCut(Case c) throws IOException {
        byte[] raw = Pieces.octets(c.raw);
        assertEquals(c.expected, Transcript.ofRequests(Pieces.whole(raw), 1024, 512), "whole");
        for (int cut = 1; cut < raw.length; cut++) {
            assertEquals(c.expected, Transcript.ofRequests(Pieces.cutAt(raw, cut), 64, 100), "cut at " + cut);
        }
        for (int size = 1; size <= 8; size++) {
            for (int buffer : new int[] {1, 2, 7, 64, 1024}) {
                assertEquals(c.expected, Transcript.ofRequests(Pieces.ofSize(raw, size), buffer, size), size + " octets at once, buffer " + buffer);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void aRequestCutShortIsNeverTakenForAWholeOne(Case c) throws IOException {
        byte[] raw = Pieces.octets(c.raw);
        for (int length = 0; length < raw.length; length++) {
            String got = Transcript.ofRequests(Pieces.whole(Arrays.copyOf(raw, length)), 1024, 512);
            int lastLine = got.lastIndexOf('\n') + 1;
            // Whole messages first, as they should be; then the clean end, or the end of the stream inside one.
            assertTrue(c.expected.startsWith(got.substring(0, lastLine)), "at " + length + ": " + got);
            assertTrue(got.endsWith("eof") || got.substring(lastLine).equals("end"), "at " + length + ": " + got);
        }
    }

    @ParameterizedTest
    @MethodSource("refused")
    void aRefusedRequestCutShortIsRefusedOrUnfinished(Case c) throws IOException {
        byte[] raw = Pieces.octets(c.raw);
        for (int length = 1; length < raw.length; length++) {
            String got = Transcript.ofRequests(Pieces.whole(Arrays.copyOf(raw, length)), 1024, 512);
            boolean nothingYet = c.raw.substring(0, length).equals("\r\n") && got.equals("end");
            assertTrue(nothingYet || got.matches("(?s).*(eof|400|501|505)"), "at " + length + ": " + got);
        }
    }
}
