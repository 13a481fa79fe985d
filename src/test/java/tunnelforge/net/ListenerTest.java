package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.log.RecordingLog;

class ListenerTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration TICK = Duration.ofMillis(250);

    private final RecordingLog log = new RecordingLog();
    private final Tasks tasks = new Tasks(log.log());
    private final ManualClock clock = new ManualClock();
    private final Ticker ticker = clock.ticker(tasks, log.log());
    private final Ledger ledger = new Ledger(3 * Listener.CONNECTION_BYTES);
    private final LinkedBlockingQueue<Connection> served = new LinkedBlockingQueue<>();
    private Listener listener;

    private void awaitFree() throws InterruptedException {
        CountDownLatch free = new CountDownLatch(1);
        listener.whenFree(free::countDown);
        assertTrue(free.await(LIMIT.toSeconds(), TimeUnit.SECONDS), "the accept task has not ended");
    }

    @AfterEach
    void nothingIsLeft() throws InterruptedException {
        listener.close();
        awaitFree();
        assertTrue(tasks.awaitNone(LIMIT), () -> tasks.live() + " tasks are left");
        assertEquals(0, ticker.size());
        assertEquals(0, listener.connections());
        ticker.close();
    }

    private Listener listening(int maxConnections) throws IOException {
        listener = new Listener("test", InetAddress.getLoopbackAddress(), 0, maxConnections, tasks, ticker, new Ledger(Long.MAX_VALUE), log.log());
        return listener;
    }

    /** Serves each connection until its peer ends it. */
    private void startReading() {
        listener.start(connection -> {
            served.add(connection);
            try {
                while (connection.in().read() >= 0) {
                    // Until the end.
                }
            } catch (IOException e) {
                // That is an end, too.
            }
        });
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port());
        socket.setSoTimeout((int) LIMIT.toMillis());
        return socket;
    }

    private static boolean isRefused(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isClosed();
        } catch (IOException e) {
            return e instanceof ConnectException;
        }
    }

    private Connection nextServed() throws InterruptedException {
        Connection connection = served.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertTrue(connection != null, "no connection was served");
        return connection;
    }

    @Test
    void eachConnectionHasATaskOfItsOwnAndIsClosedBehindIt() throws Exception {
        listening(10);
        startReading();
        try (Socket first = connect(); Socket second = connect()) {
            assertNotEquals(nextServed(), nextServed());
            assertEquals(2, listener.connections());
            assertEquals(2, tasks.live());
            first.shutdownOutput();
            assertEquals(-1, first.getInputStream().read());
            Eventually.await("one is left", () -> listener.connections() == 1);
            second.shutdownOutput();
            assertEquals(-1, second.getInputStream().read());
        }
    }

    @Test
    void whatIsBeyondTheLimitIsClosedAndSaidSo() throws Exception {
        listening(1);
        startReading();
        try (Socket first = connect()) {
            nextServed();
            try (Socket second = connect()) {
                assertEquals(-1, second.getInputStream().read());
            }
            clock.advance(TICK);
            log.await("connections_limit", LIMIT);
            first.shutdownOutput();
            Eventually.await("there is room again", () -> listener.connections() == 0);
            try (Socket third = connect()) {
                nextServed();
                third.shutdownOutput();
                assertEquals(-1, third.getInputStream().read());
            }
        }
    }

    @Test
    void aBugInWhatServesEndsThatConnectionOnly() throws Exception {
        listening(10);
        listener.start(connection -> {
            throw new IllegalStateException("a bug");
        });
        for (int i = 0; i < 2; i++) {
            try (Socket socket = connect()) {
                assertEquals(-1, socket.getInputStream().read());
            }
        }
        Eventually.await("both are logged", () -> log.entries("internal_error").size() == 2);
    }

    @Test
    void stopAcceptingLeavesWhatWasAccepted() throws Exception {
        listening(10);
        startReading();
        try (Socket socket = connect()) {
            Connection connection = nextServed();
            int port = listener.port();
            listener.stopAccepting();
            // The port is gone when the accept task has noticed.
            Eventually.await("nothing listens", () -> isRefused(port));
            connection.out().write(7);
            assertEquals(7, socket.getInputStream().read());
            // One that was still accepted at that moment ends by itself.
            Eventually.await("one is left", () -> listener.connections() == 1);
        }
    }

    @Test
    void closeEndsWhatWasAccepted() throws Exception {
        listening(10);
        startReading();
        try (Socket socket = connect()) {
            nextServed();
            listener.close();
            assertEquals(-1, socket.getInputStream().read());
        }
    }

    @Test
    void aPortThatIsTakenIsRefused() throws Exception {
        listening(10);
        startReading();
        IOException e = assertThrows(IOException.class, () -> new Listener("other", InetAddress.getLoopbackAddress(), listener.port(), 1,
                tasks, ticker, new Ledger(Long.MAX_VALUE), log.log()));
        assertTrue(e.getMessage().contains("in use"), e.getMessage());
    }

    @Test
    void connectionsThatAreResetAtOnceHoldUpNoOther() throws Exception {
        listening(1_000);
        startReading();
        for (int i = 0; i < 300; i++) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port());
            socket.setSoLinger(true, 0);
            socket.close();
        }
        try (Socket socket = connect()) {
            socket.shutdownOutput();
            assertEquals(-1, socket.getInputStream().read());
        }
        assertEquals(0, log.entries("accept_failed").size());
    }

    /** Between accept() and being entered among the open ones a connection must not be forgotten by close. */
    @Test
    void whatIsAcceptedWhileItClosesIsClosedToo() throws Exception {
        for (int round = 0; round < 200; round++) {
            listening(1_000);
            startReading();
            int port = listener.port();
            Thread connecting = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < 20; i++) {
                        new Socket(InetAddress.getLoopbackAddress(), port).setKeepAlive(false);
                    }
                } catch (IOException e) {
                    // It has closed.
                }
            });
            nextServed();
            listener.close();
            // What was accepted at that moment has become a task by then.
            awaitFree();
            assertTrue(tasks.awaitNone(LIMIT), "round " + round + ": " + tasks.live() + " tasks are left");
            connecting.join();
            served.clear();
        }
        assertFalse(log.entries().stream().anyMatch(entry -> entry.event().equals("internal_error")));
    }

    @Test
    void eachConnectionIsChargedAndWhatIsTooMuchIsClosed() throws Exception {
        listener = new Listener("test", InetAddress.getLoopbackAddress(), 0, 100, tasks, ticker, ledger, log.log());
        startReading();
        try (Socket first = connect(); Socket second = connect(); Socket third = connect()) {
            nextServed();
            nextServed();
            nextServed();
            assertEquals(3 * Listener.CONNECTION_BYTES, ledger.used());
            try (Socket fourth = connect()) {
                assertEquals(-1, fourth.getInputStream().read());
            }
            first.shutdownOutput();
            Eventually.await("there is room again", () -> ledger.used() == 2 * Listener.CONNECTION_BYTES);
            try (Socket fifth = connect()) {
                nextServed();
                fifth.shutdownOutput();
                assertEquals(-1, fifth.getInputStream().read());
            }
            assertFalse(second.isClosed() || third.isClosed());
        }
        Eventually.await("all is given back", () -> ledger.used() == 0);
    }

    @Test
    void refusalsAreSaidOnceInTenSecondsWithTheirNumber() throws Exception {
        listening(0);
        startReading();
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 5; i++) {
                try (Socket socket = connect()) {
                    assertEquals(-1, socket.getInputStream().read());
                }
            }
            clock.advance(TICK);
        }
        assertEquals(1, log.entries("connections_limit").size());
        assertEquals(5, log.entries("connections_limit").getFirst().fields().get("count"));
        clock.advance(Duration.ofSeconds(10));
        assertEquals(2, log.entries("connections_limit").size());
        assertEquals(10, log.entries("connections_limit").getLast().fields().get("count"));
        assertEquals(1, ticker.size());
        clock.advance(Duration.ofSeconds(10));
        assertEquals(0, ticker.size(), "nothing more is to be said");
    }

    /** The carriers of virtual threads may all be busy. */
    @Test
    void acceptingHasAPlatformThread() throws Exception {
        listening(1);
        startReading();
        assertTrue(Thread.getAllStackTraces().keySet().stream().anyMatch(each -> each.getName().equals("accept test") && each.isDaemon()));
    }
}
