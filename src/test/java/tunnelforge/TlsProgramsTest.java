package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.net.KeyEntry;
import tunnelforge.net.TestCertificates;
import tunnelforge.server.TestServer;

/** The server as a process, with an RSA certificate that a person gave, and what openssl and curl make of it; skipped where they are not installed. */
final class TlsProgramsTest {
    private static final Pattern LISTENING = Pattern.compile("\"event\":\"listening\".*\"port\":([0-9]+)");
    private static final String NAME = "nobody.tunnel.localhost";

    @TempDir
    private static Path files;
    private static Path state;
    private static Process server;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        KeyEntry given = TestCertificates.of("given").keyPair(TestCertificates.keys("RSA")).names("tunnel.localhost", "*.tunnel.localhost", "localhost").make();
        Path pem = files.resolve("given.pem");
        TestCertificates.write(given, pem);
        server = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", System.getProperty("java.class.path"), "tunnelforge.Main",
                "server", "--port", "0", "--bind", "127.0.0.1", "--log-format", "json", "--state-dir", state.toString(), "--cert", pem.toString(), "--key", pem.toString())
                .redirectErrorStream(true).start();
        BufferedReader from = server.inputReader();
        Matcher listening;
        do {
            String line = from.readLine();
            assertTrue(line != null, "the server has ended");
            listening = LISTENING.matcher(line);
        } while (!listening.find());
        port = Integer.parseInt(listening.group(1));
        Thread.ofPlatform().daemon().start(() -> readOn(from));
    }

    private static void readOn(BufferedReader from) {
        try {
            while (from.readLine() != null) {
                // What it logs is of no interest, but it must not wait for us.
            }
        } catch (IOException e) {
            // It was ended.
        }
    }

    @AfterAll
    static void stop() throws Exception {
        server.destroy();
        assertTrue(server.waitFor(20, TimeUnit.SECONDS));
        TestServer.delete(state);
    }

    /** What a program prints, on both streams, until it ends by itself; {@code typed} is for it to read. */
    private static String run(List<String> command, String typed) throws Exception {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeTrue(false, command.getFirst() + " is not installed");
            throw e;
        }
        try (BufferedReader from = process.inputReader()) {
            type(process, typed);
            return String.join("\n", from.lines().toList());
        } finally {
            process.destroyForcibly();
        }
    }

    private static void type(Process process, String typed) {
        try {
            process.getOutputStream().write(typed.getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
        } catch (IOException e) {
            // It has ended before.
        }
    }

    /** Asks for something, and ends when the server closes. */
    private static String openssl(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-ign_eof", "-connect", "127.0.0.1:" + port));
        command.addAll(List.of(options));
        return run(command, "GET / HTTP/1.0\r\nHost: " + NAME + "\r\n\r\n");
    }

    private static String curl(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-sSk", "--max-time", "10", "-o", files.resolve("body").toString(), "-w", "%{http_code}",
                "--resolve", NAME + ':' + port + ":127.0.0.1", "https://" + NAME + ':' + port + '/'));
        command.addAll(List.of(options));
        return run(command, "").strip();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0", "--http1.1", "--http2", "--no-alpn", "--tlsv1.3", "--tls-max=1.2"})
    void curlIsAnswered(String option) throws Exception {
        assertEquals("404", option.contains("=") ? curl(option.split("=")) : curl(option));
    }

    @ParameterizedTest
    @CsvSource({"-tls1_2, nobody.tunnel.localhost", "-tls1_3, nobody.tunnel.localhost", "-tls1_3, tunnel.localhost", "-tls1_3, localhost"})
    void theCertificateThatAPersonGaveIsShown(String version, String name) throws Exception {
        String printed = openssl(version, "-servername", name);
        assertTrue(printed.contains("subject=CN = given") || printed.contains("subject=CN=given"), printed);
    }

    @ParameterizedTest
    @CsvSource({"-tls1_2, nobody.tunnel.localhost.", "-tls1_3, nobody.tunnel.localhost.", "-tls1_3, no_body.tunnel.localhost"})
    void namesThatTheJdkWouldRefuseAreNames(String version, String name) throws Exception {
        String printed = openssl(version, "-servername", name);
        assertTrue(printed.contains("subject=CN = given") || printed.contains("subject=CN=given"), printed);
    }

    @ParameterizedTest
    @CsvSource({"ECDHE-RSA-AES128-GCM-SHA256, true", "ECDHE-RSA-AES256-GCM-SHA384, true", "ECDHE-RSA-CHACHA20-POLY1305, true", "AES128-GCM-SHA256, false", "AES128-SHA, false",
        "ECDHE-RSA-AES128-SHA, false", "ECDHE-RSA-AES128-SHA256, false", "DHE-RSA-AES128-GCM-SHA256, false"})
    void ofTls12OnlyForwardSecrecyWithAuthenticatedEncryptionIsSpoken(String suite, boolean spoken) throws Exception {
        String printed = openssl("-tls1_2", "-servername", NAME, "-cipher", suite);
        assertEquals(spoken, printed.contains("Cipher is " + suite), printed);
        assertEquals(!spoken, printed.contains("alert number 40"), printed);
        assertFalse(spoken && !printed.contains("Compression: NONE"), printed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1", "-tls1_1"})
    void olderVersionsGetAnAlertThatSaysSo(String version) throws Exception {
        String printed = openssl(version, "-cipher", "ALL:@SECLEVEL=0");
        assertTrue(printed.contains("alert number 70"), printed);
    }

    @Test
    void sessionsAreResumed() throws Exception {
        String printed = openssl("-tls1_2", "-reconnect");
        assertTrue(printed.contains("Reused, TLSv1.2"), printed);
        Path session = files.resolve("session");
        openssl("-tls1_3", "-sess_out", session.toString());
        printed = openssl("-tls1_3", "-sess_in", session.toString());
        assertTrue(printed.contains("Reused, TLSv1.3"), printed);
    }

    @Test
    void renegotiationIsRefused() throws Exception {
        String printed = run(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port, "-tls1_2"), "R\n");
        assertTrue(printed.contains("RENEGOTIATING") && printed.contains("alert number 40"), printed);
    }
}
