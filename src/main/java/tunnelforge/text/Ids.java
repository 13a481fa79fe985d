package tunnelforge.text;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Names of 128 random bits, written as 32 hexadecimal digits. */
public final class Ids {
    /** Random bytes in an id. */
    public static final int BYTES = 16;
    /** Characters of an id. */
    public static final int CHARACTERS = 2 * BYTES;

    private Ids() {
    }

    /** One that nobody can guess. */
    public static String secret(SecureRandom random) {
        byte[] bits = new byte[BYTES];
        random.nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }

    /** One that is no secret, for what is made often. */
    public static String unique() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
    }
}
