package tunnelforge.wire;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * Takes a data connection's frames out of a stream, one at a time, in place: a frame is a stretch of this reader's
 * buffer, valid until the next call of {@link #next()}.
 *
 * <pre>
 *   buffer   | read before | frame | further bytes | free |
 *                          ^start  ^frameEnd       ^end
 * </pre>
 *
 * <p>Used by the connection's reading task alone; whoever owns the stream closes it. A frame larger than the buffer can be is
 * read into one of exactly its size, which is dropped with the frame; with a buffer of at least 64 KiB + 8 only large
 * heads and messages need that. After an exception the stream is of no further use.
 */
public final class FrameReader {
    /** What it begins with: most connections are idle, or carry small frames. */
    private static final int FIRST_SIZE = 16 * 1024;

    private final InputStream in;
    private final int kept;
    private byte[] base;
    private byte[] buffer;
    private int start;
    private int frameEnd;
    private int end;
    private int messageLimit;
    private int id;
    private int type;

    /**
     * Makes a reader; nothing is read yet.
     *
     * @param in where the frames come from
     * @param bufferSize bytes that it keeps, once a frame has needed them; at least {@link Limits#FRAME_HEADER}
     * @param messageLimit the largest MESSAGE payload for now, in bytes
     */
    public FrameReader(InputStream in, int bufferSize, int messageLimit) {
        if (bufferSize < Limits.FRAME_HEADER) {
            throw new IllegalArgumentException("a buffer of " + bufferSize + " bytes holds no frame header");
        }
        this.in = Objects.requireNonNull(in);
        this.kept = bufferSize;
        this.base = new byte[Math.min(FIRST_SIZE, bufferSize)];
        this.buffer = base;
        this.messageLimit = messageLimit;
    }

    /**
     * Changes the largest MESSAGE payload, from the next frame on.
     *
     * @param bytes the new limit
     */
    public void messageLimit(int bytes) {
        messageLimit = bytes;
    }

    /**
     * Reads on to the next frame; blocks until it is whole.
     *
     * @return false at the end of the stream, when it comes between two frames
     * @throws EOFException when the stream ends inside a frame
     * @throws WireException when the length is over its type's limit (nothing was allocated for it), the type is 128 or
     *     above, or the request id is above 2^31-1
     * @throws IOException when the stream fails
     */
    public boolean next() throws IOException {
        start = frameEnd;
        if (buffer != base) {
            // A grown buffer ends where its frame does, so nothing is left in it.
            buffer = base;
            start = 0;
            end = 0;
        } else if (start == end) {
            start = 0;
            end = 0;
        }
        frameEnd = start;
        if (!fill(Limits.FRAME_HEADER)) {
            return false;
        }
        int frameId = int32(buffer, start);
        int frameType = buffer[start + 4] & 0xff;
        int payload = int24(buffer, start + 5);
        check(frameId, frameType, payload);
        fill(Limits.FRAME_HEADER + payload);
        id = frameId;
        type = frameType;
        frameEnd = start + Limits.FRAME_HEADER + payload;
        return true;
    }

    /**
     * The frame's request id.
     *
     * @return 0 (the connection itself) to 2^31-1
     */
    public int id() {
        return id;
    }

    /**
     * The frame's type.
     *
     * @return 0 to 127; one that {@link FrameType} does not name is to be ignored
     */
    public int type() {
        return type;
    }

    /**
     * The array that holds the frame's payload.
     *
     * @return the reader's buffer, not a copy
     */
    public byte[] array() {
        return buffer;
    }

    /**
     * Where the payload begins in {@link #array()}.
     *
     * @return an index
     */
    public int offset() {
        return start + Limits.FRAME_HEADER;
    }

    /**
     * The payload's length.
     *
     * @return bytes
     */
    public int length() {
        return frameEnd - start - Limits.FRAME_HEADER;
    }

    /**
     * Can {@link #next()} be called without blocking? Lets the task that reads put off what it does once per batch.
     *
     * @return true when a whole further frame has already been read
     */
    public boolean nextIsBuffered() {
        int available = end - frameEnd;
        return available >= Limits.FRAME_HEADER
                && available - Limits.FRAME_HEADER >= int24(buffer, frameEnd + 5);
    }

    private void check(int frameId, int frameType, int payload) throws WireException {
        if (frameType >= FrameType.FIRST_CRITICAL) {
            throw new WireException("frame of unknown type " + frameType + "; types from "
                    + FrameType.FIRST_CRITICAL + " on may not be ignored");
        }
        int limit = FrameType.limit(frameType, messageLimit);
        if (payload > limit) {
            throw new WireException(FrameType.name(frameType) + " of " + payload + " bytes is over the limit of " + limit);
        }
        if (frameId < 0) {
            throw new WireException("request id " + Integer.toUnsignedString(frameId) + " is over the limit of "
                    + Limits.MAX_REQUEST_ID);
        }
    }

    /** Reads until {@code need} bytes stand at {@code start}; false at the end of the stream before the first of them. */
    private boolean fill(int need) throws IOException {
        if (end - start >= need) {
            return true;
        }
        makeRoom(need);
        do {
            int count = in.read(buffer, end, buffer.length - end);
            if (count < 0) {
                if (end == start) {
                    return false;
                }
                throw new EOFException("the stream ended inside a frame, after " + (end - start) + " of at least "
                        + need + " bytes");
            }
            end += count;
        } while (end - start < need);
        return true;
    }

    private void makeRoom(int need) {
        if (need > buffer.length) {
            byte[] grown = new byte[Math.max(need, kept)];
            System.arraycopy(buffer, start, grown, 0, end - start);
            buffer = grown;
            if (need <= kept) {
                base = grown;
            }
        } else if (start + need > buffer.length || start > buffer.length / 2) {
            // Past the half, moving the rest is paid for by what was consumed, and the next read() gets more at once.
            System.arraycopy(buffer, start, buffer, 0, end - start);
        } else {
            return;
        }
        end -= start;
        start = 0;
    }

    static int int32(byte[] b, int off) {
        return (b[off] & 0xff) << 24 | (b[off + 1] & 0xff) << 16 | (b[off + 2] & 0xff) << 8 | (b[off + 3] & 0xff);
    }

    private static int int24(byte[] b, int off) {
        return (b[off] & 0xff) << 16 | (b[off + 1] & 0xff) << 8 | (b[off + 2] & 0xff);
    }
}
