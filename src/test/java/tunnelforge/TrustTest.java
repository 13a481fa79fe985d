package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tunnelforge.agent.DoctorMain;
import tunnelforge.cli.Launch;
import tunnelforge.net.KeyEntry;
import tunnelforge.net.Pem;
import tunnelforge.net.Pin;
import tunnelforge.net.TestCertificates;
import tunnelforge.server.TestServer;

/**
 * Who trusts whom between agent and server, tried by the program as a person types it, and by the doctor: each way in which it can fail has its own message, and its exit code.
 *
 * <p>One server asks agents for nothing, the other for a certificate. Both show a certificate of their own for {@code tunnel.localhost}; the first others for other names.
 */
final class TrustTest {
    private static final String WRONG_PIN = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    private static TestServer open;
    private static TestServer closed;
    @TempDir
    private static Path files;
    @TempDir
    private static Path empty;
    private static final Map<String, String> NAMES = new HashMap<>();
    private static Typed typed;

    @BeforeAll
    static void start() throws Exception {
        Instant now = Instant.now();
        KeyEntry ca = TestCertificates.ca("a CA");
        KeyEntry clients = TestCertificates.ca("the agents' CA");
        Path shown = write("shown", TestCertificates.server(ca, "shown.test"));
        Path expired = write("expired", TestCertificates.of("server").from(ca).names("expired.test").valid(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1))).make());
        open = TestServer.start(new TestServer.Options().certificates(shown, expired));
        closed = TestServer.start(new TestServer.Options().clientCa(Files.writeString(files.resolve("clients.pem"), Pem.encode(clients.leaf()))));
        certificate("GOOD", TestCertificates.client(clients, "laptop"));
        certificate("OTHER", TestCertificates.client(TestCertificates.ca("the agents' CA"), "laptop"));
        certificate("ENDED", TestCertificates.of("laptop").from(clients).forClients().valid(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1))).make());
        certificate("EARLY", TestCertificates.of("laptop").from(clients).forClients().valid(now.plus(Duration.ofDays(1)), now.plus(Duration.ofDays(2))).make());
        certificate("SERVERS", TestCertificates.of("laptop").from(clients).make());
        certificate("SELF", TestCertificates.of("laptop").forClients().make());
        Path locked = Files.writeString(files.resolve("locked.pem"), "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
        NAMES.putAll(Map.of("OPEN", to(open), "CLOSED", to(closed), "PIN", open.pin(), "CA_PIN", Pin.of(ca.leaf()).toString(), "WRONG_PIN", WRONG_PIN,
                "CA", open.caFile().toString(), "OTHER_CA", files.resolve("clients.pem").toString(), "GIVEN_CA", Files.writeString(files.resolve("ca.pem"), Pem.encode(ca.leaf())).toString(),
                "LOCKED", locked.toString(), "GOOD_FILE", files.resolve("GOOD").toString()));
        NAMES.put("OTHER_FILE", files.resolve("OTHER").toString());
        typed = new Typed(empty, NAMES);
    }

    @AfterAll
    static void stop() {
        open.close();
        closed.close();
    }

    private static Path write(String name, KeyEntry entry) throws IOException {
        Path file = files.resolve(name);
        TestCertificates.write(entry, file);
        return file;
    }

    private static void certificate(String name, KeyEntry entry) throws IOException {
        Path file = write(name, entry);
        NAMES.put(name, "--cert " + file + " --key " + file);
    }

    /** The server that asks for certificates is trusted by its pin. */
    private static String to(TestServer server) {
        String to = "--server 127.0.0.1:" + server.port() + " --token " + server.token();
        return server == open ? to : to + " --pin " + server.pin();
    }

    /** {@code what} is given to the agent and to the doctor, which must fail at {@code step}; where that is empty, neither gets as far as the first. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # what is given                                   | exit | step    | what is said                                                | and what to do
            {OPEN}                                            | 4    | trust   | is not vouched for by any CA that Java trusts               | says with --pin what to trust
            {OPEN} --ca {OTHER_CA}                            | 4    | trust   | is not vouched for by the CA that was given                 | start again with its new ca.pem
            {OPEN} --ca {CA} --server-name x.test             | 4    | trust   | expected 'x.test'                                           | --server-name says which name
            {OPEN} --ca {GIVEN_CA} --server-name expired.test | 4    | trust   | (for expired.test) ended on                                 | clock
            {OPEN} --pin {WRONG_PIN}                          | 4    | trust   | presented the key {PIN}                                     | the --pin of its key
            {OPEN} --pin {CA_PIN} --server-name expired.test  | 4    | trust   | (for expired.test) ended on                                 | clock
            {OPEN} --pin {CA_PIN} --server-name tunnel.localhost | 4 | trust   | presented the key {PIN}                                     | expected {CA_PIN}
            {CLOSED}                                          | 4    | control | asks agents for a certificate, and none was shown           | give --cert FILE and --key FILE
            {CLOSED} {OTHER}                                  | 4    | control | (CN=laptop) is not from a CA that this server accepts       | ask whoever runs the server for a certificate
            {CLOSED} {SELF}                                   | 4    | control | (CN=laptop) is not from a CA that this server accepts       | from the CA of its --client-ca
            {CLOSED} {ENDED}                                  | 4    | control | the client certificate (CN=laptop) ended on                 | valid now
            {CLOSED} {EARLY}                                  | 4    | control | the client certificate (CN=laptop) begins on                | valid now
            {CLOSED} {SERVERS}                                | 4    | control | (CN=laptop) is not for clients                              | clientAuth
            {CLOSED} --cert {GOOD_FILE}                       | 2    | ''      | --cert needs its --key                                      | ''
            {CLOSED} --key {GOOD_FILE}                        | 2    | ''      | --key needs its --cert                                      | ''
            {CLOSED} --cert {GOOD_FILE} --key {OTHER_FILE}    | 1    | ''      | {GOOD_FILE}: not the certificate of the key in {OTHER_FILE} | ''
            {CLOSED} --cert {GOOD_FILE} --key {LOCKED}        | 1    | ''      | {LOCKED}: the private key is encrypted                      | openssl pkcs8 -topk8 -nocrypt
            {CLOSED} --cert {GOOD_FILE} --key none.pem        | 1    | ''      | none.pem: there is no such file                             | ''
            """)
    void eachWayToFailHasItsMessage(String what, int exitCode, String step, String message, String nextStep) throws Exception {
        typed.fails("agent 8080 " + what, exitCode, message, nextStep);
        String said = doctor(what, exitCode);
        assertTrue(said.contains(typed.named(message)), said);
        List<String> failed = said.lines().filter(line -> line.startsWith("FAIL ")).map(line -> line.split(" +")[1]).toList();
        assertEquals(step.isEmpty() ? List.of() : List.of(step), failed, said);
    }

    private static String doctor(String what, int exitCode) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        String[] words = Stream.concat(Stream.of("--state-dir", empty.toString()), Stream.of(typed.named(what).split(" +"))).toArray(String[]::new);
        int ended = Launch.run(new DoctorMain(out), out, out, words);
        String text = said.toString(StandardCharsets.UTF_8);
        assertEquals(exitCode, ended, text);
        return text;
    }

    @Test
    void aServerNeedsItsCas() throws Exception {
        typed.fails("server --port 0 --client-ca none.pem", 1, "none.pem: no such file or directory", "");
        typed.fails("server --port 0 --client-ca {LOCKED}", 1, "{LOCKED}: there is no '-----BEGIN CERTIFICATE-----' in it", "");
    }

    @ParameterizedTest
    @CsvSource({
        // The key of the server's own certificate stands for itself, whatever its CA and its name.
        "{OPEN} --pin {PIN}",
        "{OPEN} --pin {WRONG_PIN} --pin {PIN}",
        "{OPEN} --pin {PIN} --server-name x.test",
        "{OPEN} --pin {CA_PIN} --server-name shown.test",
        "{OPEN} --ca {GIVEN_CA} --server-name shown.test",
        "{OPEN} --ca {CA}",
        // Who is not asked for a certificate shows none.
        "{OPEN} --ca {CA} {OTHER}",
        "{CLOSED} {GOOD}"})
    void whatIsRightOpensATunnel(String what) throws Exception {
        Process program = typed.start("agent 8080 --log-format json " + what);
        try {
            Eventually.await(() -> "it is registered: " + typed.said(), Duration.ofSeconds(20), () -> typed.said().contains("\"event\":\"tunnel_registered\""));
        } finally {
            program.destroy();
        }
        assertTrue(program.waitFor(20, TimeUnit.SECONDS));
        assertTrue(doctor(what, 0).contains("ok    visit"));
    }
}
