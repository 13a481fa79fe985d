package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.agent.DoctorMain;
import tunnelforge.cli.Launch;
import tunnelforge.net.KeyEntry;
import tunnelforge.net.ServerKeys;
import tunnelforge.net.TestCertificates;
import tunnelforge.server.TestServer;

/** Which step the doctor names when something on the way to a server is wrong, and what it says about it. */
final class DoctorTest {
    private static final String WRONG_PIN = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    private static final String TOKEN = "tf_never_shown";
    private static TunnelFixture tunnel;

    @TempDir
    private Path state;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start(new TunnelFixture.Options().withoutAgent().http());
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    private String doctor(int code, String server, String token, String... options) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        List<String> words = new ArrayList<>(List.of("--state-dir", state.toString(), "--server", server, "--token", token));
        words.addAll(List.of(options));
        int ended = Launch.run(new DoctorMain(out), out, out, words.toArray(String[]::new));
        String text = said.toString(StandardCharsets.UTF_8);
        assertEquals(code, ended, text);
        assertFalse(text.contains(token), text);
        return text;
    }

    /** The names of the steps that went well, and that of the one that failed. */
    private static void assertSteps(String text, String ok, String failed) {
        assertEquals(ok, String.join(" ", text.lines().filter(line -> line.startsWith("ok ")).map(line -> line.split(" +")[1]).toList()), text);
        assertEquals(failed, String.join(" ", text.lines().filter(line -> line.startsWith("FAIL ")).map(line -> line.split(" +")[1]).toList()), text);
        assertEquals(failed.isEmpty() ? 0 : 1, text.lines().filter(line -> line.startsWith("      next: ")).count(), text);
    }

    private static String at(int port) {
        return "127.0.0.1:" + port;
    }

    private static void assertContains(String part, String text) {
        assertTrue(text.contains(part), text);
    }

    @Test
    void everyStepToAServerThatWorksIsOk() throws Exception {
        String text = doctor(0, at(tunnel.server().port()), tunnel.server().token(), "--pin", tunnel.server().pin());
        assertSteps(text, "name port tls trust control token data visit", "");
        assertContains("ok    name     127.0.0.1 is an address (", text);
        assertContains("ok    port     " + at(tunnel.server().port()) + " accepts connections (", text);
        assertContains("the pin fits; for tunnel.localhost", text);
        assertContains("; key " + tunnel.server().pin(), text);
        assertContains("note  browsers warn visitors: ", text);
        assertEquals(1, text.lines().filter(line -> line.startsWith("note")).count(), text);
        Eventually.await("the tunnel is closed", () -> tunnel.server().tunnels() == 0);
    }

    @Test
    void whatAnAgentFindsInTheStateDirectoryIsFoundToo() {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        int code = Launch.run(new DoctorMain(out), out, out, "--state-dir", tunnel.server().stateDirectory().toString(),
                "--server", "localhost:" + tunnel.server().port(), "--token", tunnel.server().token(), "--ca", tunnel.server().caFile().toString());
        String text = said.toString(StandardCharsets.UTF_8);
        assertEquals(0, code, text);
        assertContains("localhost is 127.0.0.1, ::1 (", text);
        assertContains("from the CA that was given; for tunnel.localhost", text);
    }

    @Test
    void aNameThatDoesNotResolveFailsTheFirstStep() {
        String text = doctor(1, "nobody.invalid:443", TOKEN);
        assertSteps(text, "", "name");
        assertContains("nobody.invalid", text);
    }

    @Test
    void aPortWithoutAServerFailsTheSecond() throws IOException {
        int port = ScriptedService.closedPort();
        String text = doctor(1, at(port), TOKEN);
        assertSteps(text, "name", "port");
        assertContains(at(port) + ": Connection refused", text);
        assertContains("is the server running, is " + port + " its --port", text);
    }

    @Test
    void aPortOfPlainHttpIsTold() {
        String text = doctor(1, at(tunnel.server().httpPort()), TOKEN);
        assertSteps(text, "name port", "tls");
        assertContains("; plain HTTP is spoken here", text);
    }

    @Test
    void anotherServicesBannerIsTold() throws Exception {
        try (ScriptedService ssh = new ScriptedService()) {
            ssh.play(connection -> connection.send("SSH-2.0-other\r\n"));
            String text = doctor(1, at(ssh.port()), TOKEN);
            assertSteps(text, "name port", "tls");
            assertContains("no TLS 1.3: ", text);
            assertContains("; SSH is spoken here", text);
        }
    }

    @Test
    void trustIsJudgedAsTheAgentDoes() {
        String address = at(tunnel.server().port());
        String wrongPin = doctor(4, address, TOKEN, "--pin", WRONG_PIN);
        assertSteps(wrongPin, "name port tls", "trust");
        assertContains("presented the key " + tunnel.server().pin(), wrongPin);
        assertContains("next: 'token show' on the server's machine prints the line with the --pin", wrongPin);

        String noCa = doctor(4, address, TOKEN);
        assertSteps(noCa, "name port tls", "trust");
        assertContains("is not vouched for by any CA that Java trusts", noCa);
        assertContains("says with --pin what to trust", noCa);

        String otherName = doctor(4, address, TOKEN, "--ca", tunnel.server().caFile().toString(), "--server-name", "elsewhere.test");
        assertSteps(otherName, "name port tls", "trust");
        assertContains("expected 'elsewhere.test'", otherName);
        assertContains("next: --server-name", otherName);
    }

    @Test
    void aClockThatIsOffIsThoughtOf() throws Exception {
        KeyEntry ca = TestCertificates.ca("a CA");
        Instant now = Instant.now();
        KeyEntry early = TestCertificates.of("server").from(ca).names("127.0.0.1").valid(now.plus(Duration.ofDays(1)), now.plus(Duration.ofDays(2))).make();
        try (OtherServer server = new OtherServer(early, "")) {
            String text = doctor(4, at(server.port()), TOKEN, "--ca", pem(ca).toString());
            assertSteps(text, "name port tls", "trust");
            assertContains("begins on ", text);
            assertContains("next: the clock of this machine says " + now.toString().substring(0, 4), text);
        }
    }

    @Test
    void anotherWebServerIsToldByItsAnswer() throws Exception {
        KeyEntry ca = TestCertificates.ca("a CA");
        try (OtherServer server = new OtherServer(TestCertificates.server(ca, "127.0.0.1"),
                "HTTP/1.1 404 Not Found\r\nServer: web/1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")) {
            String text = doctor(1, at(server.port()), TOKEN, "--ca", pem(ca).toString());
            assertSteps(text, "name port tls trust", "control");
            assertContains("no TunnelForge server: it answered 404, Server: web/1 (", text);
        }
    }

    @Test
    void aServerThatHangsUpFailsTheControlConnection() throws Exception {
        KeyEntry ca = TestCertificates.ca("a CA");
        try (OtherServer server = new OtherServer(TestCertificates.server(ca, "127.0.0.1"), "")) {
            String text = doctor(1, at(server.port()), TOKEN, "--ca", pem(ca).toString());
            assertSteps(text, "name port tls trust", "control");
        }
    }

    @Test
    void aTunnelsNameIsNotTheServers() {
        String text = doctor(1, "nobody.tunnel.localhost:" + tunnel.server().port(), TOKEN, "--pin", tunnel.server().pin());
        assertSteps(text, "name port tls trust", "control");
        assertContains("404 (TF-TUNNEL-UNKNOWN)", text);
        assertContains("the server's own name, not a tunnel's", text);
    }

    @Test
    void visitorsNeedADnsRecord() throws Exception {
        try (TestServer server = TestServer.start(new TestServer.Options().domain("tunnel.invalid"))) {
            String text = doctor(0, at(server.port()), server.token(), "--pin", server.pin());
            assertSteps(text, "name port tls trust control token data visit", "");
            assertContains("note  visitors need a DNS record for names such as ", text);
        }
    }

    @Test
    void aWrongTokenIsRefused() {
        String text = doctor(3, at(tunnel.server().port()), TOKEN, "--pin", tunnel.server().pin());
        assertSteps(text, "name port tls trust control", "token");
        assertContains("(TF-AUTH)", text);
    }

    private Path pem(KeyEntry ca) throws Exception {
        return Files.writeString(state.resolve("other-ca.pem"), "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(ca.leaf().getEncoded()) + "\n-----END CERTIFICATE-----\n");
    }

    /** Speaks TLS, reads something, and gives one answer. */
    private static final class OtherServer implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final SSLContext context = SSLContext.getInstance("TLS");
        private final String answer;

        OtherServer(KeyEntry key, String answer) throws Exception {
            this.answer = answer;
            context.init(new KeyManager[] {new ServerKeys(List.of(key))}, null, null);
            Thread.ofVirtual().name("other server").start(this::accept);
        }

        int port() {
            return listener.getLocalPort();
        }

        private void accept() {
            while (!listener.isClosed()) {
                try (Socket raw = listener.accept(); SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(raw, null, true)) {
                    tls.setUseClientMode(false);
                    tls.setSoTimeout(10_000);
                    if (tls.getInputStream().read() >= 0) {
                        tls.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                    }
                } catch (IOException e) {
                    // Closed in the end, or a handshake that the client has broken off.
                }
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
