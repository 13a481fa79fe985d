package tunnelforge.server.edge;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import tunnelforge.net.Connection;
import tunnelforge.net.Tasks;

/**
 * Tells a visitor that it is late, while the task that is to answer it still waits for what it does not send. So there are two tasks that may answer a request; the
 * first has the word.
 *
 * <pre>
 *   NOBODY ── answers() ──▶ OWN_TASK ── begins() ──▶ NOBODY
 *      └───── too late ───▶ LATE: it is told, and the connection ends
 * </pre>
 */
final class LateVisitor {
    private enum Word { NOBODY, OWN_TASK, LATE }

    /** How it is told. */
    interface Answer {
        void tooLate(String reason) throws IOException;
    }

    private final Connection connection;
    private final Tasks tasks;
    private final Answer answer;
    private final AtomicReference<Word> word = new AtomicReference<>(Word.OWN_TASK);
    private final CountDownLatch told = new CountDownLatch(1);

    LateVisitor(Connection connection, Tasks tasks, Answer answer) {
        this.connection = connection;
        this.tasks = tasks;
        this.answer = answer;
    }

    /** The own task may have to wait from now on. */
    void begins() {
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
                tasks.start("visitor too late", () -> tell(reason));
            } catch (OutOfMemoryError e) {
                connection.kill();
                told.countDown();
            }
        } else if (!isLate()) {
            connection.kill();
        }
    }

    private void tell(String reason) {
        try (Connection.Total limit = connection.within(VisitorLimits.DROP)) {
            answer.tooLate(reason);
        } catch (IOException e) {
            // It has gone.
        } finally {
            connection.leave(VisitorLimits.DROP_SILENCE);
            told.countDown();
        }
    }
}
