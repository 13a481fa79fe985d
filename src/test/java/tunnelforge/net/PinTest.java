package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.KeyPair;
import java.security.MessageDigest;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PinTest {
    private static final String HASH = Base64.getEncoder().encodeToString(new byte[32]);

    @Test
    void isTheHashOfTheSubjectPublicKeyInfo() throws Exception {
        KeyPair keys = TestCertificates.keys("EC");
        KeyEntry entry = TestCertificates.of("a").keyPair(keys).make();
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(keys.getPublic().getEncoded());
        assertEquals("sha256/" + Base64.getEncoder().encodeToString(hash), Pin.of(entry.leaf()).toString());
    }

    @Test
    void staysWhenACertificateIsRenewedWithItsKey() {
        KeyPair keys = TestCertificates.keys("EC");
        Pin pin = Pin.parse(Pin.of(TestCertificates.of("a").keyPair(keys).make().leaf()).toString());
        assertTrue(pin.matches(TestCertificates.of("b").keyPair(keys).names("b").make().leaf()));
        assertFalse(pin.matches(TestCertificates.of("a").make().leaf()));
    }

    @Test
    void readsItsPrintedFormAndTheOneOfCurl() {
        assertEquals("sha256/" + HASH, Pin.parse("sha256/" + HASH).toString());
        assertEquals(Pin.parse("sha256/" + HASH), Pin.parse("sha256//" + HASH));
        String slash = "/" + HASH.substring(1);
        assertEquals("sha256/" + slash, Pin.parse("sha256/" + slash).toString());
        assertEquals("sha256/" + slash, Pin.parse("sha256//" + slash).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sha256/", "sha256/AAAA", "sha1/AAAA", "sha256/!!!!", "SHA256:abc", "sha256/ AAAA",
        "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    void refusesWhatIsNoPin(String text) {
        assertThrows(IllegalArgumentException.class, () -> Pin.parse(text));
    }

    @Test
    void aRefusalShowsNothingThatTheTerminalObeys() {
        for (String pin : new String[] {"\u001b[2J\n", "sha256/\u001b[2J\n"}) {
            String message = assertThrows(IllegalArgumentException.class, () -> Pin.parse(pin + "x".repeat(1000))).getMessage();
            assertTrue(message.contains("'\\u001b[2J\\nxxx") && message.length() < 250, message);
        }
    }
}
