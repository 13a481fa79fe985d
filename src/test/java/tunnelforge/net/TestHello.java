package tunnelforge.net;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Writes ClientHellos, right ones and wrong ones, without a TLS library. */
public final class TestHello {
    private TestHello() {
    }

    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replaceAll("\\s", ""));
    }

    public static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] u16(int value) {
        return new byte[] {(byte) (value >> 8), (byte) value};
    }

    static byte[] u24(int value) {
        return new byte[] {(byte) (value >> 16), (byte) (value >> 8), (byte) value};
    }

    public static byte[] extension(int type, byte[] body) {
        return join(u16(type), u16(body.length), body);
    }

    static byte[] hostName(byte[] name) {
        return join(new byte[1], u16(name.length), name);
    }

    static byte[] sni(byte[]... entries) {
        byte[] list = join(entries);
        return extension(0, join(u16(list.length), list));
    }

    public static byte[] sni(String name) {
        return sni(hostName(name.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** The handshake message: GREASE among the ciphers, and whatever extensions. */
    public static byte[] message(byte[]... extensions) {
        byte[] all = join(extensions);
        return handshake(join(upToExtensions(), u16(all.length), all));
    }

    static byte[] upToExtensions() {
        return join(hex("0303"), new byte[32], hex("20"), new byte[32], hex("0006 1a1a 1301 1302"), hex("01 00"));
    }

    static byte[] handshake(byte[] body) {
        return join(new byte[] {1}, u24(body.length), body);
    }

    public static byte[] record(byte[] body) {
        return join(hex("16 0301"), u16(body.length), body);
    }

    /** The message over records of at most {@code size} bytes each. */
    public static byte[] records(byte[] message, int size) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < message.length; at += size) {
            out.writeBytes(record(Arrays.copyOfRange(message, at, Math.min(message.length, at + size))));
        }
        return out.toByteArray();
    }

    /** Delivers the bytes in two pieces, or one by one when {@code split} is negative. */
    static InputStream inPieces(byte[] bytes, int split) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] to, int offset, int length) {
                int most = split < 0 ? 1 : pos < split ? split - pos : length;
                return super.read(to, offset, Math.min(length, most));
            }
        };
    }
}
