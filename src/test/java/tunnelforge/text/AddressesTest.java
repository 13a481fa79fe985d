package tunnelforge.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 5952 section 4. */
final class AddressesTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "[::1], ::1",
        "[::], ::",
        "[2001:0DB8:0:0:0:0:0:1], 2001:db8::1",
        "[2001:db8:0:1:1:1:1:1], 2001:db8:0:1:1:1:1:1",
        "[2001:0:0:1:0:0:0:1], 2001:0:0:1::1",
        "[2001:db8:0:0:1:0:0:1], 2001:db8::1:0:0:1",
        "[1:0:0:0:0:0:0:0], 1::",
        "[fe80::a:0], fe80::a:0",
        "[::ffff:192.0.2.1], 192.0.2.1"})
    void isWrittenAsPeopleWriteIt(String literal, String text) throws Exception {
        assertEquals(text, Addresses.text(InetAddress.getByName(literal)));
    }

    private static byte[] bytes(String text) {
        InetAddress address = Addresses.ofHost(text);
        return address == null ? null : address.getAddress();
    }

    @Test
    void areParsedAndNeverLookedUp() {
        assertArrayEquals(new byte[] {127, 0, 0, 1}, bytes("127.0.0.1"));
        assertArrayEquals(new byte[] {(byte) 255, 0, 10, 1}, bytes("255.0.10.1"));
        assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, bytes("::1"));
        assertArrayEquals(bytes("fe80::1"), bytes("[fe80::1%nosuchzone]"));
        for (String none : List.of("", "localhost", "1.2.3", "1.2.3.256", "1.2.3.4.5", "1.2.3.", "1..2.3", "0x7f.0.0.1",
                "01.2.3.4", "\u0661.2.3.4", "::g", ":", "1:2", "a:b.example", "[a.example]", "1.2.3.-4", "1234.1.1.1", "1.2.3.4%1", "%::1")) {
            assertNull(Addresses.ofHost(none), none);
        }
        assertNull(Addresses.parse("[::1]"));
        assertNull(Addresses.parse("fe80::1%eth0"));
    }

    /** The JDK's parser, which takes more, must agree where it and ours take a text. */
    @Test
    void ipv6IsReadAsTheJdkReadsIt() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int taken = 0;
        for (int round = 0; round < 50_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(2, 12); i > 0; i--) {
                text.append(List.of(":", ":", "::", "0", "1", "ab", "ffff", "1:", "2:", "1.2.3.4", ":c").get(random.nextInt(11)));
            }
            InetAddress ours = Addresses.parse(text.toString());
            if (ours == null) {
                continue;
            }
            taken++;
            assertEquals(InetAddress.getByName(text.indexOf(":") < 0 ? text.toString() : "[" + text + "]"), ours, text + ", seed " + seed);
            assertEquals(ours, Addresses.parse(Addresses.text(ours)), "seed " + seed);
        }
        assertTrue(taken > 500, taken + " were addresses, seed " + seed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1:2:3:4:5:6:7:8", "::", "1::", "::8", "1::8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4", "::ffff:1.2.3.4", "::1.2.3.4"})
    void everyFormOfIpv6IsTaken(String text) throws Exception {
        assertEquals(InetAddress.getByName("[" + text + "]"), Addresses.parse(text));
    }
}
