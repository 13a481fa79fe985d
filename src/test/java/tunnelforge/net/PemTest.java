package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static tunnelforge.net.TestCertificates.der;
import static tunnelforge.net.TestCertificates.integer;
import static tunnelforge.net.TestCertificates.oid;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PemTest {
    /** From {@code openssl ecparam -name prime256v1 -genkey}. */
    private static final String EC_OF_OPENSSL = """
            -----BEGIN EC PARAMETERS-----
            BggqhkjOPQMBBw==
            -----END EC PARAMETERS-----
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEIPLv+NPquhyt1gSF1QuI7HutMJKBKtf+So//c9QteEk8oAoGCCqGSM49
            AwEHoUQDQgAEIAuWSaqNofHSlAbEiUZtN1iERboWLz5uj74SmrajVYN78qY3SqBl
            IlDmn6EOWBfGdE6+kSwlS24yU/xzAZQMvQ==
            -----END EC PRIVATE KEY-----
            """;
    private static final KeyEntry CA = TestCertificates.ca("CA");
    private static final KeyEntry SERVER = TestCertificates.server(CA, "a.example");

    @TempDir
    Path directory;

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("file.pem"), text);
    }

    private static String pem(String label, byte[] content) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(content)
                + "\n-----END " + label + "-----\n";
    }

    private static String refused(String text) {
        String message = assertThrows(IOException.class, () -> Pem.privateKey(text, "key.pem")).getMessage();
        assertTrue(message.startsWith("key.pem: "), message);
        return message;
    }

    @Test
    void certificatesComeBackAsTheyWereWritten() throws IOException {
        String text = Pem.encode(SERVER.leaf()) + "subject=/CN=x\r\n" + Pem.encode(CA.leaf()).replace("\n", "\r\n");
        assertEquals(SERVER.chain(), Pem.certificates(text));
        assertEquals(SERVER.chain(), Pem.certificates(file(text)));
        assertTrue(Pem.encode(CA.leaf()).lines().allMatch(line -> line.length() <= 64));
    }

    @Test
    void certificatesBesideAKeyAreFoundAndTheKeyBesideThem() throws IOException {
        Path both = file(pem("PRIVATE KEY", SERVER.key().getEncoded()) + Pem.encode(SERVER.leaf()));
        assertEquals(List.of(SERVER.leaf()), Pem.certificates(both));
        assertEquals(SERVER.key(), Pem.privateKey(both));
        assertEquals(SERVER.leaf(), KeyEntry.load(both, both).leaf());
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA", "Ed25519"})
    void pkcs8KeysOfEachKindAreRead(String algorithm) throws IOException {
        KeyPair keys = TestCertificates.keys(algorithm);
        KeyEntry entry = TestCertificates.of("a").keyPair(keys).names("a.example").make();
        Path certificate = Files.writeString(directory.resolve("cert.pem"), Pem.encode(entry.leaf()));
        Path key = file(pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
        assertEquals(keys.getPrivate(), Pem.privateKey(key));
        assertEquals(List.of("a.example"), KeyEntry.load(certificate, key).names());
    }

    @Test
    void theOlderFormOfAnEcKeyIsRead() throws IOException {
        ECPrivateKey key = (ECPrivateKey) Pem.privateKey(EC_OF_OPENSSL, "key.pem");
        assertEquals("f2eff8d3eaba1cadd60485d50b88ec7bad3092812ad7fe4a8fff73d42d78493c", key.getS().toString(16));
        assertEquals(256, key.getParams().getCurve().getField().getFieldSize());
    }

    @Test
    void theOlderFormOfAnRsaKeyIsRead() throws IOException {
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) TestCertificates.keys("RSA").getPrivate();
        byte[] pkcs1 = der(0x30, integer(0), number(key.getModulus()), number(key.getPublicExponent()),
                number(key.getPrivateExponent()), number(key.getPrimeP()), number(key.getPrimeQ()),
                number(key.getPrimeExponentP()), number(key.getPrimeExponentQ()), number(key.getCrtCoefficient()));
        assertEquals(key, Pem.privateKey(pem("RSA PRIVATE KEY", pkcs1), "key.pem"));
    }

    private static byte[] number(java.math.BigInteger value) {
        return der(0x02, value.toByteArray());
    }

    @Test
    void wrappingGivesTheShortestLengths() {
        for (int length : new int[] {0, 100, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000}) {
            byte[] content = new byte[length];
            byte[] wrapped = OldKeyForms.rsa(content);
            byte[] header = switch (Integer.highestOneBit(length)) {
                case 0, 0x40 -> new byte[] {4, (byte) length};
                case 0x80 -> new byte[] {4, (byte) 0x81, (byte) length};
                case 0x100, 0x8000 -> new byte[] {4, (byte) 0x82, (byte) (length >> 8), (byte) length};
                default -> new byte[] {4, (byte) 0x83, 1, 0, 0};
            };
            int at = wrapped.length - length - header.length;
            assertArrayEquals(header, Arrays.copyOfRange(wrapped, at, wrapped.length - length), "length " + length);
        }
    }

    @Test
    void encryptedKeysAreRefusedWithTheWayOut() {
        String command = "openssl pkcs8 -topk8 -nocrypt -in key.pem";
        String old = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,D6\n\nPOyp\n"
                + "-----END EC PRIVATE KEY-----\n";
        for (String text : List.of(old, pem("ENCRYPTED PRIVATE KEY", new byte[9]))) {
            String message = refused(text);
            assertTrue(message.contains("encrypted") && message.contains(command), message);
        }
        assertTrue(refused(pem("DSA PRIVATE KEY", new byte[9])).contains(command));
        byte[] withoutCurve = der(0x30, integer(1), der(0x04, new byte[32]));
        assertTrue(refused(pem("EC PRIVATE KEY", withoutCurve)).contains(command));
    }

    @Test
    void whatIsBrokenIsNamed() throws IOException {
        assertTrue(refused("").contains("no '-----BEGIN PRIVATE KEY-----'"));
        assertTrue(refused(EC_OF_OPENSSL + EC_OF_OPENSSL).contains("several"));
        assertTrue(refused("-----BEGIN PRIVATE KEY-----\nAAAA\n").contains("no matching '-----END'"));
        assertTrue(refused("-----BEGIN PRIVATE KEY-----\nA!AA\n-----END PRIVATE KEY-----\n").contains("base64"));
        assertTrue(refused(pem("PRIVATE KEY", new byte[5])).contains("broken"));
        assertThrows(IOException.class, () -> Pem.certificates(""));
        assertThrows(IOException.class, () -> Pem.certificates(pem("CERTIFICATE", new byte[5])));
        Path none = directory.resolve("none.pem");
        assertTrue(assertThrows(IOException.class, () -> Pem.certificates(none)).getMessage().contains("no such file"));
        Path binary = Files.write(directory.resolve("a.der"), SERVER.key().getEncoded());
        assertTrue(assertThrows(IOException.class, () -> Pem.privateKey(binary)).getMessage().contains("DER"));
        Path large = Files.write(directory.resolve("large"), new byte[Pem.MAX_FILE_BYTES + 1]);
        assertTrue(assertThrows(IOException.class, () -> Pem.certificates(large)).getMessage().contains("larger than"));
    }

    @Test
    void brokenKeysOfTheOlderFormsAreNeverOurOwnError() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] good = der(0x30, integer(1), der(0x04, new byte[32]), der(0xa0, oid("1.2.840.10045.3.1.7")));
        for (int round = 0; round < 5000; round++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 1));
            for (int i = random.nextInt(4); i > 0 && bad.length > 0; i--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            try {
                PrivateKey read = Pem.privateKey(pem("EC PRIVATE KEY", bad), "key.pem");
                assertEquals("EC", read.getAlgorithm());
            } catch (IOException e) {
                assertTrue(e.getMessage().startsWith("key.pem: "), "seed " + seed + " round " + round);
            }
        }
    }

    @Test
    void aKeyMustBelongToTheFirstCertificate() throws IOException {
        Path key = Files.writeString(directory.resolve("key.pem"), pem("PRIVATE KEY", SERVER.key().getEncoded()));
        Path chain = Files.writeString(directory.resolve("chain.pem"), Pem.encode(SERVER.leaf()) + Pem.encode(CA.leaf()));
        assertEquals(SERVER.chain(), KeyEntry.load(chain, key).chain());
        Path reversed = Files.writeString(directory.resolve("reversed.pem"), Pem.encode(CA.leaf()) + Pem.encode(SERVER.leaf()));
        assertTrue(assertThrows(IOException.class, () -> KeyEntry.load(reversed, key)).getMessage().contains("must come first"));
        Path other = Files.writeString(directory.resolve("other.pem"), Pem.encode(CA.leaf()));
        String message = assertThrows(IOException.class, () -> KeyEntry.load(other, key)).getMessage();
        assertTrue(message.contains("other.pem") && message.contains("key.pem"), message);
    }

    @Test
    void aKeyIsNeverPrinted() {
        assertEquals("KeyEntry[a.example; " + Pin.of(SERVER.leaf()) + "]", SERVER.toString());
    }
}
