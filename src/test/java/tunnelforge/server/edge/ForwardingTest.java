package tunnelforge.server.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import tunnelforge.http.Fields;
import tunnelforge.text.AddressRange;
import tunnelforge.text.Addresses;

/** What is added to the words of a load balancer that is believed (RFC 7239, and the custom before it). */
final class ForwardingTest {
    /** X-Forwarded-For, -Proto, -Host and Forwarded as they are passed on. */
    private static List<String> told(String... namesAndValues) {
        Fields fields = new Fields();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        String scheme = Forwarding.saidScheme(fields);
        Forwarding.tellBehind(fields, Addresses.parse("10.0.0.1"), "https".equals(scheme), "t.test:8443");
        assertEquals(4, fields.size(), fields::toString);
        return List.of(fields.get("X-Forwarded-For"), fields.get("X-Forwarded-Proto"), fields.get("X-Forwarded-Host"), fields.get("Forwarded"));
    }

    @Test
    void whoSaysNothingIsTheVisitor() {
        List<String> alone = List.of("10.0.0.1", "http", "t.test:8443", "for=10.0.0.1;host=\"t.test:8443\";proto=http");
        assertEquals(alone, told());
        assertEquals(alone, told("X-Forwarded-For", ""));
        assertEquals(alone, told("X-Forwarded-For", ", ,", "Forwarded", ","));
    }

    @Test
    void thePeerStandsBehindThoseForWhomItAsks() {
        assertEquals(List.of("203.0.113.9, 10.0.0.1", "https", "t.test", "for=203.0.113.9;host=\"t.test\";proto=https, for=10.0.0.1"),
                told("X-Forwarded-For", "203.0.113.9", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "t.test"));
        assertEquals(List.of("203.0.113.9, 2001:db8::1, 192.0.2.1, 10.0.0.1", "http", "t.test:8443",
                "for=203.0.113.9;host=\"t.test:8443\";proto=http, for=\"[2001:db8::1]\", for=192.0.2.1, for=10.0.0.1"),
                told("X-Forwarded-For", "203.0.113.9,2001:db8::1", "x-forwarded-for", " 192.0.2.1"));
    }

    @Test
    void whoSaysItInForwardedIsUnderstoodAsWell() {
        assertEquals(List.of("203.0.113.9, 10.0.0.1", "https", "t.test", "for=203.0.113.9;proto=https;host=t.test, for=10.0.0.1"),
                told("Forwarded", "for=203.0.113.9;proto=https;host=t.test"));
        assertEquals(List.of("2001:db8::1, _hidden, 192.0.2.1:80, unknown, 10.0.0.1", "http", "t.test:8443",
                "For=\"[2001:db8::1]\", for=_hidden, for=\"192.0.2.1:80\", proto=https, for=10.0.0.1"),
                told("Forwarded", "For=\"[2001:db8::1]\", for=_hidden", "Forwarded", "for=\"192.0.2.1:80\", proto=https"));
    }

    private static String visitor(String... namesAndValues) {
        Fields fields = new Fields();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        InetAddress visitor = Forwarding.visitor(fields, Addresses.parse("10.0.0.1"), List.of(AddressRange.parse("10.0.0.0/8"), AddressRange.parse("2001:db8:1::/48")));
        return visitor == null ? null : Addresses.text(visitor);
    }

    @Test
    void theVisitorIsTheLastOneThatIsNotBelievedItself() {
        assertEquals("10.0.0.1", visitor());
        assertEquals("10.0.0.1", visitor("X-Forwarded-Proto", "https", "Forwarded", "for=6.6.6.6"));
        assertEquals("203.0.113.9", visitor("X-Forwarded-For", "6.6.6.6, 203.0.113.9"));
        assertEquals("203.0.113.9", visitor("X-Forwarded-For", "6.6.6.6, 203.0.113.9, 10.1.2.3", "X-Forwarded-For", "2001:db8:1::7,"));
        assertEquals("203.0.113.9", visitor("X-Forwarded-For", "6.6.6.6,203.0.113.9:4711,[2001:db8:1::7]:80"));
        assertEquals("203.0.113.9", visitor("X-Forwarded-For", "::ffff:203.0.113.9"));
        assertEquals("10.9.9.9", visitor("X-Forwarded-For", "10.9.9.9, 10.1.2.3"), "all are believed: the first");
        assertEquals("2001:db8::9", visitor("Forwarded", "for=6.6.6.6, for=\"[2001:db8::9]:4711\";proto=https, for=10.1.2.3"));
        assertEquals("203.0.113.9", visitor("X-Forwarded-For", "203.0.113.9", "Forwarded", "for=6.6.6.6"));
    }

    @Test
    void whoIsNamedByNoAddressIsNotKnown() {
        for (String said : List.of("unknown", "_hidden", "6.6.6.6, unknown", "6.6.6.6, unknown, 10.1.2.3", "6.6.6.6, x\"", "1.2.3.4.5", "010.0.0.1", "6.6.6.6, fe80::1%eth0")) {
            assertNull(visitor("X-Forwarded-For", said), said);
        }
        assertNull(visitor("Forwarded", "for=6.6.6.6, proto=https"));
        assertNull(visitor("Forwarded", "for=\"6.6.6.6, 10.1.2.3"));
    }

    /** A load balancer that speaks in the one way has not looked at the other, which may be its visitor's. */
    @Test
    void forwardedIsPassedOverWhereXForwardedIsSaid() {
        assertEquals(List.of("203.0.113.9, 10.0.0.1", "http", "t.test:8443", "for=203.0.113.9;host=\"t.test:8443\";proto=http, for=10.0.0.1"),
                told("X-Forwarded-For", "203.0.113.9", "X-Forwarded-Proto", "http", "Forwarded", "for=6.6.6.6;host=evil.example;proto=https"));
    }

    @Test
    void whatVisitorsHaveSaidToTheLoadBalancerIsNotTakenForMore() {
        assertEquals(List.of("evil\";proto=gopher, 1.2.3.4:80, [2001:db8::1]:80, 10.0.0.1", "https", "t.test:8443",
                "for=unknown;host=\"t.test:8443\";proto=https, for=1.2.3.4, for=\"[2001:db8::1]\", for=10.0.0.1"),
                told("X-Forwarded-For", "evil\";proto=gopher, 1.2.3.4:80, [2001:db8::1]:80", "X-Forwarded-Proto", "https, http", "X-Forwarded-Host", "evil\";x=\"y"));
        assertEquals(List.of("1.2.3.4, 10.0.0.1", "http", "t.test:8443", "for=1.2.3.4;host=\"t.test:8443\";proto=http, for=10.0.0.1"),
                told("X-Forwarded-For", "1.2.3.4", "X-Forwarded-Proto", "gopher"));
    }

    /** A visitor's open quote would take what the load balancer has added for a part of the visitor's own words. */
    @Test
    void forwardedThatIsNotWellFormedSaysNothing() {
        List<String> alone = List.of("10.0.0.1", "http", "t.test:8443", "for=10.0.0.1;host=\"t.test:8443\";proto=http");
        for (String odd : List.of("for=\"x, for=203.0.113.9;proto=https;host=t.test", "for=\"x\\", "for=6.6.6.6;proto=https;host=\"", "for", "=x", "for=a b", "for=\"a\"b", "for=a\"b\"", "f\u00f6r=a", "for=a;=")) {
            assertEquals(alone, told("Forwarded", odd), odd);
        }
    }

    @Test
    void whatIsQuotedInForwardedSeparatesNothing() {
        assertEquals(List.of("unknown, 192.0.2.1, 10.0.0.1", "https", "t.test", "for=\"6.6.6.6, 7.7.7.7\";x=\";for=8.8.8.8,\\\"\";proto=https;host=t.test, for=192.0.2.1, for=10.0.0.1"),
                told("Forwarded", "for=\"6.6.6.6, 7.7.7.7\" ; x=\";for=8.8.8.8,\\\"\";;proto=\"https\";host=t.test,, for=192.0.2.1"));
    }
}
