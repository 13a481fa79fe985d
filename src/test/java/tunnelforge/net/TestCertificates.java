package tunnelforge.net;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import tunnelforge.text.Addresses;

/**
 * Makes X.509 certificates in memory, right ones and wrong ones (RFC 5280 section 4.1), with a DER writer of its own.
 */
public final class TestCertificates {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    private final String subject;
    private KeyPair keys;
    private KeyEntry issuer;
    private Boolean authority;
    private String usage = SERVER_AUTH;
    private List<String> names = List.of();
    private Instant from = Instant.now().minusSeconds(3600);
    private Instant until = Instant.now().plusSeconds(86_400);

    private TestCertificates(String subject) {
        this.subject = subject;
    }

    /** A self-signed CA. */
    public static KeyEntry ca(String subject) {
        return new TestCertificates(subject).authority(true).make();
    }

    /** A server's certificate, EC P-256, from that CA. */
    public static KeyEntry server(KeyEntry ca, String... names) {
        return of("server").from(ca).names(names).make();
    }

    /** An agent's certificate, EC P-256, from that CA; its only name is the subject. */
    public static KeyEntry client(KeyEntry ca, String subject) {
        return of(subject).from(ca).forClients().make();
    }

    public static TestCertificates of(String subject) {
        return new TestCertificates(subject);
    }

    public static KeyPair keys(String algorithm) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (!algorithm.startsWith("Ed")) {
                generator.initialize(algorithm.equals("EC") ? 256 : 2048);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public TestCertificates from(KeyEntry issuer) {
        this.issuer = issuer;
        return this;
    }

    public TestCertificates keyPair(KeyPair keys) {
        this.keys = keys;
        return this;
    }

    public TestCertificates names(String... names) {
        this.names = List.of(names);
        return this;
    }

    /** A dNSName whatever it looks like. */
    public TestCertificates dnsName(String name) {
        this.names = List.of("dns:" + name);
        return this;
    }

    /** One without names says what it is for: this one for clients, any other for servers. */
    public TestCertificates forClients() {
        this.usage = CLIENT_AUTH;
        return this;
    }

    /** Basic constraints; without this call there are none. */
    public TestCertificates authority(boolean authority) {
        this.authority = authority;
        return this;
    }

    public TestCertificates valid(Instant from, Instant until) {
        this.from = from;
        this.until = until;
        return this;
    }

    public KeyEntry make() {
        try {
            KeyPair own = keys == null ? keys("EC") : keys;
            boolean ed = (issuer == null ? own.getPrivate() : issuer.key()).getAlgorithm().startsWith("Ed");
            boolean rsa = (issuer == null ? own.getPrivate() : issuer.key()).getAlgorithm().equals("RSA");
            byte[] algorithm = ed ? der(0x30, oid("1.3.101.112"))
                    : rsa ? der(0x30, oid("1.2.840.113549.1.1.11"), der(0x05)) : der(0x30, oid("1.2.840.10045.4.3.2"));
            byte[] body = der(0x30, der(0xa0, integer(2)), integer(ThreadLocalRandom.current().nextInt(1, 1 << 30)),
                    algorithm,
                    issuer == null ? name(subject) : issuer.leaf().getSubjectX500Principal().getEncoded(),
                    der(0x30, time(from), time(until)), name(subject), own.getPublic().getEncoded(),
                    der(0xa3, der(0x30, extensions())));
            Signature signature = Signature.getInstance(ed ? "Ed25519" : rsa ? "SHA256withRSA" : "SHA256withECDSA");
            signature.initSign(issuer == null ? own.getPrivate() : issuer.key());
            signature.update(body);
            byte[] certificate = der(0x30, body, algorithm, bits(signature.sign()));
            List<X509Certificate> chain = new ArrayList<>();
            chain.add((X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(certificate)));
            if (issuer != null) {
                chain.addAll(issuer.chain());
            }
            return new KeyEntry(own.getPrivate(), chain);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes a chain and its key into one file, as PEM. */
    public static void write(KeyEntry entry, Path file) throws IOException {
        StringBuilder pem = new StringBuilder();
        entry.chain().forEach(certificate -> pem.append(Pem.encode(certificate)));
        String key = Base64.getMimeEncoder().encodeToString(entry.key().getEncoded());
        Files.writeString(file, pem + "-----BEGIN PRIVATE KEY-----\n" + key + "\n-----END PRIVATE KEY-----\n");
    }

    private byte[] extensions() {
        ByteArrayOutputStream extensions = new ByteArrayOutputStream();
        if (authority != null) {
            byte[] constraints = authority ? der(0x30, new byte[] {1, 1, (byte) 0xff}) : der(0x30);
            extensions.writeBytes(der(0x30, oid("2.5.29.19"), new byte[] {1, 1, (byte) 0xff}, der(0x04, constraints)));
        }
        ByteArrayOutputStream alternatives = new ByteArrayOutputStream();
        for (String name : names) {
            InetAddress address = Addresses.ofHost(name);
            byte[] dnsName = name.replace("dns:", "").getBytes(StandardCharsets.ISO_8859_1);
            alternatives.writeBytes(address == null ? der(0x82, dnsName) : der(0x87, address.getAddress()));
        }
        if (!names.isEmpty()) {
            extensions.writeBytes(der(0x30, oid("2.5.29.17"), der(0x04, der(0x30, alternatives.toByteArray()))));
        }
        if (extensions.size() == 0 || usage.equals(CLIENT_AUTH)) {
            // The list may not be empty: an extended key usage of serverAuth changes nothing for a server.
            extensions.writeBytes(der(0x30, oid("2.5.29.37"), der(0x04, der(0x30, oid(usage)))));
        }
        return extensions.toByteArray();
    }

    private static byte[] name(String commonName) {
        return der(0x30, der(0x31, der(0x30, oid("2.5.4.3"), der(0x0c, commonName.getBytes(StandardCharsets.UTF_8)))));
    }

    private static byte[] time(Instant time) {
        return der(0x18, TIME.format(time).getBytes(StandardCharsets.US_ASCII));
    }

    static byte[] integer(long value) {
        return der(0x02, BigInteger.valueOf(value).toByteArray());
    }

    static byte[] bits(byte[] content) {
        return der(0x03, new byte[1], content);
    }

    static byte[] oid(String dotted) {
        String[] parts = dotted.split("\\.");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(Integer.parseInt(parts[0]) * 40 + Integer.parseInt(parts[1]));
        for (int i = 2; i < parts.length; i++) {
            int part = Integer.parseInt(parts[i]);
            for (int shift = 28; shift >= 0; shift -= 7) {
                if (part >> shift != 0 || shift == 0) {
                    out.write(part >> shift & 0x7f | (shift == 0 ? 0 : 0x80));
                }
            }
        }
        return der(0x06, out.toByteArray());
    }

    static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        int length = content.size();
        if (length >= 0x100) {
            out.writeBytes(new byte[] {(byte) 0x82, (byte) (length >> 8), (byte) length});
        } else if (length >= 0x80) {
            out.writeBytes(new byte[] {(byte) 0x81, (byte) length});
        } else {
            out.write(length);
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }
}
