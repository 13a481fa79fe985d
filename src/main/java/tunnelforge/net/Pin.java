package tunnelforge.net;

import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Base64;
import tunnelforge.text.Digests;
import tunnelforge.text.Printable;

/**
 * The SHA-256 of a certificate's SubjectPublicKeyInfo, written {@code sha256/BASE64} (the hash of RFC 7469 section
 * 2.4). It stays the same when a certificate is renewed with its key.
 *
 * @param base64 the hash, padded base64 of 32 bytes
 */
public record Pin(String base64) {
    private static final String PREFIX = "sha256/";
    private static final int HASH_BYTES = 32;

    /** Refuses what is not the base64 of 32 bytes, and brings it to its one canonical form. */
    public Pin {
        byte[] hash;
        try {
            hash = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("a pin is sha256/ and 44 characters of base64,"
                    + " this is not base64: " + Printable.quoted(base64), e);
        }
        if (hash.length != HASH_BYTES) {
            throw new IllegalArgumentException("a pin is sha256/ and the base64 of " + HASH_BYTES
                    + " bytes, not of " + hash.length);
        }
        base64 = Base64.getEncoder().encodeToString(hash);
    }

    /**
     * Reads the printed form; curl's {@code sha256//BASE64} is taken too.
     *
     * @throws IllegalArgumentException when it is anything else; the message is for the person who typed it
     */
    public static Pin parse(String text) {
        if (!text.startsWith(PREFIX)) {
            throw new IllegalArgumentException("a pin looks like sha256/BASE64, not " + Printable.quoted(text));
        }
        // A hash may itself begin with a slash: 44 characters are the hash, 45 have curl's second slash.
        String rest = text.substring(PREFIX.length());
        return new Pin(rest.startsWith("/") && rest.length() % 4 == 1 ? rest.substring(1) : rest);
    }

    /** The pin of a certificate's key. */
    public static Pin of(X509Certificate certificate) {
        return new Pin(Base64.getEncoder().encodeToString(hash(certificate)));
    }

    /** Whether this pin names that certificate's key; takes the same time wherever they differ. */
    public boolean matches(X509Certificate certificate) {
        return MessageDigest.isEqual(Base64.getDecoder().decode(base64), hash(certificate));
    }

    private static byte[] hash(X509Certificate certificate) {
        return Digests.sha256(certificate.getPublicKey().getEncoded());
    }

    @Override
    public String toString() {
        return PREFIX + base64;
    }
}
