package tunnelforge.websocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** RFC 6455, section 5.3. */
final class MaskingTest {
    private static final byte[] KEY = {(byte) 0x37, (byte) 0xfa, (byte) 0x21, (byte) 0x3d};

    @Test
    void everyOffsetLengthAndPositionMasksTheBytesBetweenAndNoOthers() {
        byte[] original = new byte[64];
        new Random(7).nextBytes(original);
        for (int offset = 0; offset < 10; offset++) {
            for (int length = 0; length < 40; length++) {
                for (int position = 0; position < 9; position++) {
                    byte[] expected = original.clone();
                    for (int i = 0; i < length; i++) {
                        expected[offset + i] ^= KEY[(position + i) % 4];
                    }
                    byte[] bytes = original.clone();
                    Masking.apply(0x37fa213d, position, bytes, offset, length);
                    assertArrayEquals(expected, bytes, "offset " + offset + ", length " + length + ", position " + position);
                }
            }
        }
    }

    @Test
    void positionBeyondTwoGibibytesCounts() {
        byte[] bytes = new byte[4];
        Masking.apply(0x37fa213d, (1L << 40) + 1, bytes, 0, 4);
        assertArrayEquals(new byte[] {(byte) 0xfa, (byte) 0x21, (byte) 0x3d, (byte) 0x37}, bytes);
    }
}
