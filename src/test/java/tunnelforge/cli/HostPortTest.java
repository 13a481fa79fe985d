package tunnelforge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class HostPortTest {
    private static void refused(String message, String text) {
        assertEquals("address '" + text + "': " + message,
                assertThrows(UsageException.class, () -> HostPort.parse(text, 443), text).getMessage());
    }

    @Test
    void namesAndAddressesWithAndWithoutAPort() throws Exception {
        assertEquals(new HostPort("tunnel.example.com", 8443), HostPort.parse("Tunnel.Example.COM:8443", 443));
        assertEquals(new HostPort("tunnel.example.com", 443), HostPort.parse("tunnel.example.com.", 443));
        assertEquals(new HostPort("localhost", 1), HostPort.parse("localhost:1", 443));
        assertEquals(new HostPort("my_host-1", 65535), HostPort.parse("my_host-1:65535", 443));
        assertEquals(new HostPort("192.0.2.1", 443), HostPort.parse("192.0.2.1", 443));
        assertEquals(new HostPort("0.0.0.0", 80), HostPort.parse("0.0.0.0:80", 443));
        assertEquals(new HostPort("::1", 443), HostPort.parse("[::1]", 443));
        assertEquals(new HostPort("2001:db8::1", 8443), HostPort.parse("[2001:DB8::1]:8443", 443));
        assertEquals(new HostPort("fe80::1%eth0", 443), HostPort.parse("[fe80::1%eth0]", 443));
        assertEquals(new HostPort("::ffff:1.2.3.4", 443), HostPort.parse("[::ffff:1.2.3.4]", 443));
    }

    @Test
    void printedFormIsReadAgain() throws Exception {
        for (String text : List.of("host:443", "192.0.2.1:1", "[::1]:443", "[fe80::1%eth0]:9")) {
            assertEquals(text, HostPort.parse(text, 1).toString());
        }
    }

    @Test
    void hostsThatAreNone() {
        for (String text : List.of("", ":443", ".", "a..b", "-a", "a-", "a b",
                "m\u00fcnchen", "\u212a", "[]", "[]:443", "[1.2.3.4]", "[host]:1", "[abcd]", "[:::]", "[::1%]", "[::1%a b]", "[12345::]",
                "1.2.3", "1.2.3:80", "256.1.1.1", "1.2.3.4.5", "01.2.3.4", "a.1", "a".repeat(64), "a.".repeat(126) + "aa")) {
            String message = assertThrows(UsageException.class, () -> HostPort.parse(text, 443), text).getMessage();
            assertEquals(true, message.endsWith(": not a host name or address"), message);
        }
    }

    @Test
    void aPasswordIsNotShown() {
        String message = assertThrows(UsageException.class, () -> HostPort.parse("user:secret@host:443", 443)).getMessage();
        assertEquals("an address has no user: only a host and a port are wanted, as in example.com:443", message);
    }

    @Test
    void whatIsWrongIsSaid() {
        refused("an IPv6 address goes in brackets, as in [::1]:443", "::1");
        refused("an IPv6 address goes in brackets, as in [::1]:443", "[::1");
        refused("only a host and a port are wanted, as in example.com:443", "https://host");
        refused("only a host and a port are wanted, as in example.com:443", "host:443/");
        refused("a host is missing, as in 127.0.0.1:4041", "4041");
        for (String text : List.of("h:", "h:0", "h:65536", "h:x", "h:+1", "h:-1", "h:000001", "[::1]443", "[::1]x", "[::1]:", "h:\u0661")) {
            refused("the port must be a number from 1 to 65535", text);
        }
        assertEquals("address 'h': a port is missing, as in h:443",
                assertThrows(UsageException.class, () -> HostPort.parse("h", 0)).getMessage());
        assertEquals("address '\\u001b[2J': not a host name or address",
                assertThrows(UsageException.class, () -> HostPort.parse("\u001b[2J", 443)).getMessage());
    }

    @Test
    void recordIsValidOnceBuilt() {
        assertThrows(IllegalArgumentException.class, () -> new HostPort("", 1));
        assertThrows(IllegalArgumentException.class, () -> new HostPort("h", -1));
        assertThrows(IllegalArgumentException.class, () -> new HostPort("h", 65536));
    }

    @Test
    void aRefusalShowsNoLongText() {
        String message = assertThrows(UsageException.class, () -> HostPort.parse("1".repeat(2000), 443)).getMessage();
        assertTrue(message.length() < 200, message);
    }
}
