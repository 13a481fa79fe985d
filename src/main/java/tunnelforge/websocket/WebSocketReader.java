package tunnelforge.websocket;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import tunnelforge.http.Room;

/**
 * Reads messages (RFC 6455, sections 5 and 6.2): fragments are put together, control frames come out as they arrive, also
 * between the fragments of a message. One task reads; the stream is the caller's to close. It may be read ahead of
 * the current frame.
 *
 * <pre>
 *   between frames --head--&gt; in a frame --payload, FIN or control--&gt; a message is returned, between frames
 *                                       --payload, no FIN----------&gt; between frames
 *   anywhere       --Close returned, or WebSocketException---------&gt; ended
 * </pre>
 *
 * <p>Nothing is lost when the stream throws in the middle of a frame: after a read timeout the next call goes on where
 * it stopped.
 */
public final class WebSocketReader {
    /** Holds any head and any control frame whole; longer payloads go past it. */
    private static final int BUFFER_BYTES = 2048;
    /** Memory is taken at most this far ahead of what has arrived, or doubled, whatever length a head claims. */
    private static final int CHUNK_BYTES = 1024;
    private static final byte[] NO_BYTES = {};

    private final InputStream in;
    private final int maxMessageBytes;
    private final Role role;
    private final Room room;

    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;

    private boolean inFrame;
    private boolean fin;
    private int opcode;
    private int key;
    private long frameBytes;
    private long remaining;

    /** {@link Opcode#TEXT} or {@link Opcode#BINARY}; {@link Opcode#CONTINUATION} while no message is open. */
    private int messageOpcode = Opcode.CONTINUATION;
    private byte[] message = NO_BYTES;
    private int messageBytes;
    private final Utf8 utf8 = new Utf8();
    private boolean ended;

    /**
     * A server's reader.
     *
     * @param maxMessageBytes the longest message that is taken, in bytes of payload
     */
    public WebSocketReader(InputStream in, int maxMessageBytes) {
        this(in, maxMessageBytes, Role.SERVER);
    }

    /**
     * A reader for either end.
     *
     * @param maxMessageBytes the longest message that is taken, in bytes of payload
     */
    public WebSocketReader(InputStream in, int maxMessageBytes, Role role) {
        this(in, maxMessageBytes, role, Room.UNLIMITED);
    }

    /**
     * A reader whose messages, as long as they have not come whole, are charged.
     *
     * @param maxMessageBytes the longest message that is taken, in bytes of payload
     * @param room asked for the memory of a message; when it refuses, reading throws a {@link WebSocketException}
     */
    public WebSocketReader(InputStream in, int maxMessageBytes, Role role, Room room) {
        if (maxMessageBytes < 0) {
            throw new IllegalArgumentException("maxMessageBytes is " + maxMessageBytes);
        }
        this.in = Objects.requireNonNull(in, "in");
        this.maxMessageBytes = maxMessageBytes;
        this.role = Objects.requireNonNull(role, "role");
        this.room = room;
    }

    /** Gives back what the room gave. Called once nothing is read any more. */
    public void release() {
        ended = true;
        dropMessage();
    }

    /**
     * Waits for the next message or control frame.
     *
     * @return what arrived; after a {@link WebSocketMessage.Close} there is nothing more
     * @throws WebSocketException if the peer broke the protocol or the limit; there is nothing more after it
     * @throws java.io.EOFException if the stream ends without Close, or there is nothing more
     */
    public WebSocketMessage read() throws IOException {
        if (ended) {
            throw new EOFException("the WebSocket has ended");
        }
        try {
            while (true) {
                if (!inFrame) {
                    readHead();
                }
                if (Opcode.isControl(opcode)) {
                    return readControl();
                }
                readData();
                if (fin) {
                    return takeMessage();
                }
            }
        } catch (WebSocketException e) {
            ended = true;
            throw e;
        }
    }

    private void readHead() throws IOException {
        buffer(2);
        int first = buffer[position];
        int second = buffer[position + 1];
        checkFirstBytes(first, second);
        int length7 = second & FrameHead.LENGTH;
        int longLength = FrameHead.longLengthBytes(length7);
        int head = 2 + longLength + (role == Role.SERVER ? Integer.BYTES : 0);
        buffer(head);
        long length = longLength == 0 ? length7 : number(position + 2, longLength);
        int newOpcode = first & FrameHead.OPCODE;
        checkLength(newOpcode, length7, length);

        opcode = newOpcode;
        fin = (first & FrameHead.FIN) != 0;
        key = role == Role.SERVER ? (int) number(position + head - Integer.BYTES, Integer.BYTES) : 0;
        frameBytes = length;
        remaining = length;
        if (opcode == Opcode.TEXT || opcode == Opcode.BINARY) {
            messageOpcode = opcode;
        }
        position += head;
        inFrame = true;
    }

    private void checkFirstBytes(int first, int second) throws WebSocketException {
        int newOpcode = first & FrameHead.OPCODE;
        if ((first & FrameHead.RESERVED) != 0) {
            throw protocolError("a reserved bit is set");
        }
        if (!Opcode.isKnown(newOpcode)) {
            throw protocolError("the opcode " + newOpcode + " is reserved");
        }
        if (((second & FrameHead.MASK) != 0) != (role == Role.SERVER)) {
            throw protocolError(role == Role.SERVER ? "a client's frame must be masked" : "a server's frame must not be masked");
        }
        if (Opcode.isControl(newOpcode)) {
            if ((first & FrameHead.FIN) == 0) {
                throw protocolError("a control frame in fragments");
            }
            if ((second & FrameHead.LENGTH) > FrameHead.MAX_CONTROL_PAYLOAD) {
                throw protocolError("a control frame over " + FrameHead.MAX_CONTROL_PAYLOAD + " bytes");
            }
        } else if ((newOpcode == Opcode.CONTINUATION) != (messageOpcode != Opcode.CONTINUATION)) {
            throw protocolError(newOpcode == Opcode.CONTINUATION ? "a continuation of no message"
                    : "a new message before the last one's end");
        }
    }

    private void checkLength(int newOpcode, int length7, long length) throws WebSocketException {
        if (length < 0) {
            throw protocolError("a length over 63 bits");
        }
        if (length7 == FrameHead.LENGTH_16_BITS && length <= FrameHead.MAX_CONTROL_PAYLOAD
                || length7 == FrameHead.LENGTH_64_BITS && length <= FrameHead.MAX_LENGTH_16_BITS) {
            throw protocolError("the length " + length + " is not in its shortest form");
        }
        if (!Opcode.isControl(newOpcode) && length > maxMessageBytes - messageBytes) {
            throw new WebSocketException(CloseCode.TOO_LARGE, "a message over " + maxMessageBytes + " bytes: " + messageBytes
                    + " and a frame of " + length);
        }
    }

    private WebSocketMessage readControl() throws IOException {
        int length = (int) remaining;
        buffer(length);
        byte[] payload = Arrays.copyOfRange(buffer, position, position + length);
        Masking.apply(key, 0, payload, 0, length);
        position += length;
        inFrame = false;
        return switch (opcode) {
            case Opcode.PING -> new WebSocketMessage.Ping(payload);
            case Opcode.PONG -> new WebSocketMessage.Pong(payload);
            case Opcode.CLOSE -> close(payload);
            default -> throw new IllegalStateException("opcode " + opcode);
        };
    }

    private WebSocketMessage close(byte[] payload) throws WebSocketException {
        int code = CloseCode.NO_STATUS;
        String reason = "";
        if (payload.length == 1) {
            throw protocolError("a Close with half a code");
        }
        if (payload.length > 0) {
            code = (payload[0] & 0xFF) << Byte.SIZE | payload[1] & 0xFF;
            if (!CloseCode.isValidOnWire(code)) {
                throw protocolError("the close code " + code + " may not be sent");
            }
            Utf8 check = new Utf8();
            if (!check.accept(payload, 2, payload.length - 2) || !check.isComplete()) {
                throw new WebSocketException(CloseCode.INVALID_DATA, "a close reason that is not UTF-8");
            }
            reason = new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
        }
        ended = true;
        return new WebSocketMessage.Close(code, reason);
    }

    private void readData() throws IOException {
        while (remaining > 0) {
            if (messageBytes == message.length) {
                grow();
            }
            int count = (int) Math.min(remaining, message.length - messageBytes);
            int buffered = limit - position;
            if (buffered > 0) {
                count = Math.min(count, buffered);
                System.arraycopy(buffer, position, message, messageBytes, count);
                position += count;
            } else {
                count = received(in.read(message, messageBytes, count));
            }
            Masking.apply(key, frameBytes - remaining, message, messageBytes, count);
            if (messageOpcode == Opcode.TEXT && !utf8.accept(message, messageBytes, count)) {
                throw notText();
            }
            messageBytes += count;
            remaining -= count;
        }
        inFrame = false;
    }

    /** Doubles what is full, so that small pieces cost no more than large ones; ends at the exact length where it is known. */
    private void grow() throws WebSocketException {
        long wanted = Math.max(2L * messageBytes, messageBytes + Math.min(remaining, CHUNK_BYTES));
        long most = fin ? messageBytes + remaining : maxMessageBytes;
        int size = (int) Math.min(wanted, most);
        if (!room.take(size)) {
            throw new WebSocketException(CloseCode.TRY_AGAIN_LATER, "no memory is left for a message of " + size + " bytes and more");
        }
        byte[] smaller = message;
        message = Arrays.copyOf(smaller, size);
        room.giveBack(smaller.length);
    }

    private WebSocketMessage takeMessage() throws WebSocketException {
        byte[] bytes = message;
        int length = messageBytes;
        boolean text = messageOpcode == Opcode.TEXT;
        dropMessage();
        messageOpcode = Opcode.CONTINUATION;
        if (!text) {
            return new WebSocketMessage.Binary(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
        }
        if (!utf8.isComplete()) {
            throw notText();
        }
        return new WebSocketMessage.Text(new String(bytes, 0, length, StandardCharsets.UTF_8));
    }

    private void dropMessage() {
        room.giveBack(message.length);
        message = NO_BYTES;
        messageBytes = 0;
    }

    /** Waits until the next {@code count} bytes are in the buffer. */
    private void buffer(int count) throws IOException {
        if (position == limit) {
            position = 0;
            limit = 0;
        } else if (buffer.length - position < count) {
            System.arraycopy(buffer, position, buffer, 0, limit - position);
            limit -= position;
            position = 0;
        }
        while (limit - position < count) {
            limit += received(in.read(buffer, limit, buffer.length - limit));
        }
    }

    private static int received(int count) throws EOFException {
        if (count < 0) {
            throw new EOFException("the stream ended without Close");
        }
        return count;
    }

    private long number(int from, int bytes) {
        long number = 0;
        for (int i = 0; i < bytes; i++) {
            number = number << Byte.SIZE | buffer[from + i] & 0xFF;
        }
        return number;
    }

    private static WebSocketException protocolError(String message) {
        return new WebSocketException(CloseCode.PROTOCOL_ERROR, message);
    }

    private static WebSocketException notText() {
        return new WebSocketException(CloseCode.INVALID_DATA, "a text message that is not UTF-8");
    }
}
