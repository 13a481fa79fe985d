package tunnelforge.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** RFC 3629, sections 3 and 4; the JDK's own decoder says what is right. */
final class Utf8Test {
    private static final int[] BOUNDARIES = {0x00, 0x61, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
        0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};

    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    private final CharBuffer characters = CharBuffer.allocate(8);

    @Test
    void everyPairOfBytesIsJudgedAsTheJdkDoes() {
        for (int pair = 0; pair < 0x10000; pair++) {
            check(new byte[] {(byte) (pair >> 8), (byte) pair});
        }
    }

    @Test
    void fourBytesAtTheBoundariesAreJudgedAsTheJdkDoes() {
        for (int a : BOUNDARIES) {
            for (int b : BOUNDARIES) {
                for (int c : BOUNDARIES) {
                    for (int d : BOUNDARIES) {
                        check(new byte[] {(byte) a, (byte) b, (byte) c, (byte) d});
                    }
                }
            }
        }
    }

    @Test
    void everyCharacterIsAcceptedAtEveryAlignmentAndSplit() {
        for (int code = 0; code <= 0x10FFFF; code += code < 0x3000 ? 1 : 0x1F) {
            if (code >= 0xD800 && code <= 0xDFFF) {
                continue;
            }
            byte[] bytes = ("x".repeat(code % 17) + Character.toString(code) + "x".repeat(9)).getBytes(StandardCharsets.UTF_8);
            Utf8 utf8 = new Utf8();
            int split = code % bytes.length;
            assertTrue(utf8.accept(bytes, 0, split) && utf8.accept(bytes, split, bytes.length - split) && utf8.isComplete(),
                    Integer.toHexString(code));
        }
    }

    @Test
    void wrongByteIsFoundBehindEveryLengthOfAscii() {
        for (int length = 0; length < 40; length++) {
            byte[] bytes = new byte[50];
            bytes[length] = (byte) 0xFF;
            assertEquals(false, new Utf8().accept(bytes, 0, bytes.length), "at " + length);
            assertEquals(true, new Utf8().accept(bytes, 0, length), "before " + length);
        }
    }

    private void check(byte[] bytes) {
        boolean expected = decodes(bytes);
        Utf8 whole = new Utf8();
        assertEquals(expected, whole.accept(bytes, 0, bytes.length) && whole.isComplete(), () -> HexFormat.of().formatHex(bytes));
        Utf8 single = new Utf8();
        boolean accepted = true;
        for (int i = 0; i < bytes.length && accepted; i++) {
            accepted = single.accept(bytes, i, 1);
        }
        assertEquals(expected, accepted && single.isComplete(), () -> HexFormat.of().formatHex(bytes));
    }

    private boolean decodes(byte[] bytes) {
        characters.clear();
        return !decoder.reset().decode(ByteBuffer.wrap(bytes), characters, true).isError();
    }
}
