package tunnelforge.net;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Takes handshake records from a stream, whole and one by one, until they hold its first message (RFC 8446 section
 * 5.1).
 */
final class ClientHelloRecords {
    private static final int HEADER_BYTES = 5;
    private static final int MAX_RECORD_BYTES = 1 << 14;
    private static final int TYPE_HANDSHAKE = ClientHello.FIRST_OCTET;
    private static final int MESSAGE_HEADER_BYTES = 4;
    private static final int MESSAGE_CLIENT_HELLO = 1;
    private static final int INITIAL_BYTES = 2048;

    private final InputStream in;
    private final int limit;
    private byte[] taken;
    private int count;

    ClientHelloRecords(InputStream in, int limit) {
        this.in = in;
        this.limit = limit;
        this.taken = new byte[Math.min(limit, INITIAL_BYTES)];
    }

    byte[] taken() {
        return Arrays.copyOf(taken, count);
    }

    byte[] readMessage() throws IOException {
        byte[] header = new byte[MESSAGE_HEADER_BYTES];
        int have = 0;
        int length = Integer.MAX_VALUE - MESSAGE_HEADER_BYTES;
        while (have < MESSAGE_HEADER_BYTES + length) {
            int body = readRecord();
            int from = count - body;
            for (int i = 0; i < body && have + i < MESSAGE_HEADER_BYTES; i++) {
                header[have + i] = taken[from + i];
            }
            have += body;
            if (header[0] != MESSAGE_CLIENT_HELLO) {
                throw new ClientHelloException(ClientHello.ALERT_UNEXPECTED_MESSAGE,
                        "expected a ClientHello, got handshake message " + (header[0] & 0xff));
            }
            if (have >= MESSAGE_HEADER_BYTES) {
                length = (header[1] & 0xff) << 16 | (header[2] & 0xff) << 8 | header[3] & 0xff;
                checkLimit((long) MESSAGE_HEADER_BYTES + length);
            }
        }
        return message(length);
    }

    /** Returns the number of bytes in the record's body, which is the end of what was taken. */
    private int readRecord() throws IOException {
        int start = count;
        take(HEADER_BYTES);
        int type = taken[start] & 0xff;
        int length = (taken[start + 3] & 0xff) << 8 | taken[start + 4] & 0xff;
        if (type != TYPE_HANDSHAKE) {
            throw new ClientHelloException(ClientHello.ALERT_UNEXPECTED_MESSAGE,
                    "expected the rest of the ClientHello, got a record of type " + type);
        }
        if (taken[start + 1] != 3) {
            throw ClientHello.malformed("record version " + (taken[start + 1] & 0xff) + "." + (taken[start + 2] & 0xff));
        }
        if (length == 0) {
            throw ClientHello.malformed("an empty record");
        }
        if (length > MAX_RECORD_BYTES) {
            throw new ClientHelloException(ClientHello.ALERT_RECORD_OVERFLOW,
                    "a record of " + length + " bytes (limit " + MAX_RECORD_BYTES + ")");
        }
        take(length);
        return length;
    }

    /** The memory grows with what has arrived, not with what was announced. */
    private void take(int more) throws IOException {
        checkLimit((long) count + more);
        int end = count + more;
        while (count < end) {
            if (count == taken.length) {
                taken = Arrays.copyOf(taken, Math.min(limit, 2 * count));
            }
            int read = in.read(taken, count, Math.min(end, taken.length) - count);
            if (read < 0) {
                throw new EOFException("closed by the peer after " + count + " bytes of a ClientHello");
            }
            boolean first = count == 0 && read > 0;
            count += read;
            if (first && (taken[0] & 0xff) != TYPE_HANDSHAKE) {
                throw new NotTlsException(taken[0]);
            }
        }
    }

    private void checkLimit(long bytes) throws ClientHelloException {
        if (bytes > limit) {
            throw new ClientHelloException(ClientHello.ALERT_RECORD_OVERFLOW,
                    "a ClientHello of " + bytes + " bytes or more (limit " + limit + ")");
        }
    }

    private byte[] message(int length) {
        byte[] message = new byte[length];
        int skip = MESSAGE_HEADER_BYTES;
        int have = 0;
        int at = 0;
        while (have < length) {
            int body = (taken[at + 3] & 0xff) << 8 | taken[at + 4] & 0xff;
            at += HEADER_BYTES;
            int skipped = Math.min(skip, body);
            int copied = Math.min(length - have, body - skipped);
            System.arraycopy(taken, at + skipped, message, have, copied);
            skip -= skipped;
            have += copied;
            at += body;
        }
        return message;
    }
}
