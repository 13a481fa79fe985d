package tunnelforge.server.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import tunnelforge.net.TestCertificates;

/** What a client's certificate calls its owner: an account may hang on it. */
final class CertificateNamesTest {
    private static List<String> commonNames(String subject) {
        return CertificateNames.commonNames(new X500Principal(subject));
    }

    @Test
    void theCommonNameIsFound() {
        assertEquals(List.of("laptop"), commonNames("CN=laptop"));
        assertEquals(List.of("laptop of Zoë"), commonNames("C=CH, O=Example, CN=laptop of Zoë"));
        assertEquals(List.of(), commonNames("O=Example"));
    }

    @Test
    void severalAreSeveral() {
        assertEquals(List.of("a", "b"), commonNames("CN=a+OU=x, CN=b, O=Example"));
    }

    /** An organisation that calls itself so must not become somebody else. */
    @Test
    void whatLooksLikeOneInAnotherAttributeIsNone() {
        assertEquals(List.of(), commonNames("O=\"x,CN=admin\""));
        assertEquals(List.of(), commonNames("O=x\\+CN\\=admin"));
        assertEquals(List.of("a,CN=admin"), commonNames("CN=\"a,CN=admin\""));
        assertEquals(List.of("a\\b\"c "), commonNames("CN=a\\\\b\\\"c\\ "));
    }

    @Test
    void alternativeNamesFollow() {
        assertEquals(List.of("laptop", "one.example", "two.example"), CertificateNames.of(TestCertificates.of("laptop").names("One.Example", "two.example", "127.0.0.1").make().leaf()));
    }

    @Test
    void eachIsThereOnceAndWhatCannotBePrintedNever() {
        assertEquals(List.of("laptop"), CertificateNames.of(TestCertificates.of("laptop").names("laptop").make().leaf()));
        assertEquals(List.of(), CertificateNames.of(TestCertificates.of("a\nb").make().leaf()));
        assertEquals(List.of(), CertificateNames.of(TestCertificates.of("x".repeat(300)).make().leaf()));
    }
}
