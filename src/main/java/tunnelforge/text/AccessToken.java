package tunnelforge.text;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.zip.CRC32;

/**
 * Tokens that open tunnels: {@code tf_}, 43 base62 digits (256 random bits) and 6 of a CRC-32 over all that is in front of them, so that whoever holds one sees without
 * asking anybody that it was mistyped or cut off, and scanners for secrets recognise one. Operators may have others of their own choice.
 */
public final class AccessToken {
    private static final String PREFIX = "tf_";
    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final BigInteger BASE = BigInteger.valueOf(DIGITS.length());
    private static final int BITS = 256;
    private static final int SECRET_DIGITS = 43;
    private static final int CHECK_DIGITS = 6;
    private static final int LENGTH = PREFIX.length() + SECRET_DIGITS + CHECK_DIGITS;
    /** An older form, or an operator's own, is shorter. */
    private static final int SHORTEST_CUT = LENGTH - 12;

    private AccessToken() {
    }

    /** A new one. */
    public static String make(SecureRandom random) {
        String secret = PREFIX + base62(new BigInteger(BITS, random), SECRET_DIGITS);
        return secret + check(secret);
    }

    /** What is wrong with a token that somebody was given, for a person; null when nothing can be said against it. */
    public static String problem(String token) {
        if (!token.startsWith(PREFIX) || token.length() < SHORTEST_CUT || !token.substring(PREFIX.length()).chars().allMatch(c -> DIGITS.indexOf(c) >= 0)) {
            return null;
        }
        if (token.length() != LENGTH) {
            return "the token has " + token.length() + " characters where one has " + LENGTH + ": was a part of it lost in copying, or something added?";
        }
        String secret = token.substring(0, LENGTH - CHECK_DIGITS);
        return token.endsWith(check(secret)) ? null : "the token is mistyped: its last characters do not fit the others";
    }

    private static String check(String secret) {
        CRC32 crc = new CRC32();
        crc.update(secret.getBytes(StandardCharsets.US_ASCII));
        return base62(BigInteger.valueOf(crc.getValue()), CHECK_DIGITS);
    }

    private static String base62(BigInteger value, int digits) {
        char[] text = new char[digits];
        BigInteger rest = value;
        for (int i = digits - 1; i >= 0; i--) {
            BigInteger[] parts = rest.divideAndRemainder(BASE);
            text[i] = DIGITS.charAt(parts[1].intValue());
            rest = parts[0];
        }
        return new String(text);
    }
}
