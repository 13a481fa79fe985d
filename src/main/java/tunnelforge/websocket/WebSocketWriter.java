package tunnelforge.websocket;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.function.IntSupplier;

/**
 * Writes messages, one frame each (RFC 6455, sections 5 and 6.1). Every call is one {@code write()} of head and payload
 * together, then a {@code flush()}. One task writes; the stream is the caller's to close.
 */
public final class WebSocketWriter {
    private static final int CODE_BYTES = 2;
    private static final int MAX_REASON_BYTES = FrameHead.MAX_CONTROL_PAYLOAD - CODE_BYTES;

    private final OutputStream out;
    private final Role role;
    private final IntSupplier maskingKeys;
    private boolean closeSent;

    /** A server's writer. */
    public WebSocketWriter(OutputStream out) {
        this(out, Role.SERVER);
    }

    /** A writer for either end. */
    public WebSocketWriter(OutputStream out, Role role) {
        // A key must not be predictable from earlier ones (section 5.3).
        this(out, role, role == Role.CLIENT ? new SecureRandom()::nextInt : () -> 0);
    }

    WebSocketWriter(OutputStream out, Role role, IntSupplier maskingKeys) {
        this.out = Objects.requireNonNull(out, "out");
        this.role = Objects.requireNonNull(role, "role");
        this.maskingKeys = maskingKeys;
    }

    /**
     * Sends a text message. A surrogate without its other half goes out as {@code ?}.
     *
     * @throws IOException if the stream fails or Close was sent
     */
    public void text(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        send(Opcode.TEXT, bytes, 0, bytes.length);
    }

    /**
     * Sends a binary message.
     *
     * @throws IOException if the stream fails or Close was sent
     */
    public void binary(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        send(Opcode.BINARY, bytes, offset, length);
    }

    /**
     * Sends a Ping.
     *
     * @param payload at most 125 bytes
     * @throws IOException if the stream fails or Close was sent
     */
    public void ping(byte[] payload) throws IOException {
        control(Opcode.PING, payload);
    }

    /**
     * Sends a Pong.
     *
     * @param payload that of the Ping that it answers, at most 125 bytes
     * @throws IOException if the stream fails or Close was sent
     */
    public void pong(byte[] payload) throws IOException {
        control(Opcode.PONG, payload);
    }

    /**
     * Sends Close, after which nothing else can be sent (section 5.5.1); does nothing when one was sent already.
     *
     * @param code a code that {@link CloseCode#isValidOnWire} allows, or {@link CloseCode#NO_STATUS} for a Close without code and
     *        reason, so that what was received can be given back as it is
     * @param reason why, for a person; cut to 123 bytes of UTF-8 between two characters
     * @throws IllegalArgumentException if the code may not be sent
     */
    public void close(int code, String reason) throws IOException {
        if (code != CloseCode.NO_STATUS && !CloseCode.isValidOnWire(code)) {
            throw new IllegalArgumentException("close code " + code + " may not be sent");
        }
        if (closeSent) {
            return;
        }
        byte[] payload = {};
        if (code != CloseCode.NO_STATUS) {
            byte[] text = reason.getBytes(StandardCharsets.UTF_8);
            int length = cut(text, MAX_REASON_BYTES);
            payload = new byte[CODE_BYTES + length];
            payload[0] = (byte) (code >> Byte.SIZE);
            payload[1] = (byte) code;
            System.arraycopy(text, 0, payload, CODE_BYTES, length);
        }
        control(Opcode.CLOSE, payload);
        closeSent = true;
    }

    /** The longest length up to {@code max} that does not end inside a character. */
    private static int cut(byte[] utf8, int max) {
        if (utf8.length <= max) {
            return utf8.length;
        }
        int length = max;
        while ((utf8[length] & 0xC0) == 0x80) {
            length--;
        }
        return length;
    }

    private void control(int opcode, byte[] payload) throws IOException {
        if (payload.length > FrameHead.MAX_CONTROL_PAYLOAD) {
            throw new IllegalArgumentException("a control frame of " + payload.length + " bytes; at most "
                    + FrameHead.MAX_CONTROL_PAYLOAD + " are allowed");
        }
        send(opcode, payload, 0, payload.length);
    }

    private void send(int opcode, byte[] payload, int offset, int length) throws IOException {
        if (closeSent) {
            throw new IOException("the WebSocket is closing: Close was sent");
        }
        boolean masked = role == Role.CLIENT;
        int length7 = length <= FrameHead.MAX_CONTROL_PAYLOAD ? length
                : length <= FrameHead.MAX_LENGTH_16_BITS ? FrameHead.LENGTH_16_BITS : FrameHead.LENGTH_64_BITS;
        int longLength = FrameHead.longLengthBytes(length7);
        int head = 2 + longLength + (masked ? Integer.BYTES : 0);
        byte[] frame = new byte[Math.addExact(head, length)];
        frame[0] = (byte) (FrameHead.FIN | opcode);
        frame[1] = (byte) ((masked ? FrameHead.MASK : 0) | length7);
        putNumber(frame, 2, longLength, length);
        System.arraycopy(payload, offset, frame, head, length);
        if (masked) {
            int key = maskingKeys.getAsInt();
            putNumber(frame, head - Integer.BYTES, Integer.BYTES, key);
            Masking.apply(key, 0, frame, head, length);
        }
        out.write(frame, 0, frame.length);
        out.flush();
    }

    private static void putNumber(byte[] into, int offset, int bytes, long number) {
        for (int i = 0; i < bytes; i++) {
            into[offset + i] = (byte) (number >>> Byte.SIZE * (bytes - 1 - i));
        }
    }
}
