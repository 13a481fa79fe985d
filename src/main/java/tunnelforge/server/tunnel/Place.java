package tunnelforge.server.tunnel;

import java.io.IOException;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Session;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.SessionOpen;

/**
 * Room for one exchange or session on a data connection, and the memory to begin it. What is opened on it gives the room back itself, when it no
 * longer occupies the connection; {@link #close} does so when nothing was opened. For one task.
 */
public final class Place implements AutoCloseable {
    private final DataConnection connection;
    private final Reservation memory;
    private boolean used;

    /** {@code connection} has room taken for it. */
    Place(DataConnection connection, Reservation memory) {
        this.connection = connection;
        this.memory = memory;
    }

    DataConnection connection() {
        return connection;
    }

    public DataEncoding encoding() {
        return connection.encoding();
    }

    /** Whether the agent knows there a request that is sent again. */
    public boolean takesAgain() {
        return connection.takesAgain();
    }

    /** Whether the agent knows there what its last process, which was killed, has not run. */
    public boolean knowsLastProcess() {
        return connection.knowsLastProcess();
    }

    /**
     * Opens an exchange.
     *
     * @param frames REQUEST, and perhaps DATA and END, or one MESSAGE; ids are filled in
     * @param upgrade whether a 101 may be the answer
     * @param dataBytes payload bytes of DATA among the frames
     * @param end whether the body is complete with them
     * @param from the byte of the response's body from which on it is wanted
     * @throws IOException when the data connection was gone before: nothing has left, and it gives no more places
     */
    public Exchange open(FrameBuffer frames, String method, boolean upgrade, int dataBytes, boolean end, long from) throws IOException {
        boolean shared = connection.carriage().shares();
        if (!shared) {
            connection.keep(memory);
        }
        try {
            Exchange exchange = connection.open(frames, method, upgrade, dataBytes, end, from);
            used = true;
            if (shared) {
                // It is the exchange's initial window.
                memory.handOver();
            }
            return exchange;
        } catch (IOException e) {
            connection.givesNoMore();
            throw e;
        }
    }

    /**
     * Opens a session, which has the data connection for itself.
     *
     * @throws IOException when the data connection was gone before: nothing has left, and it gives no more places
     */
    public Session openSession(SessionOpen open, byte[] first) throws IOException {
        connection.keep(memory);
        try {
            Session session = connection.openSession(open, first);
            used = true;
            return session;
        } catch (IOException e) {
            connection.givesNoMore();
            throw e;
        }
    }

    @Override
    public void close() {
        if (!used) {
            used = true;
            connection.giveBack();
            memory.close();
        }
    }
}
