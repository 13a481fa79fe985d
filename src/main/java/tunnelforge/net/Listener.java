package tunnelforge.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import tunnelforge.log.Log;

/**
 * A port that accepts connections and gives each to a task of its own. The accept task does nothing else: no handshake,
 * no look-up, no read. It owns what it accepted until that task has ended, so {@link #close()} leaves nothing behind.
 */
public final class Listener implements AutoCloseable {
    /** What an idle connection costs, TLS's buffers included. */
    public static final int CONNECTION_BYTES = 80 * 1024;

    private static final int BACKLOG = 1024;
    private static final long PAUSE_AFTER_FAILURE_NANOS = 100_000_000L;

    private final ServerSocketChannel socket;
    private final int port;
    private final String name;
    private final int maxConnections;
    private final Tasks tasks;
    private final Ticker ticker;
    private final Ledger ledger;
    private final Log log;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch accepting = new CountDownLatch(1);
    private volatile boolean closed;

    /**
     * Opens the port; {@link #start} begins to accept.
     *
     * @param name of the tasks of its connections
     * @param bind the address to listen on, or null for all
     * @param port 0 for any free one
     * @param maxConnections at once; further ones are closed unanswered
     * @param tasks where the tasks run
     * @param ticker keeps the deadlines
     * @param ledger is charged {@link #CONNECTION_BYTES} for each connection; those that it has no room for are closed unanswered
     * @param log where failures to accept go
     * @throws IOException when the port cannot be had
     */
    public Listener(String name, InetAddress bind, int port, int maxConnections, Tasks tasks, Ticker ticker, Ledger ledger, Log log)
            throws IOException {
        this.name = name;
        this.ledger = ledger;
        this.maxConnections = maxConnections;
        this.tasks = tasks;
        this.ticker = ticker;
        this.log = log;
        this.socket = ServerSocketChannel.open();
        try {
            socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            socket.bind(new InetSocketAddress(bind, port), BACKLOG);
            this.port = socket.socket().getLocalPort();
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * The port that it listens on.
     *
     * @return 1 to 65535
     */
    public int port() {
        return port;
    }

    /**
     * Begins to accept.
     *
     * @param serve runs on a task of the connection's own, and closes it
     */
    public void start(Consumer<Connection> serve) {
        tasks.start("accept " + name, () -> {
            try {
                accept(serve);
            } finally {
                accepting.countDown();
            }
        });
    }

    private void accept(Consumer<Connection> serve) {
        while (socket.isOpen()) {
            try {
                SocketChannel accepted = socket.accept();
                if (open.size() >= maxConnections || !ledger.tryReserve(CONNECTION_BYTES)) {
                    accepted.close();
                    log.warn("connections_limit", "a connection was closed: too many at once", "limit", maxConnections);
                    continue;
                }
                Connection connection = opened(accepted);
                open.add(connection);
                if (closed) {
                    connection.kill();
                }
                tasks.start(name, () -> serveOne(connection, serve));
            } catch (IOException e) {
                if (socket.isOpen()) {
                    log.warn("accept_failed", "a connection could not be accepted", "error", e.getMessage());
                    LockSupport.parkNanos(PAUSE_AFTER_FAILURE_NANOS);
                }
            } catch (OutOfMemoryError e) {
                log.error("accept_failed", "a connection could not be accepted: no memory is left");
                LockSupport.parkNanos(PAUSE_AFTER_FAILURE_NANOS);
            }
        }
    }

    private Connection opened(SocketChannel accepted) throws IOException {
        try {
            return Connection.accepted(accepted, ticker, ledger);
        } catch (IOException e) {
            ledger.release(CONNECTION_BYTES);
            throw e;
        }
    }

    private void serveOne(Connection connection, Consumer<Connection> serve) {
        try {
            serve.accept(connection);
        } finally {
            open.remove(connection);
            connection.kill();
            ledger.release(CONNECTION_BYTES);
        }
    }

    /**
     * The connections that are open.
     *
     * @return at least 0
     */
    public int connections() {
        return open.size();
    }

    /** Stops accepting; what was accepted goes on. */
    public void stopAccepting() {
        try {
            socket.close();
        } catch (IOException e) {
            // Closed is what was wanted.
        }
    }

    /**
     * Waits after {@link #stopAccepting} until another may listen on the port: it is not free before the accept task has noticed.
     *
     * @param limit how long at most
     */
    public void awaitFree(Duration limit) {
        try {
            accepting.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops accepting and kills what was accepted; the tasks end by that. */
    @Override
    public void close() {
        closed = true;
        stopAccepting();
        open.forEach(Connection::kill);
    }
}
