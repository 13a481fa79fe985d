package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.Eventually;
import tunnelforge.log.RecordingLog;

/** What {@link ConnectionTest} asks of TCP, of a Unix-domain socket. */
class UnixConnectionTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(10);
    private static final byte[] HELLO = {'h', 'e', 'l', 'l', 'o'};
    private static final int BACKLOG = 1;

    private final Ticker ticker = new Ticker(new RecordingLog().log());

    @TempDir
    private Path folder;
    private Path path;
    private ServerSocketChannel listener;
    private Connection connection;
    private SocketChannel peer;

    @BeforeEach
    void connect() throws IOException {
        path = folder.resolve("s");
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path), BACKLOG);
        connection = Connection.connect(path, LIMIT, ticker);
        peer = listener.accept();
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

    private FutureTask<Void> endlessWriter() {
        return start(() -> {
            byte[] bytes = new byte[256 * 1024];
            while (true) {
                connection.out().write(bytes);
            }
        });
    }

    private InputStream fromPeer() {
        return Channels.newInputStream(peer);
    }

    private void peerSendsHello() throws IOException {
        peer.write(ByteBuffer.wrap(HELLO));
    }

    private void bytesGoBothWays() throws IOException {
        connection.out().write(HELLO);
        assertArrayEquals(HELLO, fromPeer().readNBytes(HELLO.length));
        peerSendsHello();
        assertArrayEquals(HELLO, connection.in().readNBytes(HELLO.length));
    }

    // ---- Connecting. ----

    @Test
    void itHasNoAddressesAndNoTls() throws IOException {
        bytesGoBothWays();
        assertNull(connection.peer());
        assertNull(connection.local());
        assertThrows(IllegalStateException.class, () -> connection.startTlsClient(javax.net.ssl.SSLContext.getDefault(), null, "x", 1));
    }

    @Test
    void whereNobodyListensItFailsAtOnce() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        Path left = folder.resolve("left");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(left)).close();
        long before = System.nanoTime();
        for (Path nobody : List.of(folder.resolve("none"), file, left, folder.resolve("none").resolve("none"), folder)) {
            IOException e = assertThrows(IOException.class, () -> Connection.connect(nobody, LIMIT, ticker), nobody.toString());
            assertFalse(e instanceof SocketTimeoutException, e.toString());
        }
        assertTrue(System.nanoTime() - before < LIMIT.toNanos() / 2);
        assertEquals(1, ticker.size(), "only the test's own connection");
    }

    /** As many as the backlog takes, without waiting. */
    private List<SocketChannel> fillBacklog() throws IOException {
        List<SocketChannel> waiting = new ArrayList<>();
        while (true) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.configureBlocking(false);
            try {
                channel.connect(UnixDomainSocketAddress.of(path));
                waiting.add(channel);
            } catch (IOException full) {
                channel.close();
                return waiting;
            }
        }
    }

    private static void closeAll(List<SocketChannel> channels) throws IOException {
        for (SocketChannel channel : channels) {
            channel.close();
        }
    }

    @Test
    void aFullBacklogIsWaitedFor() throws Exception {
        List<SocketChannel> waiting = fillBacklog();
        FutureTask<Connection> connecting = start(() -> Connection.connect(path, LIMIT, ticker));
        assertThrows(java.util.concurrent.TimeoutException.class, () -> connecting.get(50, TimeUnit.MILLISECONDS));
        listener.accept().close();
        result(connecting).kill();
        closeAll(waiting);
    }

    @Test
    void aBacklogThatStaysFullIsATimeOut() throws Exception {
        List<SocketChannel> waiting = fillBacklog();
        FutureTask<Connection> onVirtual = start(() -> Connection.connect(path, SHORT, ticker));
        ExecutionException e = assertThrows(ExecutionException.class, () -> result(onVirtual));
        assertTrue(e.getCause() instanceof SocketTimeoutException, e.toString());
        assertThrows(SocketTimeoutException.class, () -> Connection.connect(path, SHORT, ticker));
        closeAll(waiting);
    }

    @Test
    void theLongestPathIsAsLongAsWeSay() throws IOException {
        int room = Connection.MAX_UNIX_PATH - folder.toString().length() - 1;
        Path longest = folder.resolve("x".repeat(room));
        try (ServerSocketChannel there = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(longest));
                Connection other = Connection.connect(longest, LIMIT, ticker)) {
            there.accept().close();
            assertTrue(other.stale());
        }
        assertThrows(IOException.class, () -> Connection.connect(folder.resolve("x".repeat(room + 1)), SHORT, ticker));
    }

    // ---- Bytes. ----

    @Test
    void muchGoesBothWaysAtOnceUnchanged() throws Exception {
        byte[] much = new byte[3_000_000];
        new Random(1).nextBytes(much);
        FutureTask<Void> writing = start(() -> {
            connection.out().write(much, 0, 1_000_001);
            connection.out().write(much, 1_000_001, much.length - 1_000_001);
            connection.finish();
            return null;
        });
        FutureTask<byte[]> reading = start(() -> connection.in().readNBytes(much.length));
        FutureTask<Void> echoing = start(() -> {
            ByteBuffer buffer = ByteBuffer.allocate(10_000);
            while (peer.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    peer.write(buffer);
                }
            }
            return null;
        });
        result(writing);
        assertArrayEquals(much, result(reading));
        result(echoing);
    }

    @Test
    void singleBytesGoToo() throws IOException {
        connection.out().write(200);
        assertEquals(200, fromPeer().read());
        peer.write(ByteBuffer.wrap(new byte[] {(byte) 200}));
        assertEquals(200, connection.in().read());
        peer.shutdownOutput();
        assertEquals(-1, connection.in().read());
    }

    // ---- Ends. ----

    @Test
    void aLimitKillsUnderABlockedReaderAndWriter() {
        FutureTask<Integer> reading = start(() -> connection.in().read());
        FutureTask<Void> writing = endlessWriter();
        connection.within(SHORT);
        assertFails(writing);
        assertFails(reading);
        assertTrue(connection.late());
    }

    @Test
    void killEndsAReaderAndAWriterAtOnceAndMayBeRepeated() {
        FutureTask<Integer> reading = start(() -> connection.in().read());
        FutureTask<Void> writing = endlessWriter();
        connection.kill();
        connection.kill();
        assertFails(writing);
        assertFails(reading);
        assertFalse(connection.late());
        assertEquals(0, ticker.size());
    }

    @Test
    void killEndsAReaderOnAPlatformThreadToo() throws Exception {
        FutureTask<Integer> reading = new FutureTask<>(() -> connection.in().read());
        Thread thread = Thread.ofPlatform().daemon().start(reading);
        Eventually.await("it reads", () -> thread.getState() == Thread.State.RUNNABLE);
        connection.kill();
        assertFails(reading);
    }

    @Test
    void finishEndsOneDirectionOnly() throws IOException {
        connection.out().write(HELLO);
        connection.finish();
        assertArrayEquals(HELLO, fromPeer().readAllBytes());
        peerSendsHello();
        assertArrayEquals(HELLO, connection.in().readNBytes(HELLO.length));
        peer.shutdownOutput();
        assertEquals(-1, connection.in().read());
    }

    @Test
    void closeLooksLikeACleanEnd() throws IOException {
        connection.out().write(HELLO);
        connection.close();
        assertArrayEquals(HELLO, fromPeer().readAllBytes());
        connection.close();
        connection.abort();
    }

    @Test
    void abortLooksBrokenWhereThePeersBytesWereNotRead() throws IOException {
        peerSendsHello();
        connection.abort();
        assertThrows(IOException.class, () -> fromPeer().readAllBytes());
    }

    // ---- Idle connections. ----

    @Test
    void anIdleConnectionIsNotStaleAndCanStillBeUsed() throws IOException {
        assertFalse(connection.stale());
        bytesGoBothWays();
        assertFalse(connection.stale());
        bytesGoBothWays();
    }

    @Test
    void whatThePeerHasClosedOrSentIntoItIsStale() throws IOException {
        peerSendsHello();
        assertTrue(connection.stale());
        peer.close();
        try (Connection other = Connection.connect(path, LIMIT, ticker)) {
            listener.accept().close();
            assertTrue(other.stale());
            other.kill();
            assertTrue(other.stale());
        }
    }
}
