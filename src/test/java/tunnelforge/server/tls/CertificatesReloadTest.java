package tunnelforge.server.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.KeyEntry;
import tunnelforge.net.Pem;
import tunnelforge.net.Pin;
import tunnelforge.net.Tasks;
import tunnelforge.net.TestCertificates;
import tunnelforge.server.TestServer;

/** What is shown while the files of {@code --cert} and {@code --key} change, in whatever way they are written. */
final class CertificatesReloadTest {
    private static final String NAME = "www.example.test";
    private static final long LONG_AGO = Duration.ofHours(1).toNanos();

    private final RecordingLog log = new RecordingLog();
    private final Tasks tasks = new Tasks(log.log());
    private final KeyEntry old = TestCertificates.server(TestCertificates.ca("a CA"), NAME);
    private final KeyEntry renewed = TestCertificates.server(TestCertificates.ca("a CA"), NAME);
    @TempDir
    private Path files;
    private Path state;
    private Path chain;
    private Path key;
    private Certificates certificates;

    @BeforeEach
    void start() throws IOException {
        state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        chain = files.resolve("chain.pem");
        key = files.resolve("key.pem");
        Files.writeString(chain, chainOf(old));
        Files.writeString(key, keyOf(old));
        certificates = new Certificates(List.of(new CertificateFiles(chain, key)), null, TestServer.DOMAIN, OwnCa.open(state, TestServer.DOMAIN, log.log()), tasks, log.log());
    }

    @AfterEach
    void delete() {
        TestServer.delete(state);
    }

    private static String chainOf(KeyEntry entry) {
        return String.join("", entry.chain().stream().map(Pem::encode).toList());
    }

    private static String keyOf(KeyEntry entry) {
        return "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(entry.key().getEncoded()) + "\n-----END PRIVATE KEY-----\n";
    }

    private void look() throws InterruptedException {
        certificates.tick(System.nanoTime() + LONG_AGO);
        assertTrue(tasks.awaitNone(Duration.ofSeconds(10)));
    }

    private void shows(KeyEntry entry) {
        assertEquals(Pin.of(entry.leaf()), Pin.of(certificates.shownFor(NAME).leaf()));
    }

    private String kept() {
        return String.valueOf(log.entries("certificates_kept").getLast().fields().get("error"));
    }

    @Test
    void thePairThatIsWrittenInTwoStepsIsShownWhenItIsWhole() throws Exception {
        Files.writeString(chain, chainOf(renewed));
        look();
        look();
        shows(old);
        assertEquals(1, log.entries("certificates_kept").size());
        assertTrue(kept().contains("not the certificate of the key in " + key), kept());
        Files.writeString(key, keyOf(renewed));
        look();
        shows(renewed);
        assertEquals(1, log.entries("certificates_reloaded").size());
    }

    @Test
    void aKeyThatComesFirstWaitsForItsChain() throws Exception {
        Files.writeString(key, keyOf(renewed));
        look();
        shows(old);
        Files.writeString(chain, chainOf(renewed));
        look();
        shows(renewed);
    }

    @Test
    void filesThatTakeTheOthersPlaceAreShownHoweverOldTheyAre() throws Exception {
        FileTime before = Files.getLastModifiedTime(chain);
        Path newChain = Files.writeString(files.resolve("new-chain"), chainOf(renewed));
        Path newKey = Files.writeString(files.resolve("new-key"), keyOf(renewed));
        Files.setLastModifiedTime(newChain, before);
        Files.setLastModifiedTime(newKey, Files.getLastModifiedTime(key));
        Files.move(newChain, chain, StandardCopyOption.ATOMIC_MOVE);
        Files.move(newKey, key, StandardCopyOption.ATOMIC_MOVE);
        look();
        shows(renewed);
    }

    @Test
    void aLinkThatLeadsElsewhereIsFollowed() throws Exception {
        Path live = files.resolve("live.pem");
        Files.createSymbolicLink(live, chain);
        certificates = new Certificates(List.of(new CertificateFiles(live, key)), null, TestServer.DOMAIN, OwnCa.open(state, TestServer.DOMAIN, log.log()), tasks, log.log());
        Path next = Files.writeString(files.resolve("chain2.pem"), chainOf(renewed));
        Files.delete(live);
        Files.createSymbolicLink(live, next);
        Files.writeString(key, keyOf(renewed));
        look();
        shows(renewed);
    }

    @Test
    void whatIsHalfWrittenStaysOut() throws Exception {
        String whole = chainOf(renewed);
        // Between two certificates: the next look sees the rest, though no tick of the clock lies between.
        int first = whole.indexOf("-----BEGIN", 1);
        for (int length : new int[] {0, 5, 100, first - 1}) {
            Files.writeString(chain, whole.substring(0, length));
            look();
            shows(old);
        }
        Files.writeString(key, keyOf(renewed));
        Files.writeString(chain, whole.substring(0, first));
        FileTime half = Files.getLastModifiedTime(chain);
        look();
        shows(renewed);
        assertEquals(1, certificates.shownFor(NAME).chain().size());
        Files.writeString(chain, whole);
        Files.setLastModifiedTime(chain, half);
        look();
        assertEquals(2, certificates.shownFor(NAME).chain().size());
    }

    @Test
    void aConnectionThatRunsIsNotTouched() throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options().withoutAgent();
        Path both = files.resolve("both.pem");
        KeyEntry before = TestCertificates.server(TestCertificates.ca("a CA"), TestServer.DOMAIN);
        TestCertificates.write(before, both);
        options.server().certificates(both);
        try (TunnelFixture tunnel = TunnelFixture.start(options); Peer visitor = tunnel.visitorOfAnyServer(TestServer.DOMAIN)) {
            KeyEntry after = TestCertificates.server(TestCertificates.ca("a CA"), TestServer.DOMAIN);
            TestCertificates.write(after, both);
            tunnel.server().lookAtCertificates();
            try (Peer next = tunnel.visitorOfAnyServer(TestServer.DOMAIN)) {
                assertEquals(after.leaf(), shown(next));
            }
            assertEquals(before.leaf(), shown(visitor));
            assertEquals(200, visitor.send("GET / HTTP/1.1\r\nHost: " + TestServer.DOMAIN + "\r\n\r\n").readResponse().status());
        }
    }

    private static Object shown(Peer visitor) throws IOException {
        return ((SSLSocket) visitor.socket()).getSession().getPeerCertificates()[0];
    }
}
