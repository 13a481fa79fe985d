package tunnelforge.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static tunnelforge.net.TestHello.message;
import static tunnelforge.net.TestHello.record;
import static tunnelforge.net.TestHello.records;
import static tunnelforge.net.TestHello.sni;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import tunnelforge.fuzz.Codec;
import tunnelforge.text.AddressRange;
import tunnelforge.text.Addresses;
import tunnelforge.text.HostNames;

/** The beginning of TLS, and what files and command lines say of certificates, keys and addresses, for the fuzzer. */
public final class NetCodecs {
    /** Made for this, and nothing else: the same inputs come of the same seed. */
    private static final String CERTIFICATE = "MIIBpjCCAUygAwIBAgIUXQKTv+9Yp59RNvEd+cDukfCWbxUwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJYS5leGFtcGxlMB4XDTI2MTEyNjA5MjE0OFoXDTM2MTEyMzA5MjE0OFowFDES"
            + "MBAGA1UEAwwJYS5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEg8Rf6Tg78+fs3TCBwmRCJ/dIjTtR60/D2ZEJ7rO1KqMczbt/0Ew4HVc9McFRhJG+ATOiNYatTVhxRX3S"
            + "QcTemKN8MHowHQYDVR0OBBYEFP8trFe4GWieGhbTSzwGiYDh8uP0MB8GA1UdIwQYMBaAFP8trFe4GWieGhbTSzwGiYDh8uP0MA8GA1UdEwEB/wQFMAMBAf8wJwYDVR0RBCAwHoIJYS5l"
            + "eGFtcGxlggsqLmIuZXhhbXBsZYcEwAACATAKBggqhkjOPQQDAgNIADBFAiEA2a+3gUJLcYcF4R2V62YIciDl8Ycms60A5Nvax8m62KwCICPDhrkgRSgrNHNOOx1ru1ts68nKd1Ww8130"
            + "AqTo+mKX";
    private static final String EC_KEY = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBMnFcqQPZxjg2TVmimrSdrE7qACIGFHGlQ/P4EywGoChRANCAASDxF/pODvz5+zdMIHCZEIn90iNO1HrT8PZkQnus7Uq"
            + "oxzNu3/QTDgdVz0xwVGEkb4BM6I1hq1NWHFFfdJBxN6Y";
    private static final String OLD_EC_KEY = "MHcCAQEEIATJxXKkD2cY4Nk1Zopq0naxO6gAiBhRxpUPz+BMsBqAoAoGCCqGSM49AwEHoUQDQgAEg8Rf6Tg78+fs3TCBwmRCJ/dIjTtR60/D2ZEJ7rO1KqMczbt/0Ew4HVc9McFRhJG+"
            + "ATOiNYatTVhxRX3SQcTemA==";
    private static final String ED25519_KEY = "MC4CAQAwBQYDK2VwBCIEIKqm8GzDw+Zyb3vqibewjCSQPcq5IJAZo1OW4fLbkDSx";
    private static final String OLD_RSA_KEY = "MIICXQIBAAKBgQDWCR5b1OaWlUDCQLHBpMzGn2gTh2lBuvmqrYRlZ7xzKoSSyp+kSv4gMwVSXiXk65oOzBLi4WjSdyZtISgqDTSEWg3G0DBRM2O0/jTDjMs4l3/oh/OXC4jsAP1wFFfQ"
            + "+XT1+WZgQYk2Ck0/pWItsIVB0qJI4qkkCrIVPIIR8p5JXwIDAQABAoGAR1YkszDDZf765YOQe10FD1JD6vZf45OA8R0CGpY3nh7WruIv0R9ZkbvPk0Nj1+eaokHsLYg5WqRxvz+k1lcu"
            + "YC4kSfFJ35BuXIGsVxj9d1tr8nl38Qt4BmAUQb5GsNi90YnyVTA4wBqoMPpWt+tMIzGAvB1FNIFCTEJ7jel7EXkCQQD37naEFdj2O4bq52x3mxndFX/4RbA2cldPxFLUn4319+/AFhZP"
            + "e8EozjmkbarkIe6cRe052OtSF1cGiEc4WGeVAkEA3QBEMgpPPR9nBcFt8dJ2ICRG9INpIWt1ew68n3qT9WekzFqx0zrMJKj5PwQec5i6M0F9ErYorsYQ1uS/99+gIwJBAOn24WZyC4UJ"
            + "1Z7U9vnDptuID3Qlp00qB5Thqly1mMyVxWyaK0GkgjpUqfat+wc/siFMp7ngJukX12r1rWfRnSUCQQC4NRqioxk9F0ml8H6VzBkN3W8PK+GbK5i2w6fRPjjJmmQwuX/zUtUJ0ZY/Qk2n"
            + "iKvbQUDhMdhjJVCv7edc0pcFAkBDWRidolYlYjW1MNpr9C0XRjR2lXrYZZr5ACDq+Sj12X+km35W05x2sysXQZ29rePfQWT5n14A4KFJkM0AbwN2";
    private static final String[] LABELS = {"PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"};
    /** A file in memory as text, as its base64 and as DER, and what the JDK makes of each element: most where an element is of indefinite length. */
    private static final int PER_OCTET_OF_PEM = 256;
    private static final int JDK = 256 * 1024;

    private NetCodecs() {
    }

    public static List<Codec<?>> all() {
        return List.of(clientHellos(), pemFiles(), certificates(), keys(), addressRanges(), pins());
    }

    private static Codec<?> clientHellos() {
        byte[] hello = message(sni("Quick-Fox.Tunnel.Example"), TestHello.extension(43, new byte[] {2, 3, 4}), TestHello.extension(51, new byte[200]));
        return Codec.<ClientHello>ofStream("client-hellos", (in, found) -> {
            ClientHello read = ClientHello.read(in, ClientHello.DEFAULT_LIMIT_BYTES);
            assertEquals(in.taken(), read.bytes().length);
            assertArrayEquals(Arrays.copyOf(in.octets(), in.taken()), read.bytes());
            found.accept(read);
        }).from(record(hello), records(hello, 1), records(hello, 40), record(message()), record(message(sni("a.example."))), record(message(sni("192.0.2.1"))),
            record(message(sni("-a"))),
            TestHello.join(record(hello), record(hello)), record(TestHello.handshake(TestHello.upToExtensions())), "GET / HTTP/1.1\r\n".getBytes(ISO_8859_1), new byte[] {22, 3, 1,
                    0x40, 0},
            new byte[] {22, 3, 1, 0, 4, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff}).spicedWith("\u0016\u0003\u0001\0\u0004", "\0\0\0\u0005\0\u0003\0\0\0", "a.example")
            .refusesBy(ClientHelloException.class, NotTlsException.class, EOFException.class).withCode(e -> e instanceof ClientHelloException refusal ? " " + refusal.alert() : "")
            .inWords(read -> read.serverName() + read.bytes().length).upTo(ClientHello.DEFAULT_LIMIT_BYTES + 2000)
            // Doubled while it grows, the message out of its records, and copies of it all: its own, and those for the asserts above.
            .allocates(8 * 1024, 10, ClientHello.DEFAULT_LIMIT_BYTES).suchThat(read -> {
                String name = read.serverName();
                assertTrue(name == null || HostNames.isName(name) && name.equals(HostNames.normalise(name)) && Addresses.ofHost(name) == null, name);
                assertEquals(name, ClientHello.read(new ByteArrayInputStream(read.bytes()), read.bytes().length).serverName());
            });
    }

    // ---- Certificates and keys. ----

    private static String pem(String label, String base64) {
        return "-----BEGIN " + label + "-----\n" + base64.replaceAll("(.{64})", "$1\n") + "\n-----END " + label + "-----\n";
    }

    private static String pem(String label, byte[] der, int from) {
        return pem(label, Base64.getEncoder().encodeToString(Arrays.copyOfRange(der, Math.min(from, der.length), der.length)));
    }

    private static Codec<?> pemFiles() {
        String certificate = pem("CERTIFICATE", CERTIFICATE);
        return Codec.<List<X509Certificate>>ofOctetText("pem-files", text -> {
            try {
                assertNotNull(Pem.privateKey(text, "a file"));
            } catch (IOException e) {
                assertEquals(IOException.class, e.getClass());
            }
            return Pem.certificates(text);
        }).from(certificate, "subject=/CN=x\r\n" + certificate + certificate + pem("PRIVATE KEY", ED25519_KEY), pem("EC PRIVATE KEY", OLD_EC_KEY), pem("RSA PRIVATE KEY", OLD_RSA_KEY),
            pem("ENCRYPTED PRIVATE KEY", EC_KEY), "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
            .spicedWith("-----BEGIN CERTIFICATE-----\n", "\n-----END CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED", "=",
            "-----")
            .refusesBy(IOException.class).allocates(JDK, PER_OCTET_OF_PEM).suchThat(list -> list.forEach(NetCodecs::checkCertificate));
    }

    private static Codec<?> certificates() {
        return Codec.<X509Certificate>ofOctets("certificates", (in, found) -> Pem.certificates(pem("CERTIFICATE", in.octets(), 0)).forEach(found))
                .from(Base64.getDecoder().decode(CERTIFICATE)).refusesBy(IOException.class).allocates(JDK, PER_OCTET_OF_PEM).suchThat(NetCodecs::checkCertificate);
    }

    private static void checkCertificate(X509Certificate certificate) {
        try {
            assertEquals(List.of(certificate), Pem.certificates(Pem.encode(certificate)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        ServerNames.of(certificate);
        ServerNames.covers(certificate, "a.example");
        assertTrue(Pin.of(certificate).matches(certificate));
    }

    /** The first octet chooses the label. */
    private static Codec<?> keys() {
        return Codec.<PrivateKey>ofOctets("private-keys", (in, found) -> {
            byte[] octets = in.octets();
            found.accept(Pem.privateKey(pem(LABELS[octets.length == 0 ? 0 : (octets[0] & 0xff) % LABELS.length], octets, 1), "a file"));
        }).from(key(0, EC_KEY), key(0, ED25519_KEY), key(1, OLD_EC_KEY), key(2, OLD_RSA_KEY)).refusesBy(IOException.class).allocates(JDK, PER_OCTET_OF_PEM)
            .suchThat(key -> assertEquals(key, Pem.privateKey(pem("PRIVATE KEY", key.getEncoded(), 0), "a file")));
    }

    private static byte[] key(int label, String base64) {
        return TestHello.join(new byte[] {(byte) label}, Base64.getDecoder().decode(base64));
    }

    // ---- Words on a command line. ----

    private static Codec<?> addressRanges() {
        return Codec.ofText("address-ranges", AddressRange::parse).from("10.0.0.0/8", "2001:db8::/32", "192.0.2.1", "::ffff:192.0.2.1/96", "::/0", "0.0.0.0/0", "1.2.3.4/33",
                "fe80::1%eth0/64")
                .spicedWith("/", "::", "128", "032", "ffff").refusesBy(IllegalArgumentException.class).allocates(8 * 1024, 32).suchThat(range -> {
                    assertEquals(range, AddressRange.parse(range.toString()));
                    assertTrue(range.contains(range.network()));
                });
    }

    private static Codec<?> pins() {
        return Codec.ofText("pins", Pin::parse).from("sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "sha256//////////////////////////////////////////////8=",
                "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "sha1/AAAA").spicedWith("sha256/", "/", "=",
                "==").refusesBy(IllegalArgumentException.class).allocates(8 * 1024, 64)
                .suchThat(pin -> assertEquals(pin, Pin.parse(pin.toString())));
    }
}
