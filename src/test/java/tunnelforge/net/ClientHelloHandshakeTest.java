package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ClientHellos of real clients, and handshakes that go on from them. */
final class ClientHelloHandshakeTest {
    private static final KeyEntry CA = TestCertificates.ca("CA");
    private static final KeyEntry SERVER = TestCertificates.server(CA, "quick.example");
    private static final SSLContext CLIENT =
            ServerTrust.context(new ServerTrust(List.of(CA.leaf()), List.of(), "quick.example"));

    @Test
    void theJdksClientIsUnderstood() throws Exception {
        try (TestTls server = TestTls.serving(SERVER)) {
            server.connect(CLIENT, "Quick.Example", parameters -> { });
            assertEquals("quick.example", server.lastHello().serverName());
            // Not the same context: a session that is resumed brings its old name with it.
            server.connect(new ServerTrust(List.of(CA.leaf()), List.of(), "quick.example"));
            assertNull(server.lastHello().serverName());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100})
    void aHandshakeGoesOnFromAHelloInFragments(int size) throws Exception {
        try (TestTls server = TestTls.serving(SERVER); ServerSocket middle = fragmenting(server.port(), size);
                Socket raw = new Socket(InetAddress.getLoopbackAddress(), middle.getLocalPort());
                SSLSocket tls = (SSLSocket) CLIENT.getSocketFactory().createSocket(raw, "127.0.0.1", 1, true)) {
            raw.setSoTimeout(10_000);
            SSLParameters parameters = ServerTrust.parameters();
            parameters.setServerNames(List.of(new SNIHostName("quick.example")));
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            tls.getOutputStream().write(1);
            assertEquals('H', tls.getInputStream().read());
            assertEquals("quick.example", server.lastHello().serverName());
            byte[] fragments = server.lastHello().bytes();
            assertEquals(size, fragments[3] << 8 | fragments[4] & 0xff);
        }
    }

    /** A listener for one connection, whose first record is passed on in records of {@code size} bytes. */
    private static ServerSocket fragmenting(int port, int size) throws IOException {
        ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            try (Socket client = listener.accept(); Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
                byte[] hello = ClientHello.read(client.getInputStream(), ClientHello.DEFAULT_LIMIT_BYTES).bytes();
                server.getOutputStream().write(TestHello.records(Arrays.copyOfRange(hello, 5, hello.length), size));
                Thread back = Thread.ofVirtual().start(() -> copy(server, client));
                copy(client, server);
                back.join();
            } catch (IOException | InterruptedException e) {
                // The client's side of the test tells.
            }
        });
        return listener;
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // The client's side of the test tells.
        }
    }

    @Test
    void opensslIsUnderstoodAndTakesTheCertificate(@TempDir Path directory) throws Exception {
        Path ca = Files.writeString(directory.resolve("ca.pem"), Pem.encode(CA.leaf()));
        try (TestTls server = TestTls.serving(SERVER)) {
            for (String version : List.of("-tls1_3", "-tls1_2")) {
                assertEquals(0, openssl("s_client", "-connect", "127.0.0.1:" + server.port(), "-servername", "Quick.Example",
                        "-CAfile", ca.toString(), "-verify_hostname", "quick.example", "-verify_return_error", version));
                assertEquals("quick.example", server.lastHello().serverName());
            }
        }
    }

    private static int openssl(String... arguments) throws Exception {
        String[] line = new String[arguments.length + 1];
        line[0] = "openssl";
        System.arraycopy(arguments, 0, line, 1, arguments.length);
        Process process;
        try {
            process = new ProcessBuilder(line).redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeTrue(false, "openssl is not here");
            return -1;
        }
        process.getOutputStream().write("x\n".getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try (InputStream out = process.getInputStream()) {
            out.transferTo(said);
        }
        assertTrue(process.waitFor(10, TimeUnit.SECONDS), said::toString);
        assertEquals(0, process.exitValue(), said::toString);
        return process.exitValue();
    }
}
