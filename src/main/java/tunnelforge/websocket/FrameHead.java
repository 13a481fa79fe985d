package tunnelforge.websocket;

/**
 * The layout of a frame's head (RFC 6455, section 5.2).
 *
 * <pre>
 *   byte 0   FIN  RSV1 RSV2 RSV3  opcode (4 bits)
 *   byte 1   MASK  length (7 bits): itself up to 125, 126: in the next 2 bytes, 127: in the next 8 bytes
 *   then     the long length if any, the masking key (4 bytes) if MASK is set, the payload
 * </pre>
 */
final class FrameHead {
    static final int FIN = 0x80;
    static final int RESERVED = 0x70;
    static final int OPCODE = 0x0F;
    static final int MASK = 0x80;
    static final int LENGTH = 0x7F;

    static final int LENGTH_16_BITS = 126;
    static final int LENGTH_64_BITS = 127;
    static final int MAX_LENGTH_16_BITS = 0xFFFF;

    /** The longest payload of a control frame, in bytes (section 5.5). */
    static final int MAX_CONTROL_PAYLOAD = 125;

    private FrameHead() {
    }

    /** How many bytes of length follow the first two bytes. */
    static int longLengthBytes(int length7) {
        return switch (length7) {
            case LENGTH_16_BITS -> Short.BYTES;
            case LENGTH_64_BITS -> Long.BYTES;
            default -> 0;
        };
    }
}
