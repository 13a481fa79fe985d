package tunnelforge.http;

import java.io.EOFException;
import java.io.IOException;

/** The body that is being read from a buffer, by its framing. */
final class BodyReader {
    private final ReadBuffer buffer;
    private final Room room;

    /** Not null while the body is chunked, and after it for its trailers. */
    private ChunkedDecoder chunks;
    private boolean untilClose;
    /** Of a body of known length; 0 for the others. */
    private long bytesLeft;
    /** Found while looking ahead; thrown when the octets before it have been taken. */
    private HttpException fault;

    BodyReader(ReadBuffer buffer, Room room) {
        this.buffer = buffer;
        this.room = room;
    }

    /** Gives back what the last body still holds. */
    void release() {
        if (chunks != null) {
            chunks.release();
            chunks = null;
        }
    }

    void start(Framing framing, Sender sender) {
        release();
        untilClose = false;
        bytesLeft = 0;
        fault = null;
        switch (framing) {
            case Framing.None none -> { }
            case Framing.Length length -> bytesLeft = length.bytes();
            case Framing.Chunked chunked -> chunks = new ChunkedDecoder(sender, room);
            case Framing.UntilClose close -> untilClose = true;
        }
    }

    int read(byte[] dst, int off, int len) throws IOException {
        if (len == 0) {
            return 0;
        }
        if (chunks != null) {
            return readChunked(dst, off, len);
        }
        if (untilClose) {
            return buffer.read(dst, off, len);
        }
        if (bytesLeft == 0) {
            return -1;
        }
        int n = buffer.read(dst, off, (int) Math.min(len, bytesLeft));
        if (n < 0) {
            throw new EOFException("the stream ended " + bytesLeft + " bytes before the body");
        }
        bytesLeft -= n;
        return n;
    }

    boolean ended() {
        if (chunks != null) {
            takeFraming();
            return chunks.ended();
        }
        return untilClose ? buffer.ended() && buffer.buffered() == 0 : bytesLeft == 0;
    }

    boolean readable() {
        if (ended() || fault != null || buffer.ended()) {
            return true;
        }
        return buffer.buffered() > 0 && (chunks == null || chunks.dataLeft() > 0);
    }

    Fields trailers() {
        return chunks != null && chunks.ended() ? chunks.trailers() : new Fields();
    }

    /** Joins small chunks that are buffered already; touches the stream only while it has nothing to return. */
    private int readChunked(byte[] dst, int off, int len) throws IOException {
        int taken = 0;
        while (true) {
            takeFraming();
            boolean data = chunks.dataLeft() > 0;
            if (taken == len || taken > 0 && !(data && buffer.buffered() > 0)) {
                return taken;
            }
            if (data) {
                int n = buffer.read(dst, off + taken, (int) Math.min(len - taken, chunks.dataLeft()));
                if (n < 0) {
                    throw new EOFException("the stream ended " + chunks.dataLeft() + " bytes before the end of a chunk");
                }
                chunks.tookData(n);
                taken += n;
            } else if (fault != null) {
                throw fault;
            } else if (chunks.ended()) {
                return -1;
            } else if (!buffer.fill()) {
                throw new EOFException("the stream ended inside the framing of a chunked body");
            }
        }
    }

    /** Looks ahead in what is buffered; leaves there nothing, or something that is not framing. */
    private void takeFraming() {
        if (fault == null && buffer.buffered() > 0) {
            try {
                buffer.pos = chunks.takeFraming(buffer.bytes, buffer.pos, buffer.limit);
                buffer.settleWhenEmpty();
            } catch (HttpException e) {
                fault = e;
            }
        }
    }
}
