package tunnelforge.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class DigestsTest {
    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** FIPS 180-2 appendix B.1 and A.1. */
    @Test
    void knownOnes() {
        assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                HexFormat.of().formatHex(Digests.sha256(octets("a"), octets(""), octets("bc"))));
        assertEquals("a9993e364706816aba3e25717850c26c9cd0d89d", HexFormat.of().formatHex(Digests.sha1(octets("abc"))));
    }

    @Test
    void secretsAreTheSameOrNot() {
        assertTrue(Digests.same("token", "token"));
        assertFalse(Digests.same("token", "Token"));
        assertFalse(Digests.same("token", "token1"));
        assertFalse(Digests.same("", "token"));
    }
}
