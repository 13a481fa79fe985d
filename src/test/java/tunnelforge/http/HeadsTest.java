package tunnelforge.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Heads in arrays: their end, what may be asked of the parser directly, and writing. */
class HeadsTest {
    private static final String REQUEST = "GET /a?b HTTP/1.1\r\nHost: a\r\nX: y z\r\nE: \r\n\r\n";

    private static int end(String text) {
        byte[] padded = Pieces.octets("\r\n" + text + "\r\n\r\n");
        return HeadParser.end(padded, 2, 2, padded.length - 4) - 2;
    }

    @Test
    void endIsJustPastTheBlankLine() {
        assertEquals(8, end("A: b\r\n\r\n"));
        assertEquals(8, end("A: b\r\n\r\nmore\r\n\r\n"));
        assertEquals(2, end("\r\n"));
        assertEquals(2, end("\r\nA: b\r\n\r\n"));
        for (int length = 0; length < REQUEST.length(); length++) {
            assertEquals(-3, end(REQUEST.substring(0, length)), "length " + length);
        }
        assertEquals(REQUEST.length(), end(REQUEST));
    }

    @Test
    void blankLinesOfBareLineFeedsAreFoundSoThatTheyCanBeRefused() {
        assertEquals(6, end("A: b\n\n"));
        assertEquals(7, end("A: b\r\n\n"));
        assertEquals(7, end("A: b\n\r\n"));
        assertEquals(1, end("\n"));
        assertEquals(-3, end("\r\r\r\r"));
        assertEquals(-3, end("A\r\nB\r\rC\r\n"));
    }

    @Test
    void lineFeedsAreFoundAtEveryPositionOfAWord() {
        for (int before = 0; before < 40; before++) {
            // 0x8a and 0x0b are what a search over eight octets at once would confuse with LF first.
            String text = "\u008a\u000b".repeat(20).substring(0, before) + "x\r\n\r\n";
            assertEquals(text.length(), end(text));
            assertEquals(text.length(), end(text + "xxxxxxxxxxxxx"));
        }
    }

    @Test
    void badOctetsAreFoundAtEveryPositionOfAValue() throws HttpException {
        for (int bad = 0; bad < 256; bad++) {
            boolean allowed = bad == '\t' || bad >= ' ' && bad != 0x7f;
            for (int before = 0; before < 20; before++) {
                String value = "x".repeat(before) + (char) bad + "\t\u00ff" + "y".repeat(9);
                byte[] raw = Pieces.octets("X:" + value + "\r\n\r\n");
                if (allowed) {
                    assertEquals(value.strip(), Heads.fields(raw, 0, raw.length).value(0).strip());
                } else {
                    assertThrows(HttpException.class, () -> Heads.fields(raw, 0, raw.length), "octet " + bad + " at " + before);
                }
            }
        }
    }

    @Test
    void exactlyTheTokenCharactersMayStandInNamesAndMethods() {
        String token = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        for (int c = 0; c < 256; c++) {
            boolean allowed = token.indexOf(c) >= 0;
            assertEquals(allowed, parses("GET / HTTP/1.0\r\nA" + (char) c + "B: x\r\n\r\n") && c != ':', "name with " + c);
            assertEquals(allowed, parses("A" + (char) c + "B / HTTP/1.0\r\n\r\n"), "method with " + c);
            assertEquals(c > ' ' && c != 0x7f, parses("GET /" + (char) c + " HTTP/1.0\r\n\r\n") && c != ' ', "target with " + c);
            assertEquals(allowed, Fields.isName("A" + (char) c));
        }
    }

    private static boolean parses(String raw) {
        try {
            // The colon splits a name into a shorter one and a value, and is tested for by itself.
            return !raw.contains("A:B") && Heads.request(Pieces.octets(raw), 0, raw.length()) != null;
        } catch (HttpException e) {
            return false;
        }
    }

    @Test
    void theParserStaysInsideItsPartOfTheArray() {
        for (int length = 0; length < REQUEST.length(); length++) {
            byte[] raw = Pieces.octets("xx" + REQUEST.substring(0, length));
            assertThrows(HttpException.class, () -> Heads.request(raw, 2, raw.length - 2));
            byte[] more = Pieces.octets("xx" + REQUEST);
            int part = length;
            assertThrows(HttpException.class, () -> Heads.request(more, 2, part));
        }
    }

    @Test
    void octetsBehindTheBlankLineAreRefused() {
        byte[] raw = Pieces.octets(REQUEST + "X: y\r\n\r\n");
        assertThrows(HttpException.class, () -> Heads.request(raw, 0, raw.length));
    }

    @Test
    void fieldBlocks() throws HttpException {
        assertEquals(0, Heads.fields(Pieces.octets("\r\n"), 0, 2).size());
        byte[] raw = Pieces.octets("A: b\r\n\r\n");
        assertEquals("b", Heads.fields(raw, 0, raw.length).get("a"));
        assertThrows(HttpException.class, () -> Heads.fields(raw, 0, 6));
        assertThrows(HttpException.class, () -> Heads.fields(raw, 0, 0));
    }

    @Test
    void knownNamesAreSharedAndKeepTheirCase() throws HttpException {
        byte[] raw = Pieces.octets("GET / HTTP/1.1\r\nhost: a\r\nCONTENT-type: x\r\nContent-Type: x\r\n\r\n");
        RequestHead head = Heads.request(raw, 0, raw.length);
        RequestHead again = Heads.request(raw, 0, raw.length);
        assertSame(head.method(), again.method());
        assertSame(head.fields().name(0), again.fields().name(0));
        assertEquals("host", head.fields().name(0));
        assertEquals("CONTENT-type", head.fields().name(1));
        assertEquals("Content-Type", head.fields().name(2));
    }

    @Test
    void namesWhoseHashCollidesWithAKnownOneStayThemselves() throws HttpException {
        // "Ho" and "IP" have the same String.hashCode, and so have all words made with them.
        String colliding = "IPst";
        assertEquals("Host".hashCode(), colliding.hashCode());
        byte[] raw = Pieces.octets(colliding + ": a\r\n\r\n");
        Fields fields = Heads.fields(raw, 0, raw.length);
        assertEquals(colliding, fields.name(0));
        assertFalse(fields.contains("Host"));
    }

    @Test
    void whatIsWrittenIsWhatWasParsed() throws HttpException {
        byte[] raw = Pieces.octets("GET /\u00e9 HTTP/1.0\r\nHost: a\r\nX: y \u00ff z\r\nE: \r\n\r\n");
        RequestHead head = Heads.request(raw, 0, raw.length);
        byte[] dst = new byte[Heads.length(head) + 3];
        assertEquals(raw.length, Heads.write(head, dst, 3));
        assertEquals(new String(raw, ISO_8859_1), new String(dst, 3, raw.length, ISO_8859_1));
        byte[] rawResponse = Pieces.octets("HTTP/1.1 999 \u00e9 x\r\nA: b\r\n\r\n");
        ResponseHead response = Heads.response(rawResponse, 0, rawResponse.length);
        dst = new byte[Heads.length(response)];
        assertEquals(rawResponse.length, Heads.write(response, dst, 0));
        assertEquals(new String(rawResponse, ISO_8859_1), new String(dst, ISO_8859_1));
        dst = new byte[Heads.length(response.fields())];
        assertEquals(8, Heads.write(response.fields(), dst, 0));
        assertEquals("A: b\r\n\r\n", new String(dst, ISO_8859_1));
    }

    @Test
    void nothingThatCouldBeInjectedCanBeBuilt() {
        Fields fields = new Fields();
        fields.add("A", "b");
        for (String bad : new String[] {"a\rb", "a\nb", "a\0b", "a\r\nb: c", "\u010d\u010a", "\u0100", "a\u007f"}) {
            assertThrows(IllegalArgumentException.class, () -> fields.add("X", bad));
            assertThrows(IllegalArgumentException.class, () -> fields.add(bad, "x"));
            assertThrows(IllegalArgumentException.class, () -> fields.addFirst("X", bad));
            assertThrows(IllegalArgumentException.class, () -> fields.addFirst(bad, "x"));
            assertThrows(IllegalArgumentException.class, () -> fields.set("A", bad));
            assertThrows(IllegalArgumentException.class, () -> fields.set(bad, "x"));
            assertThrows(IllegalArgumentException.class, () -> fields.setValue(0, bad));
            assertThrows(IllegalArgumentException.class, () -> new RequestHead(bad, "/", 1, fields));
            assertThrows(IllegalArgumentException.class, () -> new RequestHead("GET", "/" + bad, 1, fields));
            assertThrows(IllegalArgumentException.class, () -> new ResponseHead(200, bad, 1, fields));
        }
        assertEquals(1, fields.size());
        assertThrows(IllegalArgumentException.class, () -> fields.add("", "x"));
        assertThrows(IllegalArgumentException.class, () -> fields.add("A b", "x"));
        assertThrows(IllegalArgumentException.class, () -> new RequestHead("GET", "/a b", 1, fields));
        assertThrows(IllegalArgumentException.class, () -> new RequestHead("GET", "", 1, fields));
        assertThrows(IllegalArgumentException.class, () -> new RequestHead("", "/", 1, fields));
        assertThrows(IllegalArgumentException.class, () -> new RequestHead("GET", "/", 2, fields));
        assertThrows(IllegalArgumentException.class, () -> new ResponseHead(99, "", 1, fields));
        assertThrows(IllegalArgumentException.class, () -> new ResponseHead(1000, "", 1, fields));
    }

    @Test
    void messagesNameWhatIsWrongAndHoldNoControlCharacters() {
        byte[] raw = Pieces.octets("GET / HTTP/1.1\r\nHost: a\r\nX: \u001b[2J\r\n\r\n");
        HttpException e = assertThrows(HttpException.class, () -> Heads.request(raw, 0, raw.length));
        assertEquals("octet 0x1b in the value of X", e.getMessage());
        byte[] length = Pieces.octets("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \u00e95\r\n\r\n");
        e = assertThrows(HttpException.class, () -> Framing.ofRequest(Heads.request(length, 0, length.length)));
        assertTrue(e.getMessage().startsWith("Content-Length '\\u00e95'"), e.getMessage());
    }

    @Test
    void aRefusalShowsNoLongName() {
        byte[] head = ("GET / HTTP/1.1\r\nHost: a\r\n" + "x".repeat(60_000) + ": a\nb\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        String message = assertThrows(HttpException.class, () -> Heads.request(head, 0, head.length)).getMessage();
        assertEquals("a bare LF in the value of " + "x".repeat(80) + "... (60000 characters)", message);
    }
}
