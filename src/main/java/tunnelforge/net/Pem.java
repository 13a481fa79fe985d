package tunnelforge.net;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and private keys as text (RFC 7468). The messages of its exceptions are for the person who gave the
 * file: they name it and say what would make it readable.
 */
public final class Pem {
    /** The largest file that is read. */
    public static final int MAX_FILE_BYTES = 2 * 1024 * 1024;

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,64})-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "EdDSA", "RSASSA-PSS");
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private Pem() {
    }

    private record Block(String label, String content) {
    }

    /**
     * The certificates of a file, at least one, in its order; what stands between them is skipped.
     *
     * @throws IOException when it cannot be read, is too large or holds no certificate
     */
    public static List<X509Certificate> certificates(Path file) throws IOException {
        return certificates(text(file), file.toString());
    }

    /**
     * The certificates of a text, at least one, in its order; what stands between them is skipped.
     *
     * @throws IOException when it holds no certificate or a broken one
     */
    public static List<X509Certificate> certificates(String text) throws IOException {
        return certificates(text, "the text");
    }

    private static List<X509Certificate> certificates(String text, String source) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks(text, source)) {
            if (block.label.equals("CERTIFICATE") || block.label.equals("X509 CERTIFICATE")) {
                certificates.add(certificate(decode(block, source), source));
            }
        }
        if (certificates.isEmpty()) {
            throw new IOException(source + ": there is no '-----BEGIN CERTIFICATE-----' in it");
        }
        return List.copyOf(certificates);
    }

    private static X509Certificate certificate(byte[] der, String source) throws IOException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new IOException(source + ": a certificate in it cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * The one private key of a file, EC, RSA or Ed25519: PKCS#8, or the older forms of OpenSSL. Certificates beside it are skipped.
     *
     * @throws IOException when it cannot be read, is encrypted, or holds no key or several
     */
    public static PrivateKey privateKey(Path file) throws IOException {
        return privateKey(text(file), file.toString());
    }

    static PrivateKey privateKey(String text, String source) throws IOException {
        List<Block> keys = blocks(text, source).stream().filter(block -> block.label.endsWith("PRIVATE KEY")).toList();
        if (keys.size() != 1) {
            throw new IOException(source + ": " + (keys.isEmpty()
                    ? "there is no '-----BEGIN PRIVATE KEY-----' in it" : "there are several private keys in it"));
        }
        Block block = keys.getFirst();
        if (block.label.startsWith("ENCRYPTED") || block.content.contains("Proc-Type:")) {
            throw new IOException(source + ": the private key is encrypted; " + convert(source));
        }
        byte[] der = decode(block, source);
        byte[] pkcs8 = switch (block.label) {
            case "PRIVATE KEY" -> der;
            case "RSA PRIVATE KEY" -> OldKeyForms.rsa(der);
            case "EC PRIVATE KEY" -> OldKeyForms.ec(der);
            default -> null;
        };
        if (pkcs8 == null) {
            throw new IOException(source + ": '" + block.label + "' is not a form of key that is read here; "
                    + convert(source));
        }
        return privateKey(pkcs8, source);
    }

    private static PrivateKey privateKey(byte[] pkcs8, String source) throws IOException {
        InvalidKeySpecException last = null;
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException e) {
                last = e;
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has " + algorithm, e);
            }
        }
        throw new IOException(source + ": the private key is broken, or neither EC, RSA nor Ed25519", last);
    }

    private static String convert(String source) {
        return "make one that is: openssl pkcs8 -topk8 -nocrypt -in " + source + " -out NEW.pem";
    }

    /** A certificate as PEM, with a line end. */
    public static String encode(X509Certificate certificate) {
        try {
            return "-----BEGIN CERTIFICATE-----\n" + LINES.encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (CertificateException e) {
            throw new IllegalArgumentException("a certificate without an encoding", e);
        }
    }

    private static String text(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw new IOException(file + ": larger than " + MAX_FILE_BYTES + " bytes");
            }
            if (bytes.length > 0 && bytes[0] == 0x30) {
                throw new IOException(file + ": this is DER, PEM is needed: openssl x509 -inform der -in " + file
                        + " -out NEW.pem (pkcs8 in place of x509 for a key)");
            }
            return new String(bytes, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": there is no such file", e);
        } catch (AccessDeniedException e) {
            throw new IOException(file + ": may not be read by this user", e);
        }
    }

    private static List<Block> blocks(String text, String source) throws IOException {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        int end = 0;
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2)));
            end = matcher.end();
        }
        if (text.indexOf("-----BEGIN ", end) >= 0) {
            throw new IOException(source + ": a '-----BEGIN' in it has no matching '-----END'");
        }
        return blocks;
    }

    private static byte[] decode(Block block, String source) throws IOException {
        try {
            return Base64.getDecoder().decode(block.content.replaceAll("[ \t\r\n]", ""));
        } catch (IllegalArgumentException e) {
            throw new IOException(source + ": the " + block.label + " in it is not base64: " + e.getMessage(), e);
        }
    }
}
