package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS with whatever a client offers. For other programs' TLS see {@link TlsProgramsTest}. */
final class TlsClientsTest {
    private static TunnelFixture tunnel;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start();
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    private interface With<T> {
        T apply(SSLSocket socket) throws Exception;
    }

    private static <T> T handshake(Consumer<SSLParameters> offering, With<T> then) throws Exception {
        try (Socket raw = new Socket(InetAddress.getLoopbackAddress(), tunnel.server().port())) {
            raw.setSoTimeout((int) Peer.LIMIT.toMillis());
            try (SSLSocket tls = (SSLSocket) tunnel.trust().getSocketFactory().createSocket(raw, "127.0.0.1", tunnel.server().port(), true)) {
                SSLParameters parameters = tls.getSSLParameters();
                parameters.setServerNames(List.of(new SNIHostName(tunnel.host())));
                offering.accept(parameters);
                tls.setSSLParameters(parameters);
                tls.startHandshake();
                return then.apply(tls);
            }
        }
    }

    private static String get(SSLSocket tls) throws Exception {
        tunnel.service().serveText("served");
        return new Peer(tls, tls).send(tunnel.head("GET /")).readResponse().text();
    }

    @ParameterizedTest
    @CsvSource({"http/1.1, http/1.1", "h2|http/1.1, http/1.1", "http/1.0, http/1.0", "http/1.0|http/1.1, http/1.1", "h2|http/1.0, http/1.0", "unheard/9|http/1.1, http/1.1",
        "unheard/9|http/1.0, http/1.0"})
    void ofTheProtocolsOfferedTheBestThatIsSpokenIsTaken(String offered, String taken) throws Exception {
        assertEquals(taken + " served", handshake(to -> to.setApplicationProtocols(offered.split("\\|")), tls -> tls.getApplicationProtocol() + ' ' + get(tls)));
    }

    @Test
    void whoeverOffersNoneIsServed() throws Exception {
        assertEquals(" served", handshake(to -> { }, tls -> tls.getApplicationProtocol() + ' ' + get(tls)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"h2", "acme-tls/1", "h3|h2", "unheard/9"})
    void whoeverOffersOnlyOthersGetsAnAlertThatSaysSo(String offered) {
        IOException refused = assertThrows(IOException.class, () -> handshake(to -> to.setApplicationProtocols(offered.split("\\|")), tls -> null));
        assertTrue(refused.getMessage().contains("no_application_protocol"), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"})
    void tls12WithForwardSecrecyAndAuthenticatedEncryptionIsSpoken(String suite) throws Exception {
        assertEquals("TLSv1.2 served", handshake(to -> only12(to, suite), tls -> tls.getSession().getProtocol() + ' ' + get(tls)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"})
    void otherSuitesAreNot(String suite) {
        assertThrows(IOException.class, () -> handshake(to -> only12(to, suite), tls -> null));
    }

    private static void only12(SSLParameters to, String suite) {
        to.setProtocols(new String[] {"TLSv1.2"});
        to.setCipherSuites(new String[] {suite});
    }
}
