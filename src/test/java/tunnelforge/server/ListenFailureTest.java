package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.net.OwnAddresses;
import tunnelforge.text.Addresses;

/** A server that cannot listen says why, and what to do. */
final class ListenFailureTest {
    /** For documentation only (RFC 5737 section 3). */
    private static final String NOBODYS = "203.0.113.9";

    private Path state;

    @BeforeEach
    void prepare() throws IOException {
        state = TestServer.copyOfPrepared(TestServer.DOMAIN);
    }

    @AfterEach
    void delete() {
        TestServer.delete(state);
    }

    private String refused(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--state-dir", state.toString(), "--log-level", "error"));
        return assertThrows(IOException.class, () -> ServerMain.start(all).close()).getMessage();
    }

    @Test
    void anAddressOfAnotherMachineIsToldApart() {
        String message = refused("--port", "0", "--bind", NOBODYS);
        assertTrue(message.startsWith("--bind " + NOBODYS + ": this machine has no such address (it has 127.0.0.1"), message);
        for (InetAddress own : OwnAddresses.reachable()) {
            assertTrue(message.contains(Addresses.text(own)), message);
        }
    }

    @Test
    void aPortThatIsTakenIsToldWithItsOption() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = other.getLocalPort();
            String tls = refused("--port", String.valueOf(port), "--bind", "127.0.0.1");
            assertTrue(tls.startsWith("port " + port + " is in use: choose another with --port, or end what uses it"), tls);
            String http = refused("--port", "0", "--http-port", String.valueOf(port), "--bind", "127.0.0.1");
            assertTrue(http.startsWith("port " + port + " is in use: choose another with --http-port,"), http);
        }
    }

    @Test
    void aLowPortNeedsRoot() {
        BindException denied = new BindException("Permission denied");
        assertEquals("port 443: ports below 1024 need root or CAP_NET_BIND_SERVICE; choose a higher one, such as --port 8443",
                ListenFailure.of(denied, "--port", null, 443).getMessage());
        assertFalse(ListenFailure.of(denied, "--port", null, 1024).getMessage().contains("root"));
        assertEquals(denied, ListenFailure.of(denied, "--port", null, 443).getCause());
    }

    @Test
    void whatIsInUseIsNotTakenForAMissingAddress() {
        BindException taken = new BindException("Address already in use");
        assertTrue(ListenFailure.of(taken, "--port", InetAddress.getLoopbackAddress(), 443).getMessage().startsWith("port 443 is in use"));
    }
}
