package tunnelforge.agent.local;

import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.net.Connection;

/** A connection to the local service, with the buffers that stay with it while it is used for one request after the other. */
final class LocalConnection {
    private static final int INPUT_BUFFER = 16 * 1024;
    private static final int OUTPUT_BUFFER = 8 * 1024;

    private final Connection connection;
    private final HttpReader reader;
    private final HttpWriter writer;
    private boolean reused;
    private long idleUntil;

    LocalConnection(Connection connection) {
        this.connection = connection;
        this.reader = new HttpReader(connection.in(), INPUT_BUFFER);
        this.writer = new HttpWriter(connection.out(), OUTPUT_BUFFER);
    }

    Connection connection() {
        return connection;
    }

    HttpReader reader() {
        return reader;
    }

    HttpWriter writer() {
        return writer;
    }

    /** Whether a request before this one was served on it, so that it may have been closed by its peer meanwhile. */
    boolean reused() {
        return reused;
    }

    void becomeIdle(long until) {
        reused = true;
        idleUntil = until;
    }

    /** Whether it has been idle for longer than its local service keeps it. */
    boolean expired(long now) {
        return now - idleUntil >= 0;
    }

    boolean usable(long now) {
        return !expired(now) && reader.buffered() == 0 && !connection.stale();
    }
}
