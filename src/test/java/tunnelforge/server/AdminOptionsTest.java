package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.UsageException;
import tunnelforge.log.RecordingLog;
import tunnelforge.server.admin.AdminPort;
import tunnelforge.server.admin.Observed;

/** Where the admin port is, and what comes of one that cannot be had. */
final class AdminOptionsTest {
    private final RecordingLog log = new RecordingLog();
    private Path state;
    private Server server;

    @BeforeEach
    void start() throws Exception {
        state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        server = ServerMain.start(List.of("--port", "0", "--bind", "127.0.0.1", "--state-dir", state.toString(), "--log-level", "error"));
    }

    @AfterEach
    void stop() {
        server.close();
        TestServer.delete(state);
    }

    private static AdminOptions options(String... words) throws UsageException {
        return AdminOptions.of(CommandLine.parse(List.of(AdminOptions.ADMIN, AdminOptions.HOST, AdminOptions.TOKEN_FILE), 0, List.of(words)));
    }

    private Observed observed() {
        return server.observed();
    }

    @Test
    void theUsualPortIsOnLoopback() throws Exception {
        AdminOptions usual = options();
        assertEquals(InetAddress.getByName("127.0.0.1"), usual.address());
        assertEquals(4041, usual.port());
        assertNull(usual.openAsked(observed(), state, log.log()));
    }

    @Test
    void offIsNowhere() throws Exception {
        AdminOptions off = options("--admin", "off");
        assertNull(off.openAsked(observed(), state, log.log()));
        assertNull(off.openUsual(observed(), log.log()));
        assertTrue(log.entries().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"4041", ":4041", "127.0.0.1", "localhost", "example.com:4041", "127.0.0.1:65536", "http://127.0.0.1:4041", "none"})
    void anythingElseIsNoAddress(String text) {
        assertThrows(UsageException.class, () -> options("--admin", text));
    }

    @Test
    void namesAreTakenAsBrowsersSendThem() throws Exception {
        assertEquals(Set.of("metrics.example.com", "192.0.2.1", "2001:db8::1"),
                options("--admin-host", "Metrics.Example.com.", "--admin-host", "192.0.2.1", "--admin-host", "[2001:db8:0::1]").hosts());
        assertThrows(UsageException.class, () -> options("--admin-host", "example.com:80"));
    }

    @Test
    void aPortThatWasAskedForAndIsTakenEndsTheStart() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            AdminOptions asked = options("--admin", "127.0.0.1:" + other.getLocalPort());
            String message = assertThrows(IOException.class, () -> asked.openAsked(observed(), state, log.log())).getMessage();
            assertTrue(message.startsWith("port " + other.getLocalPort() + " is in use: choose another with --admin,"), message);
        }
        AdminOptions nobodys = options("--admin", "203.0.113.9:4041");
        assertTrue(assertThrows(IOException.class, () -> nobodys.openAsked(observed(), state, log.log())).getMessage().startsWith("--admin 203.0.113.9: this machine has no such address"));
    }

    @Test
    void withoutTheUsualPortTheServerGoesOn() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            AdminOptions usual = new AdminOptions(InetAddress.getByName("127.0.0.1"), other.getLocalPort(), false, Set.of(), null);
            assertNull(usual.openUsual(observed(), log.log()));
            assertEquals(other.getLocalPort(), log.entries("admin_port_taken").getFirst().fields().get("port"));
        }
    }

    @Test
    void otherAddressesThanLoopbackAskForATokenThatIsMadeOnce() throws Exception {
        AdminOptions everywhere = options("--admin", "0.0.0.0:0");
        Path file = state.resolve("admin-token");
        try (AdminPort opened = everywhere.openAsked(observed(), state, log.log())) {
            assertTrue(log.entries("admin_unencrypted").getFirst().message().contains(file.toString()));
            assertEquals("http://127.0.0.1:" + opened.port() + "/", opened.url());
        }
        String token = Files.readString(file).strip();
        assertTrue(token.matches("[0-9a-f]{32}"));
        assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(file));
        assertFalse(log.entries().toString().contains(token));
        everywhere.openAsked(observed(), state, log.log()).close();
        assertEquals(token, Files.readString(file).strip());
    }

    @Test
    void aTokenFileMustHoldOne(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("token");
        Files.writeString(file, "too short\nsecond line, which does not matter\n");
        AdminOptions asked = options("--admin", "127.0.0.1:0", "--admin-token-file", file.toString());
        assertTrue(assertThrows(IOException.class, () -> asked.openAsked(observed(), state, log.log())).getMessage().contains("has 9 characters; 16 are the least"));
        AdminOptions usual = options("--admin-token-file", file.toString());
        assertThrows(IOException.class, () -> usual.openAsked(observed(), state, log.log()), "before the server says that it listens");
        Files.writeString(file, "long enough for a token\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        asked.openAsked(observed(), state, log.log()).close();
        assertEquals(file, log.entries("token_exposed").getFirst().fields().get("file"));
        assertFalse(Files.exists(state.resolve("admin-token")));
    }
}
