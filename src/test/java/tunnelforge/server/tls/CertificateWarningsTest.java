package tunnelforge.server.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.log.Log;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.Tasks;
import tunnelforge.net.TestCertificates;
import tunnelforge.server.TestServer;

/** Certificates that a person gave and must renew; the test moves the clock. */
final class CertificateWarningsTest {
    private static final String DOMAIN = "tunnel.example.com";
    private static final String WILDCARD = "*." + DOMAIN;
    private static final Instant BEGIN = Instant.parse("2026-03-01T00:00:00Z");
    private static final Instant END = BEGIN.plus(90, ChronoUnit.DAYS);
    private static final long LONG_AGO = Duration.ofHours(1).toNanos();

    private final RecordingLog log = new RecordingLog();
    private final Tasks tasks = new Tasks(log.log());
    private Instant now = BEGIN.plus(1, ChronoUnit.DAYS);
    private Path directory;

    @BeforeEach
    void prepare() throws IOException {
        directory = TestServer.copyOfPrepared(TestServer.DOMAIN);
    }

    @AfterEach
    void delete() {
        TestServer.delete(directory);
    }

    /** Writes a certificate and its key. */
    private CertificateFiles write(String name, Instant begin, Instant end, String... names) throws IOException {
        Path file = directory.resolve(name);
        TestCertificates.write(TestCertificates.of("server").names(names).valid(begin, end).make(), file);
        return new CertificateFiles(file, file);
    }

    private CertificateFiles usual(String... names) throws IOException {
        return write("chain.pem", BEGIN, END, names);
    }

    private Certificates start(CertificateFiles... files) throws IOException {
        OwnCa ownCa = OwnCa.open(directory, TestServer.DOMAIN, log.log());
        return new Certificates(List.of(files), null, DOMAIN, ownCa, tasks, log.log(), () -> now);
    }

    /** Has it look at everything, however lately it did. */
    private void look(Certificates certificates) {
        certificates.tick(System.nanoTime() + LONG_AGO);
        Eventually.await("it has looked", () -> tasks.live() == 0);
    }

    private List<RecordingLog.Entry> warnings() {
        List<RecordingLog.Entry> warnings = log.entries("certificate_warning");
        assertTrue(warnings.stream().allMatch(each -> each.level() == Log.Level.WARN));
        return warnings;
    }

    private List<Object> problems() {
        return warnings().stream().map(each -> each.fields().get("problem")).toList();
    }

    private void says(String... parts) {
        String message = warnings().getLast().message();
        for (String part : parts) {
            assertTrue(message.contains(part), "'" + part + "' in: " + message);
        }
    }

    @Test
    void aRightOneIsNoNews() throws Exception {
        look(start(usual(DOMAIN, WILDCARD)));
        assertEquals(List.of(), warnings());
    }

    @Test
    void withoutAnyTheOwnCaTakesCareOfItself() throws Exception {
        now = Instant.now().plus(OwnCa.CERTIFICATE_DAYS + 1, ChronoUnit.DAYS);
        look(start());
        assertEquals(List.of(), warnings());
    }

    @Test
    void theLast21DaysAreTold() throws Exception {
        CertificateFiles files = usual(DOMAIN, WILDCARD);
        now = END.minus(CertificateWarnings.BEFORE_END).minusSeconds(1);
        start(files);
        assertEquals(List.of(), problems());
        now = END.minus(CertificateWarnings.BEFORE_END);
        start(files);
        assertEquals(List.of("ends_soon"), problems());
        says("the certificate " + files.chain() + " ends on " + END + ", in 21 days", "browsers refuse it, and so do agents that were not given its --pin");
        assertEquals(END, warnings().getLast().fields().get("ends"));
    }

    @Test
    void anEndedOneIsTold() throws Exception {
        CertificateFiles files = usual(DOMAIN, WILDCARD);
        now = END.minusSeconds(1);
        start(files);
        assertEquals(List.of("ends_soon"), problems());
        says(", in 0 minutes");
        now = END;
        start(files);
        assertEquals(List.of("ends_soon", "ended"), problems());
        says("the certificate " + files.chain() + " ended on " + END + ": browsers refuse it");
    }

    @Test
    void oneThatIsNotYetValidIsTold() throws Exception {
        now = BEGIN.minusSeconds(1);
        CertificateFiles files = usual(DOMAIN, WILDCARD);
        start(files);
        assertEquals(List.of("not_yet_valid"), problems());
        says("begins on " + BEGIN, "unless the clock of this machine is wrong");
        now = BEGIN;
        start(files);
        assertEquals(1, warnings().size());
    }

    @Test
    void namesThatNoneIsForAreTold() throws Exception {
        CertificateFiles files = usual(DOMAIN);
        start(files);
        assertEquals(List.of("name_not_covered"), problems());
        says("no --cert is for " + WILDCARD + " (" + files.chain() + " is for " + DOMAIN + ")", "a certificate of its own there, which browsers refuse");
        assertTrue(!warnings().getLast().message().contains("agents"), "agents come to the domain itself");
        start(usual(WILDCARD));
        says("no --cert is for " + DOMAIN + " (", "agents accept by its --pin only");
        start(usual("www.example.org"));
        says("no --cert is for " + DOMAIN + " or " + WILDCARD + " (");
        start(usual());
        says(files.chain() + " names no host");
        assertEquals(4, warnings().size());
    }

    @Test
    void severalMayCoverTheNamesTogether() throws Exception {
        start(write("a.pem", BEGIN, END, DOMAIN), write("b.pem", BEGIN, END, WILDCARD), write("c.pem", BEGIN, END, "www.example.org"));
        assertEquals(List.of(), warnings());
    }

    @Test
    void agentsAreNotMentionedForAHostname() throws Exception {
        now = END;
        start(write("a.pem", BEGIN, END.plusSeconds(10_000_000), DOMAIN, WILDCARD), write("c.pem", BEGIN, END, "www.example.org"));
        assertEquals(List.of("ended"), problems());
        says("c.pem ended", ": browsers refuse it. ");
    }

    @Test
    void itIsRepeatedOnceADayUntilItIsRenewed() throws Exception {
        now = END.minus(2, ChronoUnit.DAYS);
        CertificateFiles files = usual(DOMAIN, WILDCARD);
        Certificates certificates = start(files);
        look(certificates);
        now = now.plus(CertificateWarnings.AGAIN_AFTER).minusSeconds(1);
        look(certificates);
        assertEquals(1, warnings().size());
        now = now.plusSeconds(1);
        look(certificates);
        look(certificates);
        assertEquals(List.of("ends_soon", "ends_soon"), problems());
        now = now.plus(CertificateWarnings.AGAIN_AFTER);
        look(certificates);
        assertEquals(List.of("ends_soon", "ends_soon", "ended"), problems());
        write("chain.pem", BEGIN, END.plus(90, ChronoUnit.DAYS), DOMAIN, WILDCARD);
        Files.setLastModifiedTime(files.chain(), FileTime.from(Instant.now().plusSeconds(60)));
        for (int i = 0; i < 3; i++) {
            look(certificates);
            now = now.plus(CertificateWarnings.AGAIN_AFTER);
        }
        assertEquals(1, log.entries("certificates_reloaded").size());
        assertEquals(3, warnings().size());
    }

    @Test
    void aClockThatWasSetBackDoesNotSilenceIt() throws Exception {
        now = END.plus(400, ChronoUnit.DAYS);
        Certificates certificates = start(usual(DOMAIN, WILDCARD));
        now = END.plus(1, ChronoUnit.DAYS);
        look(certificates);
        assertEquals(List.of("ended", "ended"), problems());
    }

    @Test
    void aReloadedOneIsJudgedAtOnce() throws Exception {
        CertificateFiles files = usual(DOMAIN, WILDCARD);
        Certificates certificates = start(files);
        write("chain.pem", BEGIN, END, DOMAIN);
        Files.setLastModifiedTime(files.chain(), FileTime.from(Instant.now().plusSeconds(60)));
        look(certificates);
        assertEquals(List.of("name_not_covered"), problems());
        look(certificates);
        assertEquals(1, warnings().size());
    }

    @Test
    void oneThatCannotBeLoadedIsToldOnce() throws Exception {
        CertificateFiles files = usual(DOMAIN, WILDCARD);
        Certificates certificates = start(files);
        Files.writeString(files.chain(), "half");
        Files.setLastModifiedTime(files.chain(), FileTime.from(Instant.now().plusSeconds(60)));
        look(certificates);
        look(certificates);
        assertEquals(1, log.entries("certificates_kept").size());
        Files.delete(files.chain());
        look(certificates);
        assertEquals(2, log.entries("certificates_kept").size(), "another failure");
        assertTrue(certificates.loadedCovers(DOMAIN));
    }
}
