package tunnelforge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Raw responses in, what was read out, cut in every way as in {@link RequestTest}. */
class ResponseTest {
    /** What it shows, the method answered, the octets, what comes of them, and whether each prefix is unfinished. */
    record Case(String name, String method, String raw, String expected, boolean endsItself) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case of(String name, String method, String raw, String expected) {
        return new Case(name, method, raw, expected, true);
    }

    static Stream<Case> cases() {
        return Stream.of(
            of("plain", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "200 <OK> 1.1 [Content-Length=2] {hi}\nend"),
            of("9112-4 empty reason", "GET", "HTTP/1.1 204 \r\n\r\n", "204 <> 1.1\nend"),
            of("9112-4 no reason and no space", "GET", "HTTP/1.1 204\r\n\r\n", "204 <> 1.1\nend"),
            of("9112-4 obs-text and blanks in the reason", "GET", "HTTP/1.1 404 Nicht da\t\u00e9\r\nContent-Length: 0\r\n\r\n",
                "404 <Nicht da\t\u00e9> 1.1 [Content-Length=0] {}\nend"),
            of("9110-15.2 informational ones first", "GET",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
                "100 <Continue> 1.1\n103 <Early> 1.1 [Link=x]\n200 <OK> 1.1 [Content-Length=1] {x}\nend"),
            of("9110-9.3.2 HEAD has no body", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "200 <OK> 1.1 [Content-Length=5]\n200 <OK> 1.1 [Transfer-Encoding=chunked]\nend"),
            of("9110-15.4.5 304 has no body", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
                "304 <Not Modified> 1.1 [Content-Length=5]\nend"),
            of("chunked with trailers", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nSum: 1\r\n\r\n",
                "200 <OK> 1.1 [Transfer-Encoding=chunked] {abc} [Sum=1]\nend"),
            new Case("9112-6.3 until close", "GET", "HTTP/1.1 200 OK\r\n\r\nabc\r\n\r\n", "200 <OK> 1.1 {abc\r\n\r\n}\nend", false),
            new Case("HTTP/1.0 until close", "GET", "HTTP/1.0 200 OK\r\n\r\n", "200 <OK> 1.0 {}\nend", false),
            of("9112-2.2 lines that end with LF alone", "GET", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "200 <OK> 1.1 [Content-Length=0] {}\nend"),
            of("9112-2.2 both line ends", "GET", "HTTP/1.1 200 OK\nContent-Length: 1\r\nA: b\n\r\nx", "200 <OK> 1.1 [Content-Length=1] [A=b] {x}\nend"),
            of("chunked with LF alone", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nabc\n2;x\nde\n0\nSum: 1\n\n",
                "200 <OK> 1.1 [Transfer-Encoding=chunked] {abcde} [Sum=1]\nend"),
            of("chunked with LF alone and no trailers", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\nx\n0\n\n",
                "200 <OK> 1.1 [Transfer-Encoding=chunked] {x}\nend"),
            of("chunk sizes of a fixed width", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3   \r\nabc\r\n0000\t\r\n\r\n",
                "200 <OK> 1.1 [Transfer-Encoding=chunked] {abc}\nend"),
            of("9110-5.5 control characters in a value", "GET", "HTTP/1.1 200 O\u0001K\r\nA: \u0002b\u001fc\u007f\r\nContent-Length: 0\r\n\r\n",
                "200 <O K> 1.1 [A=b c] [Content-Length=0] {}\nend"),
            of("9110-2.5 a higher minor version", "GET", "HTTP/1.7 204 OK\r\n\r\n", "204 <OK> 1.1\nend"),
            of("bare CR in a value", "GET", "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", "502"),
            of("NUL in a value", "GET", "HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", "502"),
            of("a line without a colon", "GET", "HTTP/1.1 200 OK\r\nA b\r\n\r\n", "502"),
            of("nothing before the colon", "GET", "HTTP/1.1 200 OK\r\n : b\r\n\r\n", "502"),
            of("a blank before a chunk size", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n 1\r\nx\r\n0\r\n\r\n",
                "200 <OK> 1.1 [Transfer-Encoding=chunked] {}502"),
            of("a blank within a chunk size", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1 0\r\nx\r\n0\r\n\r\n",
                "200 <OK> 1.1 [Transfer-Encoding=chunked] {}502"),
            of("obs-fold", "GET", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "502"),
            of("9112-5.1 space before the colon", "HEAD", "HTTP/1.1 200 OK\r\nA : b\r\nC\t :d\r\n\r\n", "200 <OK> 1.1 [A=b] [C=d]\nend"),
            of("NUL in the reason", "GET", "HTTP/1.1 200 O\0K\r\n\r\n", "502"),
            of("two digits", "GET", "HTTP/1.1 20 OK\r\n\r\n", "502"),
            of("four digits", "GET", "HTTP/1.1 2000 OK\r\n\r\n", "502"),
            of("status 099", "GET", "HTTP/1.1 099 OK\r\n\r\n", "502"),
            of("no status", "GET", "HTTP/1.1\r\n\r\n", "502"),
            of("two spaces", "GET", "HTTP/1.1  200 OK\r\n\r\n", "502"),
            of("another version", "GET", "HTTP/2.0 200 OK\r\n\r\n", "502"),
            of("not HTTP", "GET", "SSH-2.0-x\r\n\r\n", "502"),
            of("an empty line first", "GET", "\r\nHTTP/1.1 200 OK\r\n\r\n", "502"),
            of("both lengths", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "200 <OK> 1.1 [Content-Length=0] [Transfer-Encoding=chunked]502"),
            of("bad chunk", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n!\r\n",
                "200 <OK> 1.1 [Transfer-Encoding=chunked] {x}502"),
            of("bad trailer", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nx\r\n\r\n",
                "200 <OK> 1.1 [Transfer-Encoding=chunked] {}502"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void readsTheSameHoweverItIsCut(Case c) throws IOException {
        byte[] raw = Pieces.octets(c.raw);
        assertEquals(c.expected, Transcript.ofResponses(Pieces.whole(raw), c.method, 1024, 512), "whole");
        for (int cut = 1; cut < raw.length; cut++) {
            assertEquals(c.expected, Transcript.ofResponses(Pieces.cutAt(raw, cut), c.method, 64, 100), "cut at " + cut);
        }
        for (int size = 1; size <= 4; size++) {
            assertEquals(c.expected, Transcript.ofResponses(Pieces.ofSize(raw, size), c.method, 3, size), size + " octets at once");
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aResponseCutShortIsNeverTakenForAWholeOne(Case c) throws IOException {
        byte[] raw = Pieces.octets(c.raw);
        int length = c.endsItself ? raw.length : c.raw.indexOf("\r\n\r\n") + 4;
        while (--length > 0) {
            String got = Transcript.ofResponses(Pieces.whole(Arrays.copyOf(raw, length)), c.method, 1024, 512);
            int lastLine = got.lastIndexOf('\n') + 1;
            assertTrue(c.expected.startsWith(got.substring(0, lastLine)), "at " + length + ": " + got);
            assertTrue(got.endsWith("eof") || got.endsWith("502") || got.substring(lastLine).equals("end"), "at " + length + ": " + got);
        }
    }
}
