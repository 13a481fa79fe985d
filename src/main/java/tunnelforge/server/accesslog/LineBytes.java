package tunnelforge.server.accesslog;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Lines as bytes, all of them ASCII. What others have said is escaped, so that it can neither end a line nor pass for another field of it. For one task. */
final class LineBytes {
    private static final byte[] UPPER = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LOWER = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_ESCAPE = 6;

    private byte[] bytes = new byte[1024];
    private int length;

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    /** What was written so far; it is gone when more is written. */
    ByteBuffer written() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    private void ensure(int more) {
        if (more > bytes.length - length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }

    /** Of ours: ASCII, as it is. */
    LineBytes text(String ascii) {
        ensure(ascii.length());
        for (int i = 0; i < ascii.length(); i++) {
            bytes[length++] = (byte) ascii.charAt(i);
        }
        return this;
    }

    LineBytes number(long number) {
        return text(Long.toString(number));
    }

    /** Nanoseconds as milliseconds, with three decimals. */
    LineBytes millis(long nanos) {
        number(nanos / 1_000_000);
        return text(".").digits(nanos / 1_000 % 1_000);
    }

    /** Three of them. */
    LineBytes digits(long below1000) {
        ensure(3);
        bytes[length++] = (byte) ('0' + below1000 / 100);
        bytes[length++] = (byte) ('0' + below1000 / 10 % 10);
        bytes[length++] = (byte) ('0' + below1000 % 10);
        return this;
    }

    /**
     * Octets as nginx escapes them within quotes: the quote, the backslash and whatever is not printable ASCII as {@code \xHH}.
     *
     * @param orNone null is a hyphen
     */
    LineBytes octets(String orNone) {
        return octets(orNone, "");
    }

    /** The same; {@code further} characters are escaped as well. */
    LineBytes octets(String orNone, String further) {
        if (orNone == null) {
            return text("-");
        }
        ensure(4 * orNone.length());
        for (int i = 0; i < orNone.length(); i++) {
            char c = orNone.charAt(i);
            if (isPlain(c) && further.indexOf(c) < 0) {
                bytes[length++] = (byte) c;
            } else {
                bytes[length++] = '\\';
                bytes[length++] = 'x';
                bytes[length++] = UPPER[c >> 4 & 0xf];
                bytes[length++] = UPPER[c & 0xf];
            }
        }
        return this;
    }

    /** A JSON string, in quotes, whose characters beyond printable ASCII are all escaped; null as such. */
    LineBytes json(String orNull) {
        if (orNull == null) {
            return text("null");
        }
        ensure(LONGEST_ESCAPE * orNull.length() + 2);
        bytes[length++] = '"';
        for (int i = 0; i < orNull.length(); i++) {
            char c = orNull.charAt(i);
            if (isPlain(c)) {
                bytes[length++] = (byte) c;
            } else if (c == '"' || c == '\\') {
                bytes[length++] = '\\';
                bytes[length++] = (byte) c;
            } else {
                bytes[length++] = '\\';
                bytes[length++] = 'u';
                for (int shift = 12; shift >= 0; shift -= 4) {
                    bytes[length++] = LOWER[c >> shift & 0xf];
                }
            }
        }
        bytes[length++] = '"';
        return this;
    }

    private static boolean isPlain(char c) {
        return c >= ' ' && c <= '~' && c != '"' && c != '\\';
    }
}
