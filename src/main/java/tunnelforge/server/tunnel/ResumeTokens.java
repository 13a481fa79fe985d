package tunnelforge.server.tunnel;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tunnelforge.text.Digests;
import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelProtocol;

/**
 * Proofs that whoever shows them was given a tunnel by this server, be it before a restart: a MAC over the tunnel's id, name and protocol
 * and the account it is of, under a key that only the server's state directory holds.
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

    /** {@code address/protocol/mac}: the token says what it is for, so nothing needs to be remembered. */
    String issue(String tunnelId, PublicAddress address, TunnelProtocol protocol, String account) {
        return issue(tunnelId, address.toString(), protocol, account);
    }

    private String issue(String tunnelId, String address, TunnelProtocol protocol, String account) {
        return address + '/' + protocol + '/' + mac(tunnelId, address, protocol.wireName(), account);
    }

    /** The address that {@code token} was issued for; null when it was not issued for this tunnel, protocol and account. */
    PublicAddress verify(String token, String tunnelId, TunnelProtocol protocol, String account) {
        int slash = token.indexOf('/');
        if (slash < 0) {
            return null;
        }
        String address = token.substring(0, slash);
        return Digests.same(issue(tunnelId, address, protocol, account), token) ? PublicAddress.parse(address) : null;
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
