package tunnelforge.http;

import java.io.IOException;
import java.io.InputStream;

/**
 * Octets between a stream and its parsers: those from pos to limit are read but not yet taken. What it needs beyond its first array
 * is asked of a {@link Room}.
 */
final class ReadBuffer {
    private final InputStream in;
    private final byte[] home;
    private final Room room;
    private boolean ended;

    byte[] bytes;
    int pos;
    int limit;

    ReadBuffer(InputStream in, int size, Room room) {
        if (size < 1) {
            throw new IllegalArgumentException("a buffer of " + size + " bytes");
        }
        this.in = in;
        this.room = room;
        home = new byte[size];
        bytes = home;
    }

    int buffered() {
        return limit - pos;
    }

    boolean ended() {
        return ended;
    }

    /** Blocks until something is buffered; false at the end of the stream. */
    boolean fill() throws IOException {
        return pos < limit || readMore(home.length);
    }

    /**
     * Reads behind what is buffered, and grows for it, up to maxCapacity octets in all, of which fewer are buffered;
     * false at the end of the stream.
     */
    boolean readMore(int maxCapacity) throws IOException {
        settle();
        if (limit == bytes.length) {
            if (pos > 0) {
                move(bytes);
            } else {
                grow((int) Math.min(2L * bytes.length, Math.max(maxCapacity, bytes.length + 1)));
            }
        }
        int n = readStream(bytes, limit, bytes.length - limit);
        limit += Math.max(n, 0);
        return n >= 0;
    }

    /** Gives a grown buffer back once what is left fits into the usual one. */
    void settle() {
        if (pos == limit) {
            pos = 0;
            limit = 0;
            shrink();
        } else if (bytes != home && limit - pos < home.length && pos > 0) {
            byte[] grown = bytes;
            move(home);
            room.giveBack(grown.length);
        }
    }

    /** What comes next may come after a long while, for which a grown buffer is not kept. */
    void settleWhenEmpty() {
        if (pos == limit) {
            settle();
        }
    }

    /** Drops what is buffered, and gives a grown buffer back. */
    void release() {
        pos = 0;
        limit = 0;
        shrink();
    }

    /** Takes room for both arrays while the content moves. */
    private void grow(int size) throws HttpException {
        if (!room.take(size)) {
            throw HttpException.overloaded("no memory is left for a buffer of " + size + " bytes");
        }
        int before = bytes == home ? 0 : bytes.length;
        move(new byte[size]);
        room.giveBack(before);
    }

    private void shrink() {
        if (bytes != home) {
            room.giveBack(bytes.length);
            bytes = home;
        }
    }

    /** Takes what is buffered; else reads, straight into dst when that is at least as large as the buffer. -1 at the end. */
    int read(byte[] dst, int off, int len) throws IOException {
        if (len == 0) {
            return 0;
        }
        if (pos == limit) {
            if (len >= home.length) {
                return readStream(dst, off, len);
            }
            if (!fill()) {
                return -1;
            }
        }
        int n = Math.min(len, limit - pos);
        System.arraycopy(bytes, pos, dst, off, n);
        pos += n;
        settleWhenEmpty();
        return n;
    }

    private int readStream(byte[] dst, int off, int len) throws IOException {
        int n = ended ? -1 : in.read(dst, off, len);
        ended = n < 0;
        return n;
    }

    private void move(byte[] to) {
        System.arraycopy(bytes, pos, to, 0, limit - pos);
        limit -= pos;
        pos = 0;
        bytes = to;
    }
}
