package tunnelforge.net;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.log.Log;

/**
 * Starts the virtual threads of a program and counts them, because the JDK does not list them: a test (and a shutdown)
 * can wait for the count to reach zero. A task that ends with an unchecked exception is a bug of ours and logged loudly.
 */
public final class Tasks {
    private final Log log;
    private final AtomicInteger live = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition none = lock.newCondition();

    /**
     * A new, empty set of tasks.
     *
     * @param log where bugs are reported
     */
    public Tasks(Log log) {
        this.log = log;
    }

    /**
     * Starts a task on a virtual thread of its own.
     *
     * @param name what the task is, as ARCHITECTURE.md lists it
     * @param body what it does; it ends by itself
     * @return the started thread
     */
    public Thread start(String name, Runnable body) {
        live.incrementAndGet();
        return Thread.ofVirtual().name(name).start(() -> {
            try {
                body.run();
            } catch (RuntimeException | Error bug) {
                StringWriter trace = new StringWriter();
                bug.printStackTrace(new PrintWriter(trace));
                log.error("internal_error", "task '" + name + "' failed", "error", trace.toString());
            } finally {
                if (live.decrementAndGet() == 0) {
                    signalNone();
                }
            }
        });
    }

    /**
     * The number of tasks that have not ended.
     *
     * @return at least 0
     */
    public int live() {
        return live.get();
    }

    /**
     * Waits until every task has ended.
     *
     * @param limit how long at most
     * @return whether none is left
     * @throws InterruptedException when interrupted
     */
    public boolean awaitNone(Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (live.get() > 0) {
                if (left <= 0) {
                    return false;
                }
                left = none.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void signalNone() {
        lock.lock();
        try {
            none.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
