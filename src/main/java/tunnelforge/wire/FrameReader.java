package tunnelforge.wire;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import tunnelforge.http.Room;

/**
 * Takes a data connection's frames out of a stream, one at a time, in place: a frame is a stretch of this reader's
 * buffer, valid until the next call of {@link #next()}.
 *
 * <pre>
 *   buffer   | read before | frame | further bytes | free |
 *                          ^start  ^frameEnd       ^end
 * </pre>
 *
 * <p>The buffer grows only when it is full of bytes that have arrived, never for a length that was announced, and asks a
 * {@link Room} first. It goes back to its first size after a frame larger than the usual ones, and when none has needed
 * more for a while.
 *
 * <p>For the connection's reading task alone; whoever owns the stream closes it. After an exception the stream is of no
 * further use.
 */
public final class FrameReader {
    /** Enough for a connection that is idle or carries small frames. */
    private static final int FIRST_SIZE = 16 * 1024;
    /** So many times in a row all that had come was taken and had fitted into the first size: what is larger is not needed now. */
    private static final int CALM = 64;
    /** Where doubling would fall short of the target by less than this, it goes there at once. */
    private static final int MIN_STEP = 1024;

    private final InputStream in;
    private final int firstSize;
    private final int kept;
    private Room room;
    private byte[] buffer;
    private int start;
    private int frameEnd;
    private int end;
    private int calm;
    private int messageLimit;
    private int id;
    private int type;

    /** A reader whose memory is bounded by the limits of the frames alone. */
    public FrameReader(InputStream in, int bufferSize, int messageLimit) {
        this(in, bufferSize, messageLimit, Room.UNLIMITED);
    }

    /**
     * Makes a reader; nothing is read yet.
     *
     * @param bufferSize bytes that it keeps while frames need them; at least {@link Limits#FRAME_HEADER}
     * @param messageLimit the largest MESSAGE payload for now, in bytes
     * @param room asked for buffers beyond the first
     */
    public FrameReader(InputStream in, int bufferSize, int messageLimit, Room room) {
        if (bufferSize < Limits.FRAME_HEADER) {
            throw new IllegalArgumentException("a buffer of " + bufferSize + " bytes holds no frame header");
        }
        this.in = Objects.requireNonNull(in);
        this.firstSize = Math.min(FIRST_SIZE, bufferSize);
        this.kept = bufferSize;
        this.buffer = new byte[firstSize];
        this.messageLimit = messageLimit;
        this.room = room;
    }

    /** Changes the largest MESSAGE payload in bytes, from the next frame on. */
    public void messageLimit(int bytes) {
        messageLimit = bytes;
    }

    /** Changes who is asked for larger buffers; before there is one. */
    public void room(Room newRoom) {
        if (taken() > 0) {
            throw new IllegalStateException("the reader holds " + taken() + " bytes of another room");
        }
        room = newRoom;
    }

    /** Gives back what the room gave. Called once nothing is read any more; the last frame is gone. */
    public void release() {
        start = 0;
        frameEnd = 0;
        end = 0;
        shrink();
    }

    /**
     * Reads on to the next frame; blocks until it is whole.
     *
     * @return false at the end of the stream, when it comes between two frames
     * @throws EOFException when the stream ends inside a frame
     * @throws WireException when the length is over its type's limit, there is no room for so many bytes, the type is 128
     *     or above, or the request id is above 2^31-1
     */
    public boolean next() throws IOException {
        start = frameEnd;
        if (start == end) {
            start = 0;
            end = 0;
            if (buffer.length > kept || buffer.length > firstSize && ++calm > CALM) {
                shrink();
            }
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
        if (frameEnd - start > firstSize) {
            calm = 0;
        }
        return true;
    }

    /** The frame's request id: 0 (the connection itself) to 2^31-1. */
    public int id() {
        return id;
    }

    /** The frame's type: 0 to 127; one that {@link FrameType} does not name is to be ignored. */
    public int type() {
        return type;
    }

    /** The array that holds the frame's payload: the reader's own, not a copy. */
    public byte[] array() {
        return buffer;
    }

    /** Where the payload begins in {@link #array()}. */
    public int offset() {
        return start + Limits.FRAME_HEADER;
    }

    /** The payload's length in bytes. */
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
        // Past the half, moving the rest is paid for by what was consumed, and the next read() gets more at once.
        if (start + need > buffer.length || start > buffer.length / 2) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        do {
            if (end == buffer.length) {
                grow(need);
            }
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

    /** Doubles the full buffer, up to the one that is kept; for a larger frame up to its exact size, so that nothing comes behind it. */
    private void grow(int need) throws WireException {
        int most = Math.max(need, kept);
        int size = buffer.length > most / 2 - MIN_STEP ? most : 2 * buffer.length;
        if (!room.take(size)) {
            throw new WireException(FrameType.name(buffer[4] & 0xff) + " of " + (need - Limits.FRAME_HEADER)
                    + " bytes, for which no memory is left: the limit is reached with a buffer of " + size + " bytes");
        }
        byte[] grown = new byte[size];
        System.arraycopy(buffer, 0, grown, 0, end);
        room.giveBack(taken());
        buffer = grown;
    }

    private void shrink() {
        room.giveBack(taken());
        if (buffer.length > firstSize) {
            buffer = new byte[firstSize];
        }
        calm = 0;
    }

    /** What the room has given for the present buffer. */
    private int taken() {
        return buffer.length > firstSize ? buffer.length : 0;
    }

    static int int32(byte[] b, int off) {
        return (b[off] & 0xff) << 24 | (b[off + 1] & 0xff) << 16 | (b[off + 2] & 0xff) << 8 | (b[off + 3] & 0xff);
    }

    /** The length of the payload of a frame whose header begins at {@code header}. */
    public static int payloadLength(byte[] b, int header) {
        return int24(b, header + 5);
    }

    static int int24(byte[] b, int off) {
        return (b[off] & 0xff) << 16 | (b[off + 1] & 0xff) << 8 | (b[off + 2] & 0xff);
    }
}
