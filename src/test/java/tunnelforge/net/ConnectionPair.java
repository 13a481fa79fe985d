package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import tunnelforge.Eventually;
import tunnelforge.log.RecordingLog;

/** Both ends of one connection, whose time stands until a test moves it. Nothing may be left of them when it is closed. */
final class ConnectionPair implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(10);
    private static final long PLENTY = 1L << 30;

    final RecordingLog log = new RecordingLog();
    final Tasks tasks = new Tasks(log.log());
    final ManualClock clock = new ManualClock();
    final Ticker ticker = clock.ticker(tasks, log.log());
    final Ledger ledger;
    /** Accepted. */
    final Connection near;
    /** Connected. */
    final Connection far;

    ConnectionPair() throws IOException {
        this(new Ledger(PLENTY));
    }

    ConnectionPair(Ledger ledger) throws IOException {
        this.ledger = ledger;
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            far = Connection.connect(List.of(InetAddress.getLoopbackAddress()), listener.socket().getLocalPort(), LIMIT, ticker, ledger);
            near = Connection.accepted(listener.accept(), ticker, ledger);
        }
    }

    static ConnectionPair make(boolean tls) throws Exception {
        ConnectionPair pair = new ConnectionPair();
        return tls ? pair.withTls() : pair;
    }

    /** The near end is the server. */
    ConnectionPair withTls() throws Exception {
        try {
            KeyEntry ca = TestCertificates.ca("test CA");
            SSLContext server = SSLContext.getInstance("TLS");
            server.init(new KeyManager[] {new ServerKeys(List.of(TestCertificates.server(ca, "server.test")))}, null, null);
            SSLContext client = ServerTrust.context(new ServerTrust(List.of(ca.leaf()), List.of(), "server.test"));
            FutureTask<Void> serving = start(() -> {
                near.startTlsServer(server, ClientHello.read(near.in(), ClientHello.DEFAULT_LIMIT_BYTES), false);
                return null;
            });
            far.startTlsClient(client, null, "server.test", 443);
            result(serving);
            return this;
        } catch (IOException | GeneralSecurityException e) {
            far.kill();
            near.kill();
            throw e;
        }
    }

    /** Moves the time for as long as the watch waits for readers, looking at everything as often as a real ticker does. */
    void aQuietSecondPasses() {
        for (int i = 0; i < 6; i++) {
            clock.advance(Duration.ofMillis(250));
        }
    }

    /** Until the far end's bytes have arrived, taken by the watch or not. */
    void awaitArrival() {
        Eventually.await("something has arrived", () -> near.silence(clock.nanos() + TimeUnit.HOURS.toNanos(1)) == 0);
    }

    static <T> FutureTask<T> start(Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(body);
        Thread.ofVirtual().start(task);
        return task;
    }

    static <T> T result(FutureTask<T> task) throws Exception {
        return task.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void close() throws InterruptedException {
        near.kill();
        far.kill();
        assertTrue(tasks.awaitNone(LIMIT), () -> tasks.live() + " tasks are left");
        assertEquals(0, ticker.size());
        assertEquals(0, ledger.used());
        assertEquals(List.of(), log.entries());
        ticker.close();
    }
}
