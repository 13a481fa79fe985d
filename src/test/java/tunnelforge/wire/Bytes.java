package tunnelforge.wire;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;

/** Bytes as tests write them, and streams that give them out in pieces. */
final class Bytes {
    private Bytes() {
    }

    /** Hexadecimal, blanks ignored. */
    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    static byte[] written(FrameBuffer frames) {
        return Arrays.copyOf(frames.array(), frames.length());
    }

    static byte[] concat(byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    static byte[] payload(FrameReader frames) {
        return Arrays.copyOfRange(frames.array(), frames.offset(), frames.offset() + frames.length());
    }

    /** Each read() gives at most {@code most} bytes. */
    static InputStream inPieces(byte[] bytes, int most) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public int read(byte[] b, int off, int len) {
                return super.read(b, off, Math.min(len, most));
            }
        };
    }

    /** The first read() ends at {@code at}. */
    static InputStream splitAt(byte[] bytes, int at) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public int read(byte[] b, int off, int len) {
                return super.read(b, off, pos < at ? Math.min(len, at - pos) : len);
            }
        };
    }
}
