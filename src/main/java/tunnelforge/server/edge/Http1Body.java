package tunnelforge.server.edge;

import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;
import tunnelforge.http.HttpException;
import tunnelforge.http.HttpReader;
import tunnelforge.net.Connection;

/**
 * The body of a request as it comes from an HTTP/1.1 connection. The task that sends it on may be waiting for the visitor when the answer
 * is complete: then it gets the piece that it waits for and nothing more, and what is left is the connection's own to read.
 */
final class Http1Body implements BodySource {
    private static final int TOO_LARGE = 413;
    private static final int PIECE = 8 * 1024;

    private final HttpReader reader;
    private final Supplier<Connection.Total> piece;
    private final long most;
    private final RequestNotes notes;
    private long received;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition read = lock.newCondition();
    private boolean reading;
    private boolean taken;
    private boolean begun;
    private Fields trailers = new Fields();
    /** From then on the reader is the next request's. */
    private volatile boolean ended;

    /**
     * Begins.
     *
     * @param piece limits the time for each read
     * @param most bytes that are sent on: of an unknown length it shows only here that they are more
     * @param notes are told how much has come
     */
    Http1Body(HttpReader reader, Supplier<Connection.Total> piece, long most, RequestNotes notes) {
        this.reader = reader;
        this.piece = piece;
        this.most = most;
        this.notes = notes;
        noticeEnd();
    }

    static HttpException tooLarge(long most) {
        return new HttpException(TOO_LARGE, "a body of more than the " + most + " bytes that this server passes on");
    }

    private void noticeEnd() {
        if (reader.bodyEnded()) {
            trailers = reader.trailers();
            ended = true;
        }
    }

    /** For whoever sends it on. */
    BodySource begin() {
        begun = true;
        return this;
    }

    /** Whether it is being sent on, or was. */
    boolean begun() {
        return begun;
    }

    /** Reads all of it, for whoever knows how much that is. */
    byte[] readWhole(int length) throws IOException {
        byte[] bytes = new byte[length];
        try {
            for (int count = 0; count < length;) {
                int more = reader.readBody(bytes, count, length - count);
                notes.came(more);
                count += more;
            }
        } catch (EOFException e) {
            throw HttpException.incomplete(e);
        }
        ended = true;
        return bytes;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        lock.lock();
        try {
            if (taken) {
                throw new IOException("the request has been answered before its end");
            }
            reading = true;
        } finally {
            lock.unlock();
        }
        try (Connection.Total limit = piece.get()) {
            int count = reader.readBody(b, off, len);
            received += Math.max(0, count);
            notes.came(count);
            if (received > most) {
                throw tooLarge(most);
            }
            noticeEnd();
            return count;
        } catch (EOFException e) {
            throw HttpException.incomplete(e);
        } finally {
            lock.lock();
            try {
                reading = false;
                read.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    @Override
    public boolean ready() {
        lock.lock();
        try {
            return taken || ended || reader.bodyReadable();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean ended() {
        return ended;
    }

    @Override
    public Fields trailers() {
        return ended ? ForwardedHeads.trailers(trailers) : new Fields();
    }

    /** Takes the body from the task that has read it so far, and reads what is left of it, however much; the caller limits the time. */
    void drop() throws IOException {
        lock.lock();
        try {
            taken = true;
            while (reading) {
                read.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
        byte[] dropped = new byte[PIECE];
        while (!reader.bodyEnded()) {
            reader.readBody(dropped, 0, dropped.length);
        }
    }
}
