package tunnelforge.agent.local;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import tunnelforge.http.Room;
import tunnelforge.log.Log;
import tunnelforge.net.AnyCertificate;
import tunnelforge.net.Connection;
import tunnelforge.net.Descriptors;
import tunnelforge.net.Ledger;
import tunnelforge.net.Resolver;
import tunnelforge.net.ServerTrust;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.net.TlsContexts;

/**
 * Connections to the local service: kept alive between requests, leased to one exchange at a time, newest first. One that was closed by the
 * local service while idle, or on which it has sent what nobody asked for, is not given out, and one on which a login was begun only to its own visitor.
 */
public final class LocalService implements Ticker.Ticked, LocalLease.Home {
    /** To connect, TLS handshake included. */
    static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    /** For the local service to take the next piece. */
    static final Duration STALL_LIMIT = Duration.ofMinutes(10);
    static final int MAX_IDLE = 256;

    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);
    /** For one with a login: longer than the server keeps a visitor's connection on which nothing is asked for. */
    private static final long LOGIN_IDLE_NANOS = TimeUnit.SECONDS.toNanos(90);
    private static final long MARGIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SHORTAGE_TOLD_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Target.Service target;
    private final SSLContext tls;
    private final Resolver resolver;
    private final Ticker ticker;
    private final Ledger memory;
    private final Room room;
    private final Lookout lookout;
    private final Log log;
    private final int maxIdle = Math.min(MAX_IDLE, Descriptors.forConnections() / 4);
    private final AtomicLong shortageTold;
    private final ConcurrentLinkedDeque<LocalConnection> idle = new ConcurrentLinkedDeque<>();
    private final AtomicInteger idleCount = new AtomicInteger();
    private final LoginConnections logins;
    private volatile boolean closed;

    /**
     * @param verify whether the certificate of a service that speaks TLS is judged
     * @param looks whether it may be connected to only to see that it is there
     * @param memory of the program: covers idle connections, and what is read ahead
     */
    public LocalService(Target.Service target, boolean verify, boolean looks, Resolver resolver, Ticker ticker, Ledger memory, Tasks tasks, Log log) {
        this.target = target;
        this.resolver = resolver;
        this.ticker = ticker;
        this.memory = memory;
        this.log = log;
        this.shortageTold = new AtomicLong(ticker.clock().nanos() - SHORTAGE_TOLD_EVERY_NANOS);
        this.room = Room.of(memory::tryReserve, memory::release);
        this.tls = target instanceof Target.Tcp tcp && tcp.tls() ? context(tcp.host(), verify) : null;
        this.logins = new LoginConnections(memory);
        this.lookout = new Lookout(target, looks, () -> connectRaw().kill(), ticker.clock(), tasks, log);
        ticker.add(this);
    }

    private static SSLContext context(String host, boolean verify) {
        return TlsContexts.of(null, verify ? new ServerTrust(null, List.of(), host) : new AnyCertificate());
    }

    Target.Service target() {
        return target;
    }

    /** What is kept for an exchange is charged to. */
    Room room() {
        return room;
    }

    /** Whether a failure need not be told: it is known that nobody can connect, or that the agent cannot. */
    boolean isTold(IOException failure) {
        return lookout.isMissing() || failure instanceof Descriptors.Exhausted;
    }

    /** Finds out whether it accepts connections, and tells when it does not. Never waits. */
    public void look() {
        lookout.look();
    }

    /** An idle connection that still stands, or null; the one on which this visitor's connection has begun to log in, if there is one. */
    LocalLease takeKept(String visitorConnection) {
        long now = ticker.clock().nanos();
        LocalConnection connection = logins.take(visitorConnection);
        while (connection != null || (connection = pollIdle()) != null) {
            if (connection.usable(now)) {
                connection.connection().waitedElsewhere();
                return new LocalLease(connection, this);
            }
            connection.kill();
            connection = null;
        }
        return null;
    }

    /** Null when there is none. */
    private LocalConnection pollIdle() {
        LocalConnection connection = idle.pollFirst();
        if (connection != null) {
            leaves();
        }
        return connection;
    }

    /** This visitor's connection has ended, and with it what was logged in for it. Never waits. */
    void visitorHasLeft(String visitorConnection) {
        logins.visitorHasLeft(visitorConnection);
    }

    /** From the idle ones: in use it is covered by the place of its exchange. */
    private void leaves() {
        idleCount.decrementAndGet();
        memory.release(LocalConnection.BYTES);
    }

    /** How many connections wait for a request. */
    int idleConnections() {
        return idle.size() + logins.size();
    }

    /** A new connection. */
    LocalLease connect() throws IOException {
        return new LocalLease(new LocalConnection(open(), room), this);
    }

    /** A new connection, the caller's alone. */
    Connection open() throws IOException {
        Connection connection = connectRaw();
        if (tls != null && target instanceof Target.Tcp to) {
            try (Connection.Total handshake = connection.within(CONNECT_LIMIT)) {
                connection.startTlsClient(tls, null, to.host(), to.port());
            } catch (IOException e) {
                connection.kill();
                throw e;
            }
        }
        connection.writeLimit(STALL_LIMIT);
        return connection;
    }

    private Connection connectRaw() throws IOException {
        try {
            Connection connection = switch (target) {
                case Target.Tcp to -> Connection.connect(resolver.resolve(to.host(), CONNECT_LIMIT), to.port(), CONNECT_LIMIT, ticker, memory);
                case Target.Unix unix -> Connection.connect(unix.path(), CONNECT_LIMIT, ticker);
            };
            lookout.connected();
            return connection;
        } catch (Descriptors.Exhausted e) {
            tellShortage(e);
            throw e;
        } catch (IOException e) {
            // Not where the exchange was over before.
            if (!Thread.currentThread().isInterrupted()) {
                lookout.failed(e);
            }
            throw e;
        }
    }

    /** That says nothing of the local service. */
    private void tellShortage(Descriptors.Exhausted e) {
        long now = ticker.clock().nanos();
        long told = shortageTold.get();
        if (now - told >= SHORTAGE_TOLD_EVERY_NANOS && shortageTold.compareAndSet(told, now)) {
            log.warn("descriptors_exhausted", "this system lets the agent have no more connections: visitors are told that it is overloaded", "target", target, "error", e.getMessage());
        }
    }

    @Override
    public void keep(LocalConnection connection, String keepAlive) {
        if (connection.visitor() != null) {
            connection.keep(ticker.clock().nanos() + idleNanos(keepAlive, LOGIN_IDLE_NANOS));
            logins.keep(connection);
            return;
        }
        if (closed || idleCount.get() >= maxIdle || !memory.tryGrow(LocalConnection.BYTES)) {
            connection.close();
            return;
        }
        idleCount.incrementAndGet();
        connection.keep(ticker.clock().nanos() + idleNanos(keepAlive, IDLE_NANOS));
        idle.addFirst(connection);
        if (closed) {
            closeIdle();
        }
    }

    /** {@code Keep-Alive: timeout=5} says when the local service will close; one second earlier it is not used any more. */
    static long idleNanos(String keepAlive, long longest) {
        if (keepAlive != null) {
            for (String part : keepAlive.split(",")) {
                String[] pair = part.strip().split("=", 2);
                if (pair.length == 2 && pair[0].strip().equalsIgnoreCase("timeout") && pair[1].strip().matches("[0-9]{1,6}")) {
                    long nanos = TimeUnit.SECONDS.toNanos(Long.parseLong(pair[1].strip())) - MARGIN_NANOS;
                    return Math.max(0, Math.min(longest, nanos));
                }
            }
        }
        return longest;
    }

    @Override
    public void tick(long now) {
        lookout.tick(now);
        logins.tick(now);
        // Only the clock is looked at: reading from a connection is for whoever has removed it from the queue.
        LocalConnection oldest;
        while ((oldest = idle.peekLast()) != null && oldest.expired(now)) {
            if (idle.removeLastOccurrence(oldest)) {
                leaves();
                oldest.kill();
            }
        }
    }

    /** Closes what is idle; connections in use are closed when they are given back. */
    void close() {
        closed = true;
        ticker.remove(this);
        lookout.close();
        logins.close();
        closeIdle();
    }

    private void closeIdle() {
        LocalConnection connection;
        while ((connection = idle.pollFirst()) != null) {
            leaves();
            connection.kill();
        }
    }
}
