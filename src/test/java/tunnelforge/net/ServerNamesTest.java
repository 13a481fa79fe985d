package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServerNamesTest {
    private static X509Certificate named(String... names) {
        return TestCertificates.of("cn.example").names(names).make().leaf();
    }

    @ParameterizedTest
    @CsvSource({
        "a.example, a.example, true", "A.EXAMPLE, a.example, true", "a.example, A.Example., true",
        "a.example, b.a.example, false", "a.example, xa.example, false", "a.example, example, false",
        "*.example, a.example, true", "*.a.example, b.a.example, true", "*.A.example, B.a.example, true",
        "*.a.example, a.example, false", "*.a.example, c.b.a.example, false", "*.a.example, .a.example, false",
        "*.a.example, *.a.example, false", "b*.a.example, bc.a.example, false", "*b.a.example, cb.a.example, false",
        "a.*.example, a.b.example, false", "*.*.example, a.b.example, false", "*, example, false", "*., a., false",
        "127.0.0.1, 127.0.0.1, true", "127.0.0.1, 127.0.0.2, false", "::1, ::1, true", "::1, [0:0:0:0:0:0:0:1], true",
        "2001:db8::1, 2001:DB8:0::1, true", "*.0.0.1, 127.0.0.1, false", "127.0.0.1, localhost, false",
        "xn--bcher-kva.example, bücher.example, true",
    })
    void aCertificateCoversAHost(String name, String host, boolean covered) {
        assertEquals(covered, ServerNames.covers(named(name), host), name + " for " + host);
    }

    @Test
    void anAddressWrittenAsADnsNameCoversNoAddress() {
        X509Certificate written = TestCertificates.of("a").dnsName("127.0.0.1").make().leaf();
        assertEquals(List.of("127.0.0.1"), ServerNames.of(written));
        assertFalse(ServerNames.covers(written, "127.0.0.1"));
    }

    @Test
    void theCommonNameCountsForNothing() {
        X509Certificate none = TestCertificates.of("cn.example").make().leaf();
        assertFalse(ServerNames.covers(none, "cn.example"));
        assertEquals(List.of(), ServerNames.of(none));
    }

    @Test
    void oneOfManyNamesIsEnough() {
        X509Certificate many = named("a.example", "*.b.example", "10.0.0.1");
        assertEquals(List.of("a.example", "*.b.example", "10.0.0.1"), ServerNames.of(many));
        assertTrue(ServerNames.covers(many, "x.b.example"));
        assertTrue(ServerNames.covers(many, "10.0.0.1"));
    }
}
