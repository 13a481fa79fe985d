package tunnelforge.server.tls;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.KeyEntry;
import tunnelforge.net.Pin;
import tunnelforge.net.ServerTrust;
import tunnelforge.net.Tasks;
import tunnelforge.net.TestCertificates;
import tunnelforge.server.TestServer;

/** What agents are told to trust must be what they are shown. */
final class CertificatePinTest {
    private static final String DOMAIN = "tunnel.example.com";

    private final RecordingLog log = new RecordingLog();
    private Path directory;
    private OwnCa ownCa;

    @BeforeEach
    void prepare() throws IOException {
        directory = TestServer.copyOfPrepared(TestServer.DOMAIN);
        ownCa = OwnCa.open(directory, TestServer.DOMAIN, log.log());
    }

    @AfterEach
    void delete() {
        TestServer.delete(directory);
    }

    private Pin pin(KeyEntry... loaded) throws IOException {
        List<Path> files = IntStream.range(0, loaded.length).mapToObj(i -> directory.resolve(i + ".pem")).toList();
        for (int i = 0; i < loaded.length; i++) {
            TestCertificates.write(loaded[i], files.get(i));
        }
        return new Certificates(files.stream().map(file -> new CertificateFiles(file, file)).toList(), null, DOMAIN, ownCa, new Tasks(log.log()), log.log())
                .pin(DOMAIN);
    }

    private static void accepted(Pin pin, KeyEntry shown) {
        assertDoesNotThrow(() -> new ServerTrust(null, List.of(pin), DOMAIN).checkServerTrusted(shown.chain().toArray(X509Certificate[]::new), "UNKNOWN"));
    }

    @Test
    void theOwnCertificateHasItsPin() throws Exception {
        assertEquals(ownCa.pin(), pin());
        assertEquals(ownCa.pin(), pin(TestCertificates.server(TestCertificates.ca("CA"), "www.example.org")));
    }

    @Test
    void aPrivateCaIsPinnedSoThatItsCertificateMayBeRenewed() throws Exception {
        KeyEntry ca = TestCertificates.ca("CA");
        Pin pin = pin(TestCertificates.server(ca, DOMAIN));
        assertEquals(Pin.of(ca.leaf()), pin);
        accepted(pin, TestCertificates.server(ca, DOMAIN));
    }

    @Test
    void aSelfSignedOneIsPinnedItself() throws Exception {
        for (KeyEntry own : List.of(TestCertificates.of("own").names(DOMAIN).make(), TestCertificates.of("own").names(DOMAIN).authority(true).make())) {
            assertEquals(Pin.of(own.leaf()), pin(own));
            accepted(pin(own), own);
        }
    }

    @Test
    void theOneThatIsShownCounts() throws Exception {
        KeyEntry later = TestCertificates.of("later").names(DOMAIN).make();
        KeyEntry wildcard = TestCertificates.of("wildcard").names("*.example.com").make();
        assertEquals(Pin.of(later.leaf()), pin(TestCertificates.of("first").names(DOMAIN).make(), later, wildcard));
        assertEquals(Pin.of(wildcard.leaf()), pin(wildcard, TestCertificates.of("b").names("b.example").make()));
    }

    @Test
    void ofTwoKindsOfKeyTheOneThatAnAgentPrefersCounts() throws Exception {
        KeyEntry ec = TestCertificates.of("ec").names(DOMAIN).make();
        KeyEntry rsa = TestCertificates.of("rsa").keyPair(TestCertificates.keys("RSA")).names(DOMAIN).make();
        assertEquals(Pin.of(ec.leaf()), pin(ec, rsa));
        assertEquals(Pin.of(ec.leaf()), pin(rsa, ec));
    }

    @Test
    void oneThatHasEndedOrNotBegunIsPinnedAllTheSame() throws Exception {
        Instant now = Instant.now();
        KeyEntry ended = TestCertificates.of("ended").names(DOMAIN).valid(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1))).make();
        assertEquals(Pin.of(ended.leaf()), pin(ended));
        KeyEntry coming = TestCertificates.of("coming").names(DOMAIN).valid(now.plus(Duration.ofDays(1)), now.plus(Duration.ofDays(2))).make();
        assertEquals(Pin.of(coming.leaf()), pin(coming));
    }
}
