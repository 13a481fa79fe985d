package tunnelforge.agent.local;

import java.util.concurrent.atomic.AtomicReference;
import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.net.Connection;

/**
 * One exchange's right to a local connection. It ends once, and whoever comes later does nothing: a kill that was under way when the connection was given back
 * does not hit the next exchange on it.
 *
 * <pre>
 *   ACTIVE ──giveBack()──▶ GIVEN_BACK     by the task that serves the exchange
 *          ──kill()──────▶ KILLED         by any task
 * </pre>
 */
final class LocalLease implements AutoCloseable {
    private enum State { ACTIVE, GIVEN_BACK, KILLED }

    /** Where connections are given back to. */
    interface Home {
        /** Keeps a connection on which another request may be sent; {@code keepAlive} is what the last response said of that. */
        void keep(LocalConnection connection, String keepAlive);
    }

    private final LocalConnection connection;
    private final Home home;
    private final long receivedBefore;
    private final AtomicReference<State> state = new AtomicReference<>(State.ACTIVE);

    LocalLease(LocalConnection connection, Home home) {
        this.connection = connection;
        this.home = home;
        this.receivedBefore = connection.received();
    }

    // What may be used while the lease is active.

    Connection connection() {
        return connection.connection();
    }

    HttpReader reader() {
        return connection.reader();
    }

    HttpWriter writer() {
        return connection.writer();
    }

    /** Whether the local service may have closed the connection before this exchange. */
    boolean kept() {
        return connection.kept();
    }

    /** Whether a single byte of an answer has come. By the task that reads. */
    boolean answerBegan() {
        return connection.received() > receivedBefore;
    }

    /** Whether nobody else may have the connection. */
    boolean isOneVisitors() {
        return connection.visitor() != null;
    }

    /** A login was begun on the connection. */
    void belongsTo(String visitorConnection) {
        connection.belongsTo(visitorConnection);
    }

    /** The exchange has done with the connection, and it may be used again. */
    void giveBack(String keepAlive) {
        if (state.compareAndSet(State.ACTIVE, State.GIVEN_BACK)) {
            home.keep(connection, keepAlive);
        }
    }

    /** Ends whatever is under way on the connection, by a reset: an end of stream alone does not say that nobody wants the answer. Never blocks. */
    void kill() {
        if (state.compareAndSet(State.ACTIVE, State.KILLED)) {
            connection.connection().abort();
        }
    }

    /** A connection that was not given back cannot be used again. By the task that reads, when it reads no more. */
    @Override
    public void close() {
        if (state.compareAndSet(State.ACTIVE, State.KILLED)) {
            connection.connection().kill();
        }
        if (state.get() == State.KILLED) {
            connection.reader().release();
        }
    }
}
