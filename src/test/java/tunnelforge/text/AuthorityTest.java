package tunnelforge.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

/** RFC 9110 section 7.2, RFC 3986 section 3.2.2. */
class AuthorityTest {
    private static String host(String text) {
        return Authority.parse(text).host();
    }

    @Test
    void namesAreLowerCaseWithoutPortAndTrailingDot() {
        assertEquals("example.com", host("Example.COM"));
        assertEquals("example.com", host("example.com:8443"));
        assertEquals("example.com", host("example.com."));
        assertEquals("example.com", host("example.com.:80"));
        assertEquals("a", host("a"));
        assertEquals("_x-1.a", host("_x-1.a:0"));
        assertEquals("127.0.0.1", host("127.0.0.1:65535"));
    }

    /** RFC 3986 section 3.2.3. */
    @Test
    void aPortMayBeEmpty() {
        for (String text : new String[] {"a:", "A.:", "[::1]:"}) {
            assertEquals(Authority.NO_PORT, Authority.parse(text).port());
            assertEquals(text.startsWith("[") ? "::1" : "a", host(text));
        }
    }

    @Test
    void ipv6StandsInBrackets() {
        assertEquals("::1", host("[::1]"));
        assertEquals("::", host("[::]:443"));
        assertEquals("2001:db8::a:b", host("[2001:DB8::A:b]:8443"));
        assertEquals("1:2:3:4:5:6:7:8", host("[1:2:3:4:5:6:7:8]"));
        assertEquals("1:2:3:4:5:6:7::", host("[1:2:3:4:5:6:7::]"));
        assertEquals("::ffff:127.0.0.1", host("[::ffff:127.0.0.1]"));
        assertEquals("1:2:3:4:5:6:1.2.3.4", host("[1:2:3:4:5:6:1.2.3.4]"));
    }

    @Test
    void whatIsNoHostWithAPortIsRefused() {
        for (String bad : new String[] {"", ".", "..", ".a", "a..b", "a..", ":80", ":", "a::", "a:x", "a:-1", "a:65536", "a:123456", "a:80:80", "a b", "a,b",
            "a@b", "user:pw@a", "a/b", "a?b", "a#b", "a\\b", "a%41", "\u00e9.com", "a\u00ff", "\u212a", "a\t", " a", "a;b", "a'b", "*.a", "-a", "a-.b", "1.2.3", "256.1.1.1", "01.2.3.4", "a.1", "a.0x7f",
            "[]", "[", "]", "[:]", "[::1", "::1", "[::1]a", "[::1]a:80", "[::1]::", "[::1]]", "a[::1]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]",
            "[1:2:3:4:5:6:7:8::]", "[::1::]", "[:::]", "[:1]", "[1:]", "[12345::]", "[g::]", "[::1%eth0]", "[::1%25eth0]", "[::1.2.3]",
            "[::1.2.3.256]", "[::1.2.3.04]", "[::1.2.3.4.5]", "[1.2.3.4]", "[1:2:3:4:5:6:7:1.2.3.4]", "[v1.a]", "[\u0661::]",
            "a".repeat(64), ("a".repeat(63) + ".").repeat(4) + "a"}) {
            assertNull(Authority.parse(bad), bad);
        }
        assertEquals(63, host("a".repeat(63)).length());
        assertEquals(253, host("a.".repeat(126) + "a:1").length());
        assertNull(Authority.parse("a.".repeat(126) + "aa"));
    }

    @Test
    void printedFormIsReadAgain() {
        for (String text : new String[] {"a", "a:0", "192.0.2.1:80", "[::1]", "[2001:db8::1]:443"}) {
            assertEquals(text, Authority.parse(text).toString());
        }
        assertEquals("a.b:80", Authority.parse("A.b.:80").toString());
    }

    @Test
    void ports() {
        assertEquals(8443, Authority.parse("a:8443").port(443));
        assertEquals(443, Authority.parse("a").port(443));
        assertEquals(443, Authority.parse("[::1]").port(443));
        assertEquals(0, Authority.parse("[::1]:0").port(443));
    }
}
