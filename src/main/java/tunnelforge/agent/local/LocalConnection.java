package tunnelforge.agent.local;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.Room;
import tunnelforge.net.Connection;

/** A connection to the local service, with the buffers that stay with it while it is used for one request after the other. */
final class LocalConnection {
    /** Bodies are read past it, straight into frames. */
    private static final int INPUT_BUFFER = 8 * 1024;
    private static final int OUTPUT_BUFFER = 4 * 1024;
    /** What one keeps in memory. */
    static final int BYTES = INPUT_BUFFER + OUTPUT_BUFFER;

    private final Connection connection;
    private final HttpReader reader;
    private final HttpWriter writer;
    private long received;
    private boolean kept;
    /** For whose connection alone it may be used; null while anybody's request may be sent on it. */
    private String visitor;
    private long idleUntil;

    /** {@code room} is asked for what large heads need beyond {@link #BYTES}. */
    LocalConnection(Connection connection, Room room) {
        this.connection = connection;
        this.reader = new HttpReader(new Counted(connection.in()), INPUT_BUFFER, room);
        this.writer = new HttpWriter(connection.out(), OUTPUT_BUFFER);
    }

    /** Counts what has come: whether there was any answer is not to be guessed from what could be made of it. */
    private final class Counted extends FilterInputStream {
        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            int count = in.read(b, off, len);
            received += Math.max(0, count);
            return count;
        }
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

    /** How many bytes the local service has sent on it. By the task that reads. */
    long received() {
        return received;
    }

    /** Whether a request before this one was served on it, so that it may have been closed by its peer meanwhile. */
    boolean kept() {
        return kept;
    }

    /** Says goodbye, and gives the memory back. By the task that owns it, as {@link #kill} is. */
    void close() {
        connection.close();
        reader.release();
    }

    /** Ends it at once, and gives the memory back. */
    void kill() {
        connection.kill();
        reader.release();
    }

    /** A login was begun on it: from now on it is this visitor's connection's alone. By the task that owns it. */
    void belongsTo(String visitorConnection) {
        visitor = visitorConnection;
    }

    /** Whose connection it belongs to; null while no login was begun on it. */
    String visitor() {
        return visitor;
    }

    void keep(long until) {
        kept = true;
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
