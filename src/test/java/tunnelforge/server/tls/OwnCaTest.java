package tunnelforge.server.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.log.Log;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.KeyEntry;
import tunnelforge.net.Pem;
import tunnelforge.net.Pin;
import tunnelforge.net.ServerTrust;

/** Calls of keytool are slow: the tests share one state directory and work on copies of it. */
final class OwnCaTest {
    private static final String DOMAIN = "tunnel.localhost";
    private static final Log NO_LOG = Log.to(new PrintStream(PrintStream.nullOutputStream()), Log.Format.TEXT, Log.Level.ERROR);
    private static final KeyTool NO_KEYTOOL = new KeyTool(Path.of("/nonexistent/keytool"));
    private static final KeyTool BROKEN_KEYTOOL = new KeyTool(Path.of("/bin/false"));

    @TempDir
    private static Path shared;
    private static List<OwnCa> startedAtOnce;

    @TempDir
    Path temporary;
    private Path state;

    @BeforeAll
    static void twoServersStartAtOnce() throws Exception {
        Callable<OwnCa> start = () -> OwnCa.open(shared.resolve("a/state"), DOMAIN, NO_LOG);
        startedAtOnce = new ArrayList<>();
        try (ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<OwnCa> started : tasks.invokeAll(List.of(start, start))) {
                startedAtOnce.add(started.get());
            }
        }
    }

    @BeforeEach
    void copyOfTheSharedState() throws IOException {
        state = Files.createDirectory(temporary.resolve("state"));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(shared.resolve("a/state"))) {
            for (Path file : files) {
                Files.copy(file, state.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    /** Opens the copy; whatever calls keytool fails. */
    private OwnCa reopened() throws IOException {
        return OwnCa.open(state, DOMAIN, NO_LOG, InstantSource.system(), NO_KEYTOOL);
    }

    private static void assertTrusts(X509Certificate ca, KeyEntry presented, String... names) throws CertificateException {
        for (String name : names) {
            new ServerTrust(List.of(ca), List.of(), name)
                    .checkServerTrusted(presented.chain().toArray(X509Certificate[]::new), "UNKNOWN");
        }
    }

    private static long daysLeft(X509Certificate certificate) {
        return Duration.between(Instant.now(), certificate.getNotAfter().toInstant()).plusHours(1).toDays();
    }

    private static String refused(Callable<?> action, String... parts) {
        String message = assertThrows(IOException.class, action::call).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), "'" + part + "' in: " + message);
        }
        return message;
    }

    private List<String> files() throws IOException {
        try (var files = Files.list(state)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void twoServersThatStartAtOnceHaveOneCa() throws Exception {
        assertEquals(startedAtOnce.get(0).pin(), startedAtOnce.get(1).pin());
        assertEquals(startedAtOnce.get(0).ca(), startedAtOnce.get(1).ca());
        assertEquals(List.of("ca.lock", "ca.p12", "ca.pem"), files());
    }

    @Test
    void theCertificateIsForTheDomainAndThisMachine() throws Exception {
        OwnCa ca = startedAtOnce.getFirst();
        assertEquals(List.of(DOMAIN, "*." + DOMAIN, "localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"), ca.server().names());
        assertTrusts(ca.ca(), ca.server(), DOMAIN, "quick-fox." + DOMAIN, "localhost", "127.0.0.1", "::1");
        assertEquals(List.of(ca.server().leaf(), ca.ca()), ca.server().chain());
        assertEquals(List.of(ca.server()), ca.entries());
        assertEquals(Pin.of(ca.server().leaf()), ca.pin());
        assertEquals(799, daysLeft(ca.server().leaf()));
        assertEquals(List.of("1.3.6.1.5.5.7.3.1"), ca.server().leaf().getExtendedKeyUsage());
        assertEquals("EC", ca.server().key().getAlgorithm());
        assertEquals(3649, daysLeft(ca.ca()));
        assertEquals(0, ca.ca().getBasicConstraints());
        assertTrue(ca.ca().getKeyUsage()[5]);
    }

    @Test
    void secretsAreForTheOwnerAlone() throws Exception {
        Path made = shared.resolve("a/state");
        assumeTrue(made.getFileSystem().supportedFileAttributeViews().contains("posix"));
        assertEquals("rwx------", mode(made));
        assertEquals("rw-------", mode(made.resolve("ca.p12")));
        assertEquals("rw-------", mode(made.resolve("ca.lock")));
        assertEquals("rw-r--r--", mode(made.resolve("ca.pem")));
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void aLaterStartReadsWhatIsThere() throws Exception {
        OwnCa again = reopened();
        assertEquals(startedAtOnce.getFirst().server(), again.server());
        assertEquals(List.of(again.ca()), Pem.certificates(state.resolve("ca.pem")));
        assertFalse(again.renewWhenDue());
    }

    @Test
    void aLostCaPemIsWrittenAgain() throws Exception {
        Files.delete(state.resolve("ca.pem"));
        assertEquals(List.of(reopened().ca()), Pem.certificates(state.resolve("ca.pem")));
        Files.writeString(state.resolve("ca.pem"), "half of one");
        assertEquals(List.of(reopened().ca()), Pem.certificates(state.resolve("ca.pem")));
        assertEquals(List.of("ca.lock", "ca.p12", "ca.pem"), files());
    }

    @Test
    void anotherDomainGetsANewCertificateForTheSameKey() throws Exception {
        OwnCa before = startedAtOnce.getFirst();
        OwnCa after = OwnCa.open(state, "tunnel.example.com", NO_LOG);
        assertEquals(before.pin(), after.pin());
        assertEquals(before.ca(), after.ca());
        assertTrusts(before.ca(), after.server(), "tunnel.example.com", "a.tunnel.example.com", "localhost", "::1");
        assertFalse(after.server().covers(DOMAIN));
        assertEquals(after.server(), OwnCa.open(state, "Tunnel.Example.Com.", NO_LOG, InstantSource.system(), NO_KEYTOOL).server());
    }

    @Test
    void whatEndsIsRenewedWithItsKey() throws Exception {
        OwnCa before = reopened();
        AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
        OwnCa after = OwnCa.open(state, DOMAIN, NO_LOG, now::get, KeyTool.ofThisRuntime());
        assertFalse(after.renewWhenDue());
        now.set(Instant.now().plus(Duration.ofDays(3649 - 829)));
        assertTrue(after.renewWhenDue());
        assertEquals(before.pin(), after.pin());
        assertEquals(Pin.of(before.ca()), Pin.of(after.ca()));
        assertNotEquals(before.ca(), after.ca());
        assertNotEquals(before.server().leaf(), after.server().leaf());
        assertEquals(List.of(after.server().leaf(), after.ca()), after.server().chain());
        assertEquals(0, after.ca().getBasicConstraints());
        assertTrue(after.ca().getKeyUsage()[5]);
        for (X509Certificate ca : List.of(before.ca(), after.ca())) {
            assertTrusts(ca, after.server(), DOMAIN, "127.0.0.1");
            assertTrusts(ca, before.server(), DOMAIN);
        }
        assertEquals(List.of(after.ca()), Pem.certificates(state.resolve("ca.pem")));
    }

    @Test
    void nothingIsRenewedBeforeItIsDue() throws Exception {
        InstantSource early = Clock.offset(Clock.systemUTC(), Duration.ofDays(799 - 31));
        OwnCa ca = OwnCa.open(state, DOMAIN, NO_LOG, early, NO_KEYTOOL);
        assertFalse(ca.renewWhenDue());
        InstantSource due = Clock.offset(Clock.systemUTC(), Duration.ofDays(799 - 29));
        refused(() -> OwnCa.open(state, DOMAIN, NO_LOG, due, NO_KEYTOOL), "cannot be run");
    }

    @Test
    void aHostnamesCertificateIsMadeOnceAndKept() throws Exception {
        OwnCa ca = OwnCa.open(state, DOMAIN, NO_LOG);
        KeyEntry issued = ca.issue("WWW.Custom.example.");
        assertEquals(List.of("www.custom.example"), issued.names());
        assertTrusts(ca.ca(), issued, "www.custom.example");
        assertNotEquals(ca.pin(), Pin.of(issued.leaf()));
        assertSame(issued, ca.issue("www.custom.example"));
        assertEquals(List.of(ca.server(), issued), ca.entries());
        OwnCa again = reopened();
        assertEquals(List.of(again.server()), again.entries());
        assertEquals(issued, again.issue("www.custom.example"));
        assertEquals(List.of(again.server(), issued), again.entries());
        assertEquals(ca.server(), again.server());
    }

    @Test
    void whatIsNoHostnameGetsNoCertificate() throws Exception {
        OwnCa ca = reopened();
        for (String name : List.of("", "a b", "192.0.2.1", "::1", "a_b.example", "*.example", "a.example,ip:192.0.2.1",
                "a".repeat(64) + ".example", "-a.example")) {
            refused(() -> ca.issue(name), "no certificate");
        }
        refused(() -> OwnCa.open(state, "a b", NO_LOG), "'a b'");
    }

    @Test
    void whatACrashLeftBehindIsRemoved() throws Exception {
        Path work = Files.createDirectory(state.resolve(".work-123"));
        Files.writeString(work.resolve("ca.p12"), "half of one");
        reopened();
        assertEquals(List.of("ca.lock", "ca.p12", "ca.pem"), files());
    }

    @Test
    void brokenKeysAreKeptAndTheMessageSaysWhatToDo() throws Exception {
        byte[] store = Files.readAllBytes(state.resolve("ca.p12"));
        for (byte[] broken : List.of(new byte[0], Arrays.copyOf(store, store.length / 2), new byte[100])) {
            Files.write(state.resolve("ca.p12"), broken);
            refused(() -> OwnCa.open(state, DOMAIN, NO_LOG), "ca.p12", "move it away");
            assertEquals(broken.length, Files.size(state.resolve("ca.p12")));
        }
    }

    @Test
    void withoutAWorkingKeytoolTheMessageNamesTheWayOut() throws Exception {
        Path empty = temporary.resolve("empty");
        refused(() -> OwnCa.open(empty, DOMAIN, NO_LOG, InstantSource.system(), NO_KEYTOOL), "/nonexistent/keytool", "--cert");
        refused(() -> OwnCa.open(empty, DOMAIN, NO_LOG, InstantSource.system(), BROKEN_KEYTOOL), "/bin/false -genkeypair failed");
        try (var left = Files.list(empty)) {
            assertEquals(List.of("ca.lock"), left.map(file -> file.getFileName().toString()).toList());
        }
    }

    @Test
    void aDirectoryThatOthersMayWriteToIsRefused() throws Exception {
        assumeTrue(Files.getFileStore(state).supportsFileAttributeView("posix"));
        for (String mode : List.of("rwxrwx---", "rwx----w-", "rwxrwxrwx")) {
            Files.setPosixFilePermissions(state, PosixFilePermissions.fromString(mode));
            refused(this::reopened, "others may write", mode, "chmod go-w", "--state-dir");
        }
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxr-xr-x"));
        reopened();
        refused(() -> OwnCa.open(state.resolve("ca.pem"), DOMAIN, NO_LOG), "is a file");
    }

    @Test
    void keysThatOthersCouldReadAreTakenFromThem() throws Exception {
        assumeTrue(Files.getFileStore(state).supportsFileAttributeView("posix"));
        Files.setPosixFilePermissions(state.resolve("ca.p12"), PosixFilePermissions.fromString("rw-r--r--"));
        RecordingLog log = new RecordingLog();
        OwnCa.open(state, DOMAIN, log.log(), InstantSource.system(), NO_KEYTOOL);
        assertEquals("rw-------", mode(state.resolve("ca.p12")));
        assertEquals(1, log.entries("state_tightened").size());
    }
}
