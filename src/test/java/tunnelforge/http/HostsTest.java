package tunnelforge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

/** RFC 9110 section 7.2, RFC 3986 section 3.2.2. */
class HostsTest {
    @Test
    void namesAreLowerCaseWithoutPortAndTrailingDot() {
        assertEquals("example.com", Hosts.name("Example.COM"));
        assertEquals("example.com", Hosts.name("example.com:8443"));
        assertEquals("example.com", Hosts.name("example.com."));
        assertEquals("example.com", Hosts.name("example.com.:80"));
        assertEquals("a", Hosts.name("a"));
        assertEquals("_x-1.a", Hosts.name("_x-1.a:0"));
        assertEquals("127.0.0.1", Hosts.name("127.0.0.1:65535"));
    }

    @Test
    void ipv6LiteralsKeepTheirBrackets() {
        assertEquals("[::1]", Hosts.name("[::1]"));
        assertEquals("[::]", Hosts.name("[::]:443"));
        assertEquals("[2001:db8::a:b]", Hosts.name("[2001:DB8::A:b]:8443"));
        assertEquals("[1:2:3:4:5:6:7:8]", Hosts.name("[1:2:3:4:5:6:7:8]"));
        assertEquals("[1:2:3:4:5:6:7::]", Hosts.name("[1:2:3:4:5:6:7::]"));
        assertEquals("[::ffff:127.0.0.1]", Hosts.name("[::ffff:127.0.0.1]"));
        assertEquals("[1:2:3:4:5:6:1.2.3.4]", Hosts.name("[1:2:3:4:5:6:1.2.3.4]"));
    }

    @Test
    void invalidOnesHaveNoName() {
        assertNull(Hosts.name(null));
        for (String bad : new String[] {"", ".", "..", ".a", "a..b", "a..", ":80", "a:", "a:x", "a:-1", "a:65536", "a:123456", "a:80:80", "a b", "a,b",
            "a@b", "user:pw@a", "a/b", "a?b", "a#b", "a\\b", "a%41", "\u00e9.com", "a\u00ff", "\u212a", "a\t", " a", "a;b", "a'b", "*.a",
            "[]", "[", "]", "[:]", "[::1", "::1", "[::1]a", "[::1]a:80", "[::1]:", "[::1]]", "a[::1]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]",
            "[1:2:3:4:5:6:7:8::]", "[::1::]", "[:::]", "[:1]", "[1:]", "[12345::]", "[g::]", "[::1%eth0]", "[::1%25eth0]", "[::1.2.3]",
            "[::1.2.3.256]", "[::1.2.3.04]", "[::1.2.3.4.5]", "[1.2.3.4]", "[1:2:3:4:5:6:7:1.2.3.4]", "[v1.a]", "[\u0661::]",
            "a".repeat(64), ("a".repeat(63) + ".").repeat(4) + "a"}) {
            assertNull(Hosts.name(bad), bad);
        }
        assertEquals(63, Hosts.name("a".repeat(63)).length());
        assertEquals(253, Hosts.name("a.".repeat(126) + "a:1").length());
        assertNull(Hosts.name("a.".repeat(126) + "aa"));
    }

    @Test
    void ports() {
        assertEquals(8443, Hosts.port("a:8443", 443));
        assertEquals(443, Hosts.port("a", 443));
        assertEquals(443, Hosts.port("[::1]", 443));
        assertEquals(0, Hosts.port("[::1]:0", 443));
    }
}
