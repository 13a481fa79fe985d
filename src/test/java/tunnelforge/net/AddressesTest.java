package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}
