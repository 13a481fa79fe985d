package tunnelforge.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import tunnelforge.text.Printable;

/**
 * One pass over a head that is in the buffer as a whole. Its last octet is checked to be LF first, and LF stops every loop
 * over the octets of a line, so that only the loop over the lines needs a bound.
 */
final class HeadParser {
    private static final int NOT_IMPLEMENTED = 501;
    private static final int VERSION_NOT_SUPPORTED = 505;
    private static final int MAX_NAME_SHOWN = 80;
    private static final byte[] VERSION_1 = "HTTP/1.".getBytes(ISO_8859_1);

    private final byte[] b;
    private final int end;
    private final Sender sender;
    private int at;

    HeadParser(byte[] b, int off, int len, Sender sender) {
        this.b = b;
        this.at = off;
        this.end = off + len;
        this.sender = sender;
    }

    /**
     * Finds the end of a head or field block. A blank line made of a bare LF counts too, so that what contains it is
     * handed to the parser, and refused where it must be, instead of waited for.
     *
     * @param from where the block begins; a blank line right here ends it
     * @param scanFrom the octets before it are known to hold no end
     * @return the index just past the blank line, or -1 when it has not come yet
     */
    static int end(byte[] b, int from, int scanFrom, int to) {
        for (int i = OctetScan.lineFeed(b, scanFrom, to); i < to; i = OctetScan.lineFeed(b, i + 1, to)) {
            int before = i - 1;
            if (before >= from && b[before] == '\r') {
                before--;
            }
            if (before < from || b[before] == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    /**
     * Looks at a request line that may not be whole yet.
     *
     * @param from where it begins
     * @param scanFrom the octets before it are known to hold no line end
     * @return whether it is whole
     * @throws HttpException when nothing that may follow makes a request of it
     */
    static boolean requestLineEnds(byte[] b, int from, int scanFrom, int to) throws HttpException {
        int lineFeed = OctetScan.lineFeed(b, scanFrom, to);
        if (lineFeed < to) {
            new HeadParser(b, from, lineFeed + 1 - from, Sender.VISITOR).requestLine();
            return true;
        }
        int at = from;
        while (at < to && Octets.is(b[at], Octets.TOKEN)) {
            at++;
        }
        requireMethodLength(at - from);
        if (at < to && (at == from || b[at] != ' ')) {
            byte[] line = Arrays.copyOfRange(b, from, at + 2);
            line[line.length - 1] = '\n';
            new HeadParser(line, 0, line.length, Sender.VISITOR).requestLine();
        }
        return false;
    }

    private static void requireMethodLength(int length) throws HttpException {
        if (length > Heads.MAX_METHOD_CHARS) {
            throw new HttpException(NOT_IMPLEMENTED, "a method of " + length + " characters or more where " + Heads.MAX_METHOD_CHARS + " are allowed");
        }
    }

    RequestHead request() throws HttpException {
        RequestHead head = requestLine();
        fieldLines(head.fields());
        Heads.requireOneHost(head);
        return head;
    }

    /** Without fields so far. */
    private RequestHead requestLine() throws HttpException {
        requireLineFeedAtEnd();
        int start = at;
        int hash = skipToken();
        requireMethodLength(at - start);
        if (at == start || b[at] != ' ') {
            throw bad("no method and space at the start of the request line, but " + found());
        }
        String method = KnownStrings.at(b, start, at - start, hash);
        start = ++at;
        skipTarget();
        if (at == start || b[at] != ' ') {
            throw bad("no target between two spaces in the request line, but " + found());
        }
        String target = new String(b, start, at - start, ISO_8859_1);
        at++;
        int minorVersion = version();
        endLine("after the version");
        return new RequestHead(method, target, minorVersion, new Fields());
    }

    ResponseHead response() throws HttpException {
        requireLineFeedAtEnd();
        int minorVersion = version();
        int status = 0;
        int digits = 0;
        if (b[at] == ' ') {
            at++;
            for (; digits < 3 && b[at] >= '0' && b[at] <= '9'; digits++) {
                status = status * 10 + b[at++] - '0';
            }
        }
        if (digits < 3 || status < 100) {
            throw bad("no status code from 100 to 999 in the status line, but " + found());
        }
        // Section 4: the space is due even before an empty reason, but servers that leave it out are many and harmless.
        String reason = "";
        if (b[at] == ' ') {
            at++;
            reason = value();
        }
        endLine("in the status line");
        return new ResponseHead(status, reason, minorVersion, fieldLines(new Fields()));
    }

    Fields fields() throws HttpException {
        requireLineFeedAtEnd();
        return fieldLines(new Fields());
    }

    /** All lines up to the blank one, which must be the last. */
    private Fields fieldLines(Fields fields) throws HttpException {
        while (at < end && b[at] != '\r' && b[at] != '\n') {
            if (fields.size() == sender.maxFieldLines()) {
                throw new HttpException(sender.tooLargeStatus(), "more than " + sender.maxFieldLines() + " field lines");
            }
            int start = at;
            int hash = skipToken();
            int length = at - start;
            if (sender.lenient() && length > 0) {
                // RFC 9112 section 5.1: whoever forwards a response removes them.
                skipBlanks();
            }
            if (b[at] != ':' || length == 0) {
                throw badName(start);
            }
            String name = KnownStrings.at(b, start, length, hash);
            at++;
            fields.addParsed(name, value());
            if (!lineEnds()) {
                throw bad(found() + " in the value of " + Printable.cut(name, MAX_NAME_SHOWN));
            }
        }
        if (at == end) {
            throw bad("no blank line at the end");
        }
        endLine("where the blank line should be");
        if (at != end) {
            throw bad((end - at) + " octets after the blank line");
        }
        return fields;
    }

    /** Goes past a token, perhaps an empty one, and gives what its String.hashCode will be. */
    private int skipToken() {
        byte[] octets = b;
        int i = at;
        int hash = 0;
        for (byte octet = octets[i]; Octets.is(octet, Octets.TOKEN); octet = octets[++i]) {
            hash = 31 * hash + octet;
        }
        at = i;
        return hash;
    }

    private void skipTarget() {
        int i = at;
        while (Octets.is(b[i], Octets.TARGET)) {
            i++;
        }
        at = i;
    }

    /** The rest of the line without the blanks around it (RFC 9112 section 5.1); stops at the first octet that may not be in it. */
    private String value() {
        int start = at;
        at = OctetScan.valueEnd(b, start, end);
        while (sender.lenient() && isReplaceable(b[at])) {
            // RFC 9110 section 5.5.
            b[at] = ' ';
            at = OctetScan.valueEnd(b, at, end);
        }
        while (start < at && Octets.isBlank(b[start])) {
            start++;
        }
        int last = at;
        while (last > start && Octets.isBlank(b[last - 1])) {
            last--;
        }
        return last == start ? "" : new String(b, start, last - start, ISO_8859_1);
    }

    private void skipBlanks() {
        while (Octets.isBlank(b[at])) {
            at++;
        }
    }

    /** A control character that ends nothing. Where NUL or a bare CR is, readers differ. */
    private static boolean isReplaceable(byte octet) {
        return octet > 0 && octet < ' ' && octet != '\r' && octet != '\n' || octet == 0x7f;
    }

    private int version() throws HttpException {
        int start = at;
        for (byte octet : VERSION_1) {
            if (b[at] != octet) {
                throw badVersion(start);
            }
            at++;
        }
        int minor = b[at] - '0';
        if (minor < 0 || minor > (sender.lenient() ? 9 : 1)) {
            throw badVersion(start);
        }
        at++;
        // RFC 9110 section 2.5: a higher minor version is read as the highest that is known.
        return Math.min(minor, 1);
    }

    /** Well-formed but of another number (RFC 9112 section 2.3) is another status than malformed. */
    private HttpException badVersion(int start) {
        boolean wellFormed = end - start > 8 && b[start] == 'H' && b[start + 1] == 'T' && b[start + 2] == 'T' && b[start + 3] == 'P'
                && b[start + 4] == '/' && isDigit(b[start + 5]) && b[start + 6] == '.' && isDigit(b[start + 7]) && b[start + 8] == '\r';
        if (wellFormed && sender == Sender.VISITOR) {
            return new HttpException(VERSION_NOT_SUPPORTED,
                    "HTTP/" + (char) b[start + 5] + "." + (char) b[start + 7] + " where 1.0 and 1.1 are supported");
        }
        return bad("no version HTTP/1.0 or HTTP/1.1 where one is due, but " + found());
    }

    private static boolean isDigit(byte octet) {
        return octet >= '0' && octet <= '9';
    }

    private void endLine(String where) throws HttpException {
        if (!lineEnds()) {
            throw bad(found() + " " + where);
        }
    }

    /** Goes past the end of the line, if this is one. */
    private boolean lineEnds() {
        // In this order: after a CR there is another octet, because the last one is LF.
        if (b[at] == '\r' && b[at + 1] == '\n') {
            at += 2;
            return true;
        }
        if (sender.lenient() && b[at] == '\n') {
            at++;
            return true;
        }
        return false;
    }

    private HttpException badName(int start) {
        if (at == start && Octets.isBlank(b[at])) {
            return bad("a field line begins with a blank (obsolete line folding)");
        }
        if (at > start && Octets.isBlank(b[at])) {
            return bad("a blank between a field name and its colon");
        }
        return bad(found() + " in a field name");
    }

    /** The octet that stopped the parser, in words. */
    private String found() {
        byte octet = b[at];
        return switch (octet) {
            case '\r' -> b[at + 1] == '\n' ? "the end of the line" : "a bare CR";
            case '\n' -> "a bare LF";
            default -> octet > ' ' && octet < 0x7f ? "'" + (char) octet + "'" : String.format("octet 0x%02x", octet & 0xff);
        };
    }

    private void requireLineFeedAtEnd() throws HttpException {
        if (end == at || b[end - 1] != '\n') {
            throw bad("no line end at the end");
        }
    }

    private HttpException bad(String message) {
        return new HttpException(sender.badStatus(), message);
    }
}
