package tunnelforge.server.edge;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import tunnelforge.http.HttpWriter;
import tunnelforge.net.Connection;
import tunnelforge.wire.TunnelError;

/**
 * Tells a visitor that it is late, while the task that is to answer it still waits for what it does not send. So there are two tasks that may answer a request; the
 * first has the word.
 *
 * <pre>
 *   NOBODY ── answers() ──▶ OWN_TASK ── begins() ──▶ NOBODY
 *      └───── too late ───▶ LATE: a 408, and the connection ends
 * </pre>
 */
final class LateVisitor {
    private static final int REQUEST_TIMEOUT = 408;

    private enum Word { NOBODY, OWN_TASK, LATE }

    private final Connection connection;
    private final HttpWriter writer;
    private final Edge edge;
    private final AtomicReference<Word> word = new AtomicReference<>(Word.OWN_TASK);
    private final CountDownLatch told = new CountDownLatch(1);
    private volatile Page.Form form = Page.Form.UNKNOWN;

    LateVisitor(Connection connection, HttpWriter writer, Edge edge) {
        this.connection = connection;
        this.writer = writer;
        this.edge = edge;
    }

    /** The own task may have to wait from now on. */
    void begins(Page.Form asked) {
        form = asked;
        word.compareAndSet(Word.OWN_TASK, Word.NOBODY);
    }

    /** The own task writes, until it {@link #begins} to wait again; throws when the visitor has been told that it was too late. */
    void answers() throws IOException {
        if (!word.compareAndSet(Word.NOBODY, Word.OWN_TASK) && isLate()) {
            throw new IOException("the visitor was too late");
        }
    }

    private boolean isLate() {
        return word.get() == Word.LATE;
    }

    /** By the own task, which leaves the connection: whether the visitor was told that it was too late. Waits until that is done. */
    boolean wasTold() {
        if (!isLate()) {
            return false;
        }
        try {
            told.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return true;
    }

    /** A limit for {@code what}; past it a visitor whose answer has begun is cut off. */
    Connection.Total within(Duration limit, String what) {
        return connection.within(limit, () -> late(what + " within " + limit.toSeconds() + " s"));
    }

    private void late(String reason) {
        if (word.compareAndSet(Word.NOBODY, Word.LATE)) {
            try {
                edge.tasks().start("visitor too late", () -> tell(reason));
            } catch (OutOfMemoryError e) {
                connection.kill();
                told.countDown();
            }
        } else if (!isLate()) {
            connection.kill();
        }
    }

    private void tell(String reason) {
        edge.turnedAway().tell("request_refused", reason, connection.peer().getAddress(), "status", REQUEST_TIMEOUT);
        try (Connection.Total limit = connection.within(VisitorLimits.DROP)) {
            Http1Stream.write(Page.error(TunnelError.BAD_REQUEST, REQUEST_TIMEOUT, reason), writer, form, false);
        } catch (IOException e) {
            // It has gone.
        } finally {
            connection.leave(VisitorLimits.LINGER);
            told.countDown();
        }
    }
}
