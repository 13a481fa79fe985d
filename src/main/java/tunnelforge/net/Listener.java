package tunnelforge.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import tunnelforge.log.Log;

/**
 * A port that accepts connections and gives each to a task of its own. The accept task, a platform thread, does nothing else: no handshake,
 * no look-up, no read. It owns what it accepted until that task has ended, so {@link #close()} leaves nothing behind.
 */
public final class Listener implements AutoCloseable {
    /** What an idle connection costs, TLS's buffers included. */
    public static final int CONNECTION_BYTES = 80 * 1024;

    private static final int BACKLOG = 1024;
    private static final long PAUSE_AFTER_FAILURE_NANOS = 100_000_000L;
    /** What goes wrong again and again is said so often. */
    private static final long REPORT_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final ServerSocketChannel socket;
    private final int port;
    private final String name;
    private final int maxConnections;
    private final Tasks tasks;
    private final Ticker ticker;
    private final Ledger ledger;
    private final Log log;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    /** Completed when the accept task has ended. */
    private final CompletableFuture<Void> free = new CompletableFuture<>();
    private final Ticker.Ticked reports = this::report;
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private volatile String lastFailure;
    private long reportedAt;
    private volatile boolean closed;

    /**
     * Opens the port; {@link #start} begins to accept.
     *
     * @param name of the tasks of its connections
     * @param bind the address to listen on, or null for all
     * @param port 0 for any free one
     * @param maxConnections at once; further ones are closed unanswered
     * @param ledger is charged {@link #CONNECTION_BYTES} for each connection; those that it has no room for are closed unanswered
     * @throws IOException when the port cannot be had
     */
    public Listener(String name, InetAddress bind, int port, int maxConnections, Tasks tasks, Ticker ticker, Ledger ledger, Log log)
            throws IOException {
        this.name = name;
        this.maxConnections = maxConnections;
        this.tasks = tasks;
        this.ticker = ticker;
        this.ledger = ledger;
        this.log = log;
        this.reportedAt = ticker.clock().nanos() - REPORT_EVERY_NANOS;
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

    /** The port that it listens on, 1 to 65535. */
    public int port() {
        return port;
    }

    /** Begins to accept; {@code serve} runs on a task of each connection's own, at whose end the connection is closed. */
    public void start(Consumer<Connection> serve) {
        try {
            tasks.essential("accept " + name, () -> {
                try {
                    openPollers();
                    accept(serve);
                } finally {
                    ticker.remove(reports);
                    free.complete(null);
                }
            });
        } catch (RuntimeException | Error e) {
            // No thread can be started: nobody accepts, and the port is free again.
            close();
            free.complete(null);
            throw e;
        }
    }

    /**
     * Lets a virtual thread wait for a socket. When the first of them does, the JDK opens what they wait with; when no descriptor is free
     * then, it never tries again, and no connection could be served any more.
     */
    private void openPollers() {
        try {
            Thread.ofVirtual().name("pollers").start(() -> {
                try (ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                    nobody.setSoTimeout(1);
                    nobody.accept().close();
                } catch (IOException e) {
                    // Nobody came, as was to be expected.
                }
            }).join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void accept(Consumer<Connection> serve) {
        while (socket.isOpen()) {
            try {
                admit(socket.accept(), serve);
            } catch (IOException e) {
                if (socket.isOpen()) {
                    pauseAfter(e.getMessage());
                }
            } catch (OutOfMemoryError e) {
                pauseAfter("no memory is left");
            }
        }
    }

    /** No descriptor or no memory is free: others must give some back before another try can succeed. */
    private void pauseAfter(String failure) {
        lastFailure = failure;
        failures.incrementAndGet();
        ticker.add(reports);
        LockSupport.parkNanos(PAUSE_AFTER_FAILURE_NANOS);
    }

    private void admit(SocketChannel accepted, Consumer<Connection> serve) throws IOException {
        if (open.size() >= maxConnections || !ledger.tryReserve(CONNECTION_BYTES)) {
            refused.incrementAndGet();
            ticker.add(reports);
            accepted.close();
            return;
        }
        Connection connection = null;
        boolean served = false;
        try {
            try {
                connection = Connection.accepted(accepted, ticker, ledger);
            } catch (IOException e) {
                // The peer has left already: no reason to let others wait.
                return;
            }
            open.add(connection);
            if (closed) {
                connection.kill();
            }
            Connection each = connection;
            tasks.start(name, () -> serveOne(each, serve));
            served = true;
        } finally {
            if (!served) {
                accepted.close();
                forget(connection);
            }
        }
    }

    private void serveOne(Connection connection, Consumer<Connection> serve) {
        try {
            serve.accept(connection);
        } finally {
            forget(connection);
        }
    }

    private void forget(Connection connection) {
        if (connection != null) {
            open.remove(connection);
            connection.kill();
        }
        ledger.release(CONNECTION_BYTES);
    }

    /** By the ticker, from the first thing to be reported until there has been nothing for a while. */
    private void report(long now) {
        if (now - reportedAt < REPORT_EVERY_NANOS) {
            return;
        }
        int connections = refused.getAndSet(0);
        int times = failures.getAndSet(0);
        if (connections > 0) {
            log.warn("connections_limit", "connections were closed: too many at once", "count", connections, "limit", maxConnections, "free_bytes",
                    ledger.capacity() - ledger.used());
        }
        if (times > 0) {
            log.warn("accept_failed", "connections could not be accepted", "count", times, "error", lastFailure);
        }
        if (connections > 0 || times > 0) {
            reportedAt = now;
            return;
        }
        ticker.remove(reports);
        if (refused.get() > 0 || failures.get() > 0) {
            ticker.add(reports);
        }
    }

    /** How many connections are open. */
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

    /** Has something done when, after {@link #stopAccepting}, another may listen on the port; it must neither block nor throw. */
    public void whenFree(Runnable done) {
        free.thenRun(done);
    }

    /** Stops accepting and kills what was accepted; the tasks end by that. */
    @Override
    public void close() {
        closed = true;
        stopAccepting();
        open.forEach(Connection::kill);
    }
}
