package tunnelforge.net;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A private key with the certificates that vouch for it.
 *
 * @param key EC, RSA or Ed25519
 * @param chain the key's own certificate first, each further one the issuer of the one before it
 */
public record KeyEntry(PrivateKey key, List<X509Certificate> chain) {
    /** Refuses an empty chain. */
    public KeyEntry {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("a key needs its certificate");
        }
    }

    /**
     * Reads a key and its certificates as a person gives them, and makes sure that they belong together.
     *
     * @param certificates PEM, the key's own certificate first
     * @param key PEM; may be the same file
     * @throws IOException saying which file is wrong, and how
     */
    public static KeyEntry load(Path certificates, Path key) throws IOException {
        List<X509Certificate> chain = Pem.certificates(certificates);
        PrivateKey privateKey = Pem.privateKey(key);
        for (int i = 0; i < chain.size(); i++) {
            if (belong(privateKey, chain.get(i))) {
                if (i > 0) {
                    throw new IOException(certificates + ": the certificate of the key must come first, it is number "
                            + (i + 1));
                }
                return new KeyEntry(privateKey, chain);
            }
        }
        throw new IOException(certificates + ": not the certificate of the key in " + key);
    }

    private static boolean belong(PrivateKey key, X509Certificate certificate) {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> key.getAlgorithm();
        };
        if (!key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())) {
            return false;
        }
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The key's own certificate. */
    public X509Certificate leaf() {
        return chain.getFirst();
    }

    /** What the certificate is for: DNS names in lower case, perhaps with a wildcard, and IP addresses. */
    public List<String> names() {
        return ServerNames.of(leaf());
    }

    /** Whether the certificate is for a host, a name or an IP address; a wildcard covers one label. */
    public boolean covers(String hostname) {
        return ServerNames.covers(leaf(), hostname);
    }

    /** Names the certificate only: a key never gets into a message or a log. */
    @Override
    public String toString() {
        return "KeyEntry[" + String.join(", ", names()) + "; " + Pin.of(leaf()) + "]";
    }
}
