package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.ServerSocketChannel;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.log.RecordingLog;

class ConnectionTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final byte[] HELLO = {'h', 'e', 'l', 'l', 'o'};

    private final ManualClock clock = new ManualClock();
    private final Ticker ticker = clock.ticker(new RecordingLog().log());
    private ServerSocket listener;
    private Connection connection;
    private Socket peer;

    @BeforeEach
    void connect() throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        listener = channel.socket();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        connection = Connection.connect(List.of(InetAddress.getLoopbackAddress()), listener.getLocalPort(), LIMIT, ticker);
        peer = accept();
    }

    private Socket accept() throws IOException {
        Socket socket = listener.accept();
        socket.setSoTimeout((int) LIMIT.toMillis());
        return socket;
    }

    @AfterEach
    void nothingIsTickedAnyMore() throws IOException {
        connection.kill();
        peer.close();
        listener.close();
        assertEquals(0, ticker.size());
        ticker.close();
    }

    private static <T> FutureTask<T> start(Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(body);
        Thread.ofVirtual().start(task);
        return task;
    }

    private static <T> T result(FutureTask<T> task) throws Exception {
        return task.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private static void assertFails(FutureTask<?> task) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> result(task));
        assertTrue(e.getCause() instanceof IOException, e.getCause().toString());
    }

    /** Writes until nobody takes any more, and then for as long as the connection stands. */
    private FutureTask<Void> endlessWriter() {
        return start(() -> {
            byte[] bytes = new byte[256 * 1024];
            while (true) {
                connection.out().write(bytes);
            }
        });
    }

    // ---- Connecting. ----

    @Test
    void theFirstAddressThatAnswersIsTaken() throws IOException {
        InetAddress nobody = InetAddress.getByName("127.0.0.77");
        try (Connection other = Connection.connect(List.of(nobody, InetAddress.getLoopbackAddress()), listener.getLocalPort(), LIMIT,
                ticker); Socket far = accept()) {
            assertEquals(InetAddress.getLoopbackAddress(), other.peer().getAddress());
            assertEquals(far.getPort(), other.local().getPort());
        }
    }

    @Test
    void theLastRefusalIsReported() throws IOException {
        int closed;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = gone.getLocalPort();
        }
        assertThrows(ConnectException.class, () -> Connection.connect(
                List.of(InetAddress.getByName("127.0.0.77"), InetAddress.getLoopbackAddress()), closed, LIMIT, ticker));
        assertEquals(1, ticker.size(), "only the test's own connection");
    }

    @Test
    void bytesGoBothWays() throws IOException {
        connection.out().write(HELLO);
        assertArrayEquals(HELLO, peer.getInputStream().readNBytes(HELLO.length));
        peer.getOutputStream().write(HELLO);
        assertArrayEquals(HELLO, connection.in().readNBytes(HELLO.length));
    }

    // ---- Limits: more of them in ConnectionLimitsTest. ----

    @Test
    void aLimitKillsUnderABlockedReader() {
        FutureTask<Integer> reading = start(() -> connection.in().read());
        connection.within(LIMIT);
        clock.advance(LIMIT);
        assertFails(reading);
        assertTrue(connection.late());
    }

    @Test
    void aLimitKillsUnderABlockedWriter() {
        FutureTask<Void> writing = endlessWriter();
        connection.within(LIMIT);
        clock.advance(LIMIT);
        assertFails(writing);
        assertTrue(connection.late());
    }

    // ---- Ends. ----

    @Test
    void finishEndsOneDirectionOnly() throws IOException {
        connection.out().write(HELLO);
        connection.finish();
        assertArrayEquals(HELLO, peer.getInputStream().readAllBytes());
        peer.getOutputStream().write(HELLO);
        assertArrayEquals(HELLO, connection.in().readNBytes(HELLO.length));
        peer.shutdownOutput();
        assertEquals(-1, connection.in().read());
    }

    @Test
    void killEndsAReaderAndAWriterAtOnceAndMayBeRepeated() {
        FutureTask<Integer> reading = start(() -> connection.in().read());
        FutureTask<Void> writing = endlessWriter();
        connection.kill();
        connection.kill();
        assertFails(writing);
        assertThrows(ExecutionException.class, () -> {
            if (result(reading) < 0) {
                throw new ExecutionException(null);
            }
        });
        assertFalse(connection.late());
        assertEquals(0, ticker.size());
    }

    @Test
    void abortLooksBroken() throws IOException {
        connection.out().write(HELLO);
        connection.abort();
        assertThrows(SocketException.class, () -> peer.getInputStream().readAllBytes());
    }

    @Test
    void closeLooksLikeACleanEnd() throws IOException {
        connection.out().write(HELLO);
        connection.close();
        assertArrayEquals(HELLO, peer.getInputStream().readAllBytes());
        connection.close();
        connection.abort();
    }

    @Test
    void thePeersAddressStaysKnown() {
        int port = connection.peer().getPort();
        connection.kill();
        assertEquals(port, connection.peer().getPort());
    }

    // ---- Idle connections. ----

    @Test
    void anIdleConnectionIsNotStaleAndCanStillBeUsed() throws IOException {
        assertFalse(connection.stale());
        assertFalse(connection.stale());
        bytesGoBothWays();
        assertFalse(connection.stale());
    }

    @Test
    void whatThePeerHasClosedIsStale() throws IOException {
        peer.close();
        Eventually.await("the end of the stream is seen", connection::stale);
    }

    @Test
    void whatThePeerHasResetIsStale() throws IOException {
        peer.setSoLinger(true, 0);
        peer.close();
        Eventually.await("the reset is seen", connection::stale);
    }

    @Test
    void anAnswerThatNobodyAskedForMakesItStale() throws IOException {
        peer.getOutputStream().write(HELLO);
        Eventually.await("the bytes are seen", connection::stale);
    }

    @Test
    void whatWasKilledIsStale() {
        connection.kill();
        assertTrue(connection.stale());
    }

    // ---- TLS. ----

    private Connection tlsServer() throws IOException, GeneralSecurityException {
        KeyEntry ca = TestCertificates.ca("test CA");
        SSLContext server = SSLContext.getInstance("TLS");
        server.init(new KeyManager[] {new ServerKeys(List.of(TestCertificates.server(ca, "server.test")))}, null, null);
        SSLContext client = ServerTrust.context(new ServerTrust(List.of(ca.leaf()), List.of(), "server.test"));
        Connection other = Connection.accepted(peer.getChannel(), ticker, new Ledger(Long.MAX_VALUE));
        FutureTask<Void> serving = start(() -> {
            other.startTlsServer(server, ClientHello.read(other.in(), ClientHello.DEFAULT_LIMIT_BYTES), false);
            return null;
        });
        connection.startTlsClient(client, null, "server.test", listener.getLocalPort());
        try {
            result(serving);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        return other;
    }

    @Test
    void tlsIsLayeredOnBothEndsAndHalfCloses() throws Exception {
        try (Connection other = tlsServer()) {
            connection.out().write(HELLO);
            connection.finish();
            assertArrayEquals(HELLO, other.in().readAllBytes());
            other.out().write(HELLO);
            assertArrayEquals(HELLO, connection.in().readNBytes(HELLO.length));
            assertFalse(connection.stale());
        }
        assertEquals(-1, connection.in().read());
    }

    @Test
    void aTlsConnectionThatIsAbortedIsNoCleanEnd() throws Exception {
        Connection other = tlsServer();
        FutureTask<Integer> reading = start(() -> connection.in().read());
        other.abort();
        assertFails(reading);
    }

    @Test
    void closingIsBoundedWhileAWriterIsStuckInTls() throws Exception {
        try (Connection other = tlsServer()) {
            FutureTask<Void> writing = endlessWriter();
            // The peer reads nothing: when nothing more arrives in its buffer, the writer is stuck.
            Eventually.await("the writer is stuck", () -> !writing.isDone() && peerBacklogIsSteady());
            FutureTask<Void> closing = start(() -> {
                connection.close();
                return null;
            });
            Eventually.await("it is closed", () -> {
                clock.advance(Connection.CLOSE_LIMIT);
                return closing.isDone();
            });
            assertFalse(other.late());
            assertFails(writing);
        }
    }

    private int backlog;
    private int steady;

    private boolean peerBacklogIsSteady() {
        try {
            int now = peer.getInputStream().available();
            steady = now == backlog && now > 0 ? steady + 1 : 0;
            backlog = now;
            return steady > 50;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aHandshakeWithGarbageFails() throws Exception {
        peer.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes());
        SSLContext client = ServerTrust.context(new ServerTrust(null, List.of(), "server.test"));
        assertThrows(SSLException.class, () -> connection.startTlsClient(client, null, "server.test", 1));
    }
}
