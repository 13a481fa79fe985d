package tunnelforge.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes HTTP/1.1 messages to a stream in as few writes as possible. Buffered: what was written may stay here until {@link #flush}.
 * For one task at a time. The caller closes the stream. After an IOException the connection is of no further use.
 */
public final class HttpWriter {
    private static final int MIN_BUFFER_SIZE = 64;
    /** Eight digits, CRLF, and CRLF behind the data. */
    private static final int CHUNK_OVERHEAD_BYTES = 12;
    /** "0", CRLF, and the CRLF of an empty trailer section. */
    private static final int LAST_CHUNK_BYTES = 5;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private enum Body { NONE, LENGTH, CHUNKED, UNTIL_CLOSE }

    private final OutputStream out;
    private final byte[] buffer;
    private int used;
    private Body body = Body.NONE;
    private long bytesLeft;

    /** {@code bufferSize}: octets gathered for one write, at least 64. */
    public HttpWriter(OutputStream out, int bufferSize) {
        if (bufferSize < MIN_BUFFER_SIZE) {
            throw new IllegalArgumentException("a buffer of " + bufferSize + " bytes where at least " + MIN_BUFFER_SIZE + " are needed");
        }
        this.out = out;
        buffer = new byte[bufferSize];
    }

    /** Writes a request head. Throws {@link IllegalStateException} when the last body has not been ended. */
    public void head(RequestHead head) throws IOException {
        byte[] to = headRoom(Heads.length(head));
        headWritten(to, Heads.write(head, to, used));
    }

    /** Writes a response head. Throws {@link IllegalStateException} when the last body has not been ended. */
    public void head(ResponseHead head) throws IOException {
        byte[] to = headRoom(Heads.length(head));
        headWritten(to, Heads.write(head, to, used));
    }

    /** Where a head is written, from {@code used} on: to the buffer, or to an array of its own. */
    private byte[] headRoom(int length) throws IOException {
        requireNoBody();
        return makeRoom(length) ? buffer : new byte[length];
    }

    private void headWritten(byte[] to, int length) throws IOException {
        if (to == buffer) {
            used += length;
        } else {
            out.write(to);
        }
    }

    /**
     * Says how the body that follows is framed; the head must have said the same. Without this call there is none.
     *
     * @param framing None also for the answer to HEAD, whatever its fields promise
     */
    public void startBody(Framing framing) {
        requireNoBody();
        bytesLeft = framing instanceof Framing.Length length ? length.bytes() : 0;
        body = switch (framing) {
            case Framing.None none -> Body.NONE;
            case Framing.Length length -> Body.LENGTH;
            case Framing.Chunked chunked -> Body.CHUNKED;
            case Framing.UntilClose close -> Body.UNTIL_CLOSE;
        };
    }

    /**
     * Writes octets of the body. Nothing is written for zero octets.
     *
     * @throws IOException when writing fails, or for more than the framing's length, of which nothing is written then
     */
    public void body(byte[] b, int off, int len) throws IOException {
        if (len == 0) {
            return;
        }
        switch (body) {
            case NONE, LENGTH -> {
                if (len > bytesLeft) {
                    throw new IOException(len + " bytes for a body that takes " + bytesLeft + " more");
                }
                bytesLeft -= len;
                put(b, off, len);
            }
            case CHUNKED -> putChunk(b, off, len);
            case UNTIL_CLOSE -> put(b, off, len);
        }
    }

    /**
     * Ends the body. Without this call a chunked one looks broken to the peer, as it must when its source broke off.
     *
     * @param trailersOrNull trailers, without those that {@link HopByHop#stripTrailers} removes; dropped when the body is not chunked
     * @throws IOException when writing fails, or when less than the framing's length was written
     */
    public void endBody(Fields trailersOrNull) throws IOException {
        switch (body) {
            case NONE, LENGTH -> {
                if (bytesLeft > 0) {
                    throw new IOException("the body ended " + bytesLeft + " bytes before its length");
                }
                body = Body.NONE;
            }
            case CHUNKED -> {
                putLastChunk(trailersOrNull);
                body = Body.NONE;
            }
            case UNTIL_CLOSE -> { }
        }
    }

    /** Writes octets as they are, after an upgrade. */
    public void raw(byte[] b, int off, int len) throws IOException {
        requireNoBody();
        put(b, off, len);
    }

    /** Hands everything to the stream and flushes it. */
    public void flush() throws IOException {
        flushBuffer();
        out.flush();
    }

    private void put(byte[] b, int off, int len) throws IOException {
        if (makeRoom(len)) {
            copy(b, off, len);
        } else {
            out.write(b, off, len);
        }
    }

    /** One chunk. If it fits into the buffer, it leaves together with what is there already. */
    private void putChunk(byte[] b, int off, int len) throws IOException {
        long whole = (long) len + CHUNK_OVERHEAD_BYTES;
        makeRoom(whole <= buffer.length ? whole : CHUNK_OVERHEAD_BYTES);
        putHex(len);
        used = HeadEncoder.crlf(buffer, used);
        int first = Math.min(len, buffer.length - used);
        copy(b, off, first);
        if (first < len) {
            flushBuffer();
            put(b, off + first, len - first);
        }
        makeRoom(2);
        used = HeadEncoder.crlf(buffer, used);
    }

    private void putLastChunk(Fields trailersOrNull) throws IOException {
        makeRoom(LAST_CHUNK_BYTES);
        putHex(0);
        used = HeadEncoder.crlf(buffer, used);
        if (trailersOrNull == null || trailersOrNull.size() == 0) {
            used = HeadEncoder.crlf(buffer, used);
            return;
        }
        Fields trailers = new Fields(trailersOrNull);
        HopByHop.stripTrailers(trailers);
        byte[] block = new byte[Heads.length(trailers)];
        Heads.write(trailers, block, 0);
        put(block, 0, block.length);
    }

    private void putHex(int number) {
        int shift = Math.max(0, 28 - Integer.numberOfLeadingZeros(number) / 4 * 4);
        for (; shift >= 0; shift -= 4) {
            buffer[used++] = HEX[number >>> shift & 0xf];
        }
    }

    private void copy(byte[] b, int off, int len) {
        System.arraycopy(b, off, buffer, used, len);
        used += len;
    }

    /** Makes room by flushing. False when so much does not fit even into the empty buffer; then the buffer is empty. */
    private boolean makeRoom(long bytes) throws IOException {
        if (bytes > buffer.length - used) {
            flushBuffer();
        }
        return bytes <= buffer.length;
    }

    private void flushBuffer() throws IOException {
        if (used > 0) {
            int n = used;
            used = 0;
            out.write(buffer, 0, n);
        }
    }

    private void requireNoBody() {
        boolean open = switch (body) {
            case NONE -> false;
            case LENGTH -> bytesLeft > 0;
            case CHUNKED, UNTIL_CLOSE -> true;
        };
        if (open) {
            throw new IllegalStateException("the body of the last message has not been ended");
        }
        body = Body.NONE;
    }
}
