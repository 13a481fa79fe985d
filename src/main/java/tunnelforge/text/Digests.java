package tunnelforge.text;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Digests, and comparisons that tell nothing by the time they take. */
public final class Digests {
    private Digests() {
    }

    /** The SHA-256 of the parts one behind the other: 32 bytes. */
    public static byte[] sha256(byte[]... parts) {
        return digest("SHA-256", parts);
    }

    /** The SHA-1 of the bytes: 20 bytes. Only for protocols that ask for it. */
    public static byte[] sha1(byte[] bytes) {
        return digest("SHA-1", bytes);
    }

    /** Whether two secrets are the same; takes the same time wherever they differ. */
    public static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] digest(String algorithm, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }
}
