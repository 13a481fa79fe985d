package tunnelforge.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Frames one behind the other, to leave in one write; and the payloads of the small ones taken apart again.
 *
 * <p>Grows as needed and is used again after {@link #clear()}. Not for several tasks at once. A frame that breaks the
 * protocol's limits is our own bug: {@link IllegalArgumentException}, and what was there before it still stands.
 *
 * <p>Long, because each type of frame has a short method here, and nowhere else.
 */
public final class FrameBuffer {
    /** A larger array is not kept by {@link #clear()}, unless the buffer began larger. */
    static final int KEPT_CAPACITY = 256 * 1024;

    private final int initialCapacity;
    private byte[] buffer;
    private int length;

    /** Makes an empty buffer. */
    public FrameBuffer(int initialCapacity) {
        this.initialCapacity = initialCapacity;
        this.buffer = new byte[initialCapacity];
    }

    /**
     * The array that holds the frames from index 0 on; another one after the buffer grew.
     *
     * @return the buffer's own array, not a copy
     */
    public byte[] array() {
        return buffer;
    }

    /** How much of {@link #array()} is filled. */
    public int length() {
        return length;
    }

    /** How many bytes fit without another array. */
    public int capacity() {
        return buffer.length;
    }

    /** What {@link #capacity} becomes by {@link #ensure}. */
    public int capacityFor(int more) {
        int needed = Math.addExact(length, more);
        return needed <= buffer.length ? buffer.length : Math.max(needed, (int) Math.min(2L * buffer.length, Integer.MAX_VALUE - 8));
    }

    /** Empties the buffer. */
    public void clear() {
        length = 0;
        if (buffer.length > Math.max(initialCapacity, KEPT_CAPACITY)) {
            buffer = new byte[initialCapacity];
        }
    }

    /** Makes room behind what is there, so that the caller may write into {@link #array()} from {@link #length()} on. */
    public void ensure(int more) {
        int capacity = capacityFor(more);
        if (capacity > buffer.length) {
            buffer = Arrays.copyOf(buffer, capacity);
        }
    }

    /**
     * Counts what the caller has written behind {@link #length()}.
     *
     * @param count bytes, at most what {@link #ensure} made room for
     */
    public void advance(int count) {
        Objects.checkFromIndexSize(length, count, buffer.length);
        length += count;
    }

    /**
     * Begins a frame whose payload the caller writes, with {@link #ensure} and {@link #advance}, and closes with
     * {@link #finish}.
     *
     * @param id the request id, or 0 for the connection
     * @return the header's offset, for {@link #finish}
     */
    public int begin(int id, int type) {
        if (id < 0 || type < 0 || type > 0xff) {
            throw new IllegalArgumentException("frame of id " + id + " and type " + type);
        }
        ensure(Limits.FRAME_HEADER);
        int header = length;
        patchId(buffer, header, id);
        buffer[header + 4] = (byte) type;
        length = header + Limits.FRAME_HEADER;
        putLength(header, 0);
        return header;
    }

    /**
     * Ends the frame begun last: writes its length into its header. A payload over its type's limit is taken back, with
     * the header, and refused.
     *
     * @param headerOffset what {@link #begin} returned
     */
    public void finish(int headerOffset) {
        int payload = length - headerOffset - Limits.FRAME_HEADER;
        try {
            check(buffer[headerOffset + 4] & 0xff, payload);
        } catch (IllegalArgumentException e) {
            length = headerOffset;
            throw e;
        }
        putLength(headerOffset, payload);
    }

    /** Takes back the frame begun last, and its payload. */
    public void takeBack(int headerOffset) {
        length = headerOffset;
    }

    /**
     * Adds a whole frame.
     *
     * @param id the request id, or 0 for the connection
     * @param len its length, at most the type's limit
     */
    public void frame(int id, int type, byte[] b, int off, int len) {
        check(type, len);
        Objects.checkFromIndexSize(off, len, b.length);
        int header = begin(id, type);
        ensure(len);
        System.arraycopy(b, off, buffer, length, len);
        length += len;
        putLength(header, len);
    }

    /** Adds DATA: as many frames as {@link Limits#MAX_DATA} makes necessary, none for no bytes. */
    public void data(int id, byte[] b, int off, int len) {
        for (int done = 0; done < len;) {
            int count = Math.min(len - done, Limits.MAX_DATA);
            frame(id, FrameType.DATA, b, off + done, count);
            done += count;
        }
    }

    /** Adds an END without trailer fields. */
    public void end(int id) {
        begin(id, FrameType.END);
    }

    /**
     * Adds a RESET.
     *
     * @param reason for the error page, may be empty; cut at a character's boundary where the limit is
     */
    public void reset(int id, ResetCode code, String reason) {
        int most = Limits.MAX_RESET - 2;
        // Each char has at least one byte: what is cut here would not fit. One more, so that no half pair stays.
        String bounded = reason.length() > most ? reason.substring(0, most + 1) : reason;
        byte[] text = bounded.getBytes(StandardCharsets.UTF_8);
        int header = begin(id, FrameType.RESET);
        int count = boundary(text, most);
        ensure(2 + count);
        buffer[length] = (byte) (code.code() >> 8);
        buffer[length + 1] = (byte) code.code();
        System.arraycopy(text, 0, buffer, length + 2, count);
        length += 2 + count;
        finish(header);
    }

    /**
     * Adds a WINDOW.
     *
     * @param credit how many more bytes of DATA the other side may send, at least 1
     */
    public void window(int id, int credit) {
        if (credit <= 0) {
            throw new IllegalArgumentException("WINDOW of " + credit);
        }
        int header = begin(id, FrameType.WINDOW);
        ensure(Limits.WINDOW_PAYLOAD);
        putInt(credit);
        finish(header);
    }

    /**
     * Adds a PING.
     *
     * @param value what the PONG is to bring back
     */
    public void ping(long value) {
        eightBytes(FrameType.PING, value);
    }

    /** Adds a PONG. */
    public void pong(long value) {
        eightBytes(FrameType.PONG, value);
    }

    /** Adds a DONE. */
    public void done(int id) {
        begin(id, FrameType.DONE);
    }

    /** Adds a DRAIN. */
    public void drain() {
        begin(0, FrameType.DRAIN);
    }

    /**
     * Adds a MESSAGE.
     *
     * @param id 0, or the request id of a JSON exchange
     */
    public void message(int id, String json) {
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        frame(id, FrameType.MESSAGE, text, 0, text.length);
    }

    /** Gives all frames another request id. */
    public void setIds(int id) {
        for (int at = 0; at < length; at += Limits.FRAME_HEADER + FrameReader.int24(buffer, at + 5)) {
            patchId(buffer, at, id);
        }
    }

    /** Gives a frame another request id. */
    public static void patchId(byte[] b, int headerOffset, int id) {
        b[headerOffset] = (byte) (id >> 24);
        b[headerOffset + 1] = (byte) (id >> 16);
        b[headerOffset + 2] = (byte) (id >> 8);
        b[headerOffset + 3] = (byte) id;
    }

    /**
     * The code of a RESET's payload.
     *
     * @return 0 to 65,535; {@link ResetCode#of} knows what it means
     */
    public static int resetCode(byte[] b, int off, int len) throws WireException {
        if (len < 2) {
            throw new WireException("RESET of " + len + " bytes has no code; it takes 2");
        }
        return (b[off] & 0xff) << 8 | (b[off + 1] & 0xff);
    }

    /**
     * The reason of a RESET's payload: untrusted text, to be escaped where it is shown.
     *
     * @return the reason, may be empty; what is not UTF-8 is replaced by U+FFFD
     */
    public static String resetReason(byte[] b, int off, int len) throws WireException {
        resetCode(b, off, len);
        return new String(b, off + 2, len - 2, StandardCharsets.UTF_8);
    }

    /**
     * The credit of a WINDOW's payload, from 1 to 2^31-1.
     *
     * @throws WireException when the payload is too short, or the credit is 0 or above 2^31-1
     */
    public static int window(byte[] b, int off, int len) throws WireException {
        if (len != Limits.WINDOW_PAYLOAD) {
            throw new WireException("WINDOW of " + len + " bytes; it takes " + Limits.WINDOW_PAYLOAD);
        }
        int credit = FrameReader.int32(b, off);
        if (credit <= 0) {
            throw new WireException("WINDOW of " + Integer.toUnsignedString(credit) + "; it grants 1 to " + Limits.MAX_CREDIT);
        }
        return credit;
    }

    /** The 8 bytes of a PING's or PONG's payload as a number. */
    public static long pingValue(byte[] b, int off, int len) throws WireException {
        if (len != Limits.PING_PAYLOAD) {
            throw new WireException("PING or PONG of " + len + " bytes; it takes " + Limits.PING_PAYLOAD);
        }
        return (long) FrameReader.int32(b, off) << 32 | FrameReader.int32(b, off + 4) & 0xffffffffL;
    }

    /**
     * The text of a MESSAGE's or OPEN's payload.
     *
     * @throws WireException when it is not UTF-8
     */
    public static String text(byte[] b, int off, int len) throws WireException {
        String text = new String(b, off, len, StandardCharsets.UTF_8);
        // What is not UTF-8 becomes this character, but so does its own encoding: only then the slow decoder, with its buffer of twice
        // the message, has to tell.
        if (text.indexOf('\uFFFD') < 0) {
            return text;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(b, off, len)).toString();
        } catch (CharacterCodingException e) {
            throw new WireException("a message of " + len + " bytes is not UTF-8");
        }
    }

    private void eightBytes(int type, long value) {
        int header = begin(0, type);
        ensure(Limits.PING_PAYLOAD);
        putInt((int) (value >> 32));
        putInt((int) value);
        finish(header);
    }

    private static void check(int type, int payload) {
        int limit = FrameType.limit(type, Limits.MAX_MESSAGE_JSON);
        if (payload < 0 || payload > limit) {
            throw new IllegalArgumentException(FrameType.name(type) + " of " + payload + " bytes is over the limit of " + limit);
        }
    }

    private void putInt(int value) {
        patchId(buffer, length, value);
        length += 4;
    }

    private void putLength(int header, int payload) {
        buffer[header + 5] = (byte) (payload >> 16);
        buffer[header + 6] = (byte) (payload >> 8);
        buffer[header + 7] = (byte) payload;
    }

    /** The most of {@code text} that is within {@code most} bytes and cuts no character. */
    private static int boundary(byte[] text, int most) {
        if (text.length <= most) {
            return text.length;
        }
        int end = most;
        while (end > 0 && (text[end] & 0xc0) == 0x80) {
            end--;
        }
        return end;
    }
}
