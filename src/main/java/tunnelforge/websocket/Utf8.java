package tunnelforge.websocket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Checks that bytes arriving in pieces are UTF-8 (RFC 3629, section 4; RFC 6455, section 8.1): shortest forms only, no
 * surrogates, nothing above U+10FFFF. A wrong byte is noticed when it arrives, not at the end of the message.
 */
final class Utf8 {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private static final int LOWEST_TAIL = 0x80;
    private static final int HIGHEST_TAIL = 0xBF;

    /** How many bytes the current character still needs; only the next one may have narrower bounds than a tail's. */
    private int missing;
    private int lowest;
    private int highest;

    /** Takes the next bytes; false when they cannot be part of valid text. */
    boolean accept(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            if (missing == 0) {
                at = asciiEnd(bytes, at, end);
                if (at < end && !begin(bytes[at++] & 0xFF)) {
                    return false;
                }
            } else {
                int tail = bytes[at++] & 0xFF;
                if (tail < lowest || tail > highest) {
                    return false;
                }
                missing--;
                lowest = LOWEST_TAIL;
                highest = HIGHEST_TAIL;
            }
        }
        return true;
    }

    /** Whether the text may end here. */
    boolean isComplete() {
        return missing == 0;
    }

    private static int asciiEnd(byte[] bytes, int from, int end) {
        int at = from;
        while (at <= end - Long.BYTES && ((long) LONG.get(bytes, at) & HIGH_BITS) == 0) {
            at += Long.BYTES;
        }
        while (at < end && bytes[at] >= 0) {
            at++;
        }
        return at;
    }

    private boolean begin(int lead) {
        if (lead < 0xC2 || lead > 0xF4) {
            return false;
        }
        missing = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
        lowest = switch (lead) {
            case 0xE0 -> 0xA0;
            case 0xF0 -> 0x90;
            default -> LOWEST_TAIL;
        };
        highest = switch (lead) {
            case 0xED -> 0x9F;
            case 0xF4 -> 0x8F;
            default -> HIGHEST_TAIL;
        };
        return true;
    }
}
