package tunnelforge;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Bodies for tests: bytes that are never the same twice in a row, and their chunked coding. */
final class Bodies {
    private Bodies() {
    }

    /** The same bytes for the same size. */
    static byte[] ofSize(int size) {
        byte[] body = new byte[size];
        new Random(size).nextBytes(body);
        return body;
    }

    /** In chunks of 1, 2, 4 … bytes up to {@code largest}, then of that size; with the last chunk but without a trailer section. */
    static byte[] chunked(byte[] body, int largest) {
        ByteArrayOutputStream coded = new ByteArrayOutputStream(body.length + body.length / 8 + 64);
        int size = 1;
        for (int from = 0; from < body.length;) {
            int count = Math.min(size, body.length - from);
            coded.writeBytes((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            coded.write(body, from, count);
            coded.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
            from += count;
            size = Math.min(largest, 2 * size);
        }
        coded.writeBytes("0\r\n".getBytes(StandardCharsets.US_ASCII));
        return coded.toByteArray();
    }
}
