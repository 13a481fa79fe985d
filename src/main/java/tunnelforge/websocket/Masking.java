package tunnelforge.websocket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Masks and unmasks payloads: both are the same XOR (RFC 6455, section 5.3). */
final class Masking {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Masking() {
    }

    /**
     * Applies the key in place.
     *
     * @param key the masking key, its first byte on the wire the highest
     * @param position how many bytes of the frame's payload come before {@code offset}
     */
    static void apply(int key, long position, byte[] bytes, int offset, int length) {
        int turned = Integer.rotateLeft(key, Byte.SIZE * (int) (position & 3));
        long wide = (long) turned << Integer.SIZE | turned & 0xFFFF_FFFFL;
        int at = offset;
        int end = offset + length;
        for (int last = end - Long.BYTES; at <= last; at += Long.BYTES) {
            LONG.set(bytes, at, (long) LONG.get(bytes, at) ^ wide);
        }
        for (; at < end; at++) {
            turned = Integer.rotateLeft(turned, Byte.SIZE);
            bytes[at] ^= (byte) turned;
        }
    }
}
