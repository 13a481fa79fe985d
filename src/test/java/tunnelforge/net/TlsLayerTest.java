package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tunnelforge.log.RecordingLog;

/** Which name a client asks for. */
final class TlsLayerTest {
    private static String asked(String host, SSLParameters parameters) throws Exception {
        Ticker ticker = new Ticker(new RecordingLog().log());
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Connection connection = Connection.connect(List.of(InetAddress.getLoopbackAddress()), listener.getLocalPort(), Duration.ofSeconds(10), ticker);
                Socket accepted = listener.accept()) {
            accepted.setSoTimeout(10_000);
            Thread.ofVirtual().start(() -> {
                try {
                    connection.startTlsClient(SSLContext.getDefault(), parameters, host, 443);
                } catch (IOException | java.security.GeneralSecurityException e) {
                    // Nobody answers.
                }
            });
            return ClientHello.read(accepted.getInputStream(), ClientHello.DEFAULT_LIMIT_BYTES).serverName();
        } finally {
            ticker.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"localhost, localhost", "LocalHost, localhost", "localhost., localhost", "my_service, my_service", "my_service.internal, my_service.internal",
        "www.example.org, www.example.org", "www.example.org., www.example.org", "b\u00fccher.example, xn--bcher-kva.example", "127.0.0.1, ", "::1, "})
    void everyNameIsAskedForAndNoAddress(String host, String name) throws Exception {
        assertEquals(name, asked(host, null));
    }

    /** The agent's two kinds of connections to its server ask alike. */
    @Test
    void withParametersOfItsOwnNamesWithoutADotAreLeftOutAsTheJdksHttpClientDoes() throws Exception {
        assertNull(asked("localhost", ServerTrust.parameters()));
        assertEquals("www.example.org", asked("www.example.org", ServerTrust.parameters()));
    }
}
