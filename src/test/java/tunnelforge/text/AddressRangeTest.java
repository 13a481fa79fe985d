package tunnelforge.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressRangeTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, true", "10.0.0.0/8, 11.0.0.0, false", "10.20.30.40/8, 10.1.1.1, true", "192.0.2.128/25, 192.0.2.127, false",
        "192.0.2.128/25, 192.0.2.128, true", "192.0.2.1, 192.0.2.1, true", "192.0.2.1, 192.0.2.2, false", "192.0.2.4/31, 192.0.2.5, true",
        "0.0.0.0/0, 255.255.255.255, true", "0.0.0.0/0, ::1, false", "2001:db8::/32, 2001:db8:ffff::1, true", "2001:db8::/33, 2001:db8:8000::, false",
        "::/0, 192.0.2.1, false", "::1, ::1, true", "::ffff:192.0.2.0/120, 192.0.2.7, true",
        "::ffff:192.0.2.0/120, 192.0.3.7, false", "::ffff:c000:201, 192.0.2.1, true", "::ffff:192.0.2.1, 192.0.2.2, false", "::ffff:0:0/96, 203.0.113.9, true",
        "192.0.2.0/24, ::ffff:192.0.2.7, true", "::/0, ::1, true"
    })
    void containsWhatBeginsWithTheSameBits(String range, String address, boolean contained) throws Exception {
        assertEquals(contained, AddressRange.parse(range).contains(InetAddress.getByName(address)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "/8", "example.com", "example.com/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0/+8", "::/129", ":::/8", "1.2.3.4.5", "::ffff:192.0.2.0/24", "::ffff:192.0.2.0/129",
        "10.0.0.0/0008"})
    void whatIsNoneIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> AddressRange.parse(text));
    }

    @Test
    void isWrittenAsItIsRead() {
        assertEquals("10.0.0.0/8", AddressRange.parse("10.0.0.0/8").toString());
        assertEquals("192.0.2.1", AddressRange.parse("192.0.2.1/32").toString());
        assertEquals("::1", AddressRange.parse("::1").toString());
        assertEquals("2001:db8::/32", AddressRange.parse("2001:DB8:0::/32").toString());
    }

    @Test
    void aRefusalShowsNothingThatTheTerminalObeys() {
        String message = assertThrows(IllegalArgumentException.class, () -> AddressRange.parse("\u001b[2J\n" + "x".repeat(1000))).getMessage();
        assertTrue(message.contains("not '\\u001b[2J\\nxxx") && message.length() < 200, message);
    }
}
