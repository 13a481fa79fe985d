package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import tunnelforge.agent.proxy.ProxyException;
import tunnelforge.log.Log;
import tunnelforge.mux.FrameLink;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ServerMessage;
import tunnelforge.wire.WireException;

/** The data connections of one tunnel, each served by a task. They outlive the control connection that they were asked for on. */
public final class DataConnections implements AutoCloseable {
    /** TLS, and what a writer's queues have at first; larger buffers are charged when they are made. */
    private static final int BYTES = 96 * 1024;
    /** At most, between two attempts with one {@code connection_id}. */
    private static final long PAUSE_MILLIS = 500;
    /** In a row: one alone may have been asked for on a control connection that is gone. */
    private static final int FAILURES_TOLD = 3;

    private final DataConnector connector;
    private final int most;
    private final Ledger memory;
    private final Tasks tasks;
    private final Ticker ticker;
    private final Log log;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final Set<FrameLink> links = ConcurrentHashMap.newKeySet();
    private final Tally serving = new Tally();
    private final AtomicInteger count = new AtomicInteger();
    /** How many control connections have ended. */
    private final AtomicInteger terms = new AtomicInteger();
    /** Attempts that came to nothing since the last that did not. */
    private final AtomicInteger failures = new AtomicInteger();
    /** Of the last of those; null when the last came to something. */
    private volatile String failure;
    /** When one of them last brought something; by the tunnel's keeper alone. */
    private long heard;
    private volatile boolean closed;

    /** {@code most}: open, or being opened, at once. */
    public DataConnections(DataConnector connector, int most, Ledger memory, Tasks tasks, Ticker ticker, Log log) {
        this.connector = connector;
        this.most = most;
        this.memory = memory;
        this.tasks = tasks;
        this.ticker = ticker;
        this.log = log;
        this.heard = ticker.clock().nanos();
    }

    /** By the tunnel's keeper: when one of them has last brought something, as far as that is known at {@code now}. */
    public long heard(long now) {
        for (FrameLink link : links) {
            long at = now - link.silence(now);
            if (at - heard > 0) {
                heard = at;
            }
        }
        return heard;
    }

    /** As {@link FrameLink#peerIsSilent}, for all of them. */
    public void serverIsSilent(long now) {
        links.forEach(link -> link.peerIsSilent(now));
    }

    /** Why the last attempt to open one came to nothing; null when it came to something. */
    public String failure() {
        return failure;
    }

    /** Opens another as the server has asked on a control connection, of which {@code tls} is; never waits. */
    public void open(ServerMessage.OpenDataConnection ask, ServerTls tls) {
        if (count.incrementAndGet() > most) {
            count.decrementAndGet();
            log.warn("data_limit", "the server asks for more data connections than " + most);
            return;
        }
        if (!memory.tryReserve(BYTES)) {
            count.decrementAndGet();
            log.warn("data_limit", "no memory is left for another data connection");
            return;
        }
        int term = terms.get();
        tasks.start("data connection", () -> serve(ask, tls, term));
    }

    /** The control connection on which they were asked for has ended: what could not be opened so far is asked for anew on the next one. */
    public void askedAnew() {
        terms.incrementAndGet();
    }

    /** One that breaks before it is agreed on is tried again, as long as its {@code connection_id} is good: the server asks for another only when it is not. */
    private void serve(ServerMessage.OpenDataConnection ask, ServerTls tls, int term) {
        long until = ticker.clock().nanos() + Limits.CONNECTION_ID_LIFE.toNanos();
        try {
            while (!closed && term == terms.get() && ticker.clock().nanos() - until < 0 && !serveOnce(ask, tls)) {
                Thread.sleep(ThreadLocalRandom.current().nextLong(PAUSE_MILLIS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            count.decrementAndGet();
            memory.release(BYTES);
        }
    }

    /** Whether nothing is to be gained by another attempt. */
    private boolean serveOnce(ServerMessage.OpenDataConnection ask, ServerTls tls) {
        Connection connection = null;
        FrameLink agreed = null;
        boolean refused = false;
        try {
            connection = connect();
            open.add(connection);
            if (!closed) {
                agreed = open(connection, ask, tls);
                serve(agreed);
            }
        } catch (IOException e) {
            refused = e instanceof WireException || e instanceof ProxyException proxy && proxy.isLogin();
            if (!closed) {
                log.debug("data_lost", "a data connection has ended", "error", Trouble.reason(e));
            }
        } finally {
            if (connection != null) {
                open.remove(connection);
                connection.kill();
            }
        }
        return agreed != null || refused;
    }

    private Connection connect() throws IOException {
        try {
            return connector.connect();
        } catch (IOException e) {
            failed(e);
            throw e;
        }
    }

    private FrameLink open(Connection connection, ServerMessage.OpenDataConnection ask, ServerTls tls) throws IOException {
        try {
            FrameLink link = connector.agree(connection, tls, ask.tunnelId(), ask.connectionId());
            failures.set(0);
            failure = null;
            return link;
        } catch (IOException e) {
            failed(e);
            throw e;
        }
    }

    private void failed(IOException e) {
        failure = Trouble.reason(e);
        if (!closed && failures.incrementAndGet() == FAILURES_TOLD) {
            log.warn("data_failed", "the tunnel is registered, but no data connection can be opened: visitors wait in vain", "error", failure);
        }
    }

    private void serve(FrameLink link) throws IOException {
        serving.enter();
        links.add(link);
        try {
            if (!closed) {
                link.run(tasks, ticker);
            }
        } finally {
            links.remove(link);
            serving.leave();
        }
    }

    /** Closes each when what is queued on it has been sent; waits for that, for {@code limit} at most. What is not served yet never is. */
    public void finish(Duration limit) throws InterruptedException {
        closed = true;
        links.forEach(FrameLink::endWhenSent);
        serving.awaitNone(limit);
    }

    /** Cuts them all. */
    @Override
    public void close() {
        closed = true;
        open.forEach(Connection::kill);
    }
}
