package tunnelforge.server.tunnel;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Proofs that whoever shows them was given a tunnel by this server, be it before a restart: a MAC over the tunnel's id, name and protocol
 * and the token it was registered with, under a key that only the server's state directory holds.
 */
public final class ResumeTokens {
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;

    /**
     * @param key at least 32 random bytes
     */
    public ResumeTokens(byte[] key) {
        this.key = new SecretKeySpec(key, ALGORITHM);
    }

    /** {@code host.protocol.mac}: the token says what it is for, so nothing needs to be remembered. */
    String issue(String tunnelId, String host, String protocol, String authToken) {
        return host + '/' + protocol + '/' + mac(tunnelId, host, protocol, authToken);
    }

    /** The host that {@code token} was issued for; null when it was not issued for this tunnel, protocol and auth token. */
    String verify(String token, String tunnelId, String protocol, String authToken) {
        int slash = token.indexOf('/');
        if (slash < 0) {
            return null;
        }
        String host = token.substring(0, slash);
        byte[] expected = issue(tunnelId, host, protocol, authToken).getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(expected, token.getBytes(StandardCharsets.UTF_8)) ? host : null;
    }

    private String mac(String... parts) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            for (String part : parts) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                mac.update(new byte[] {(byte) (bytes.length >> 8), (byte) bytes.length});
                mac.update(bytes);
            }
            return HexFormat.of().formatHex(mac.doFinal());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
