package tunnelforge.net;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import tunnelforge.log.Log;

/**
 * Starts the virtual threads of a program and counts them, because the JDK does not list them: a test (and a shutdown)
 * can wait for the count to reach zero. A task that ends with an unchecked exception is a bug of ours and logged loudly.
 * Essential tasks run on platform threads and are supervised instead of counted: without one of them the program is a zombie.
 */
public final class Tasks {
    private final Log log;
    private final Consumer<Throwable> onDeath;
    private final AtomicInteger live = new AtomicInteger();
    private volatile boolean died;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition none = lock.newCondition();

    /** No tasks yet; the death of an essential one is only logged: for tests, which have no program to end. */
    public Tasks(Log log) {
        this(log, death -> { });
    }

    /**
     * No tasks yet.
     *
     * @param onDeath ends the program; called by an essential task that dies, with what it died of, perhaps when no memory is left
     */
    public Tasks(Log log, Consumer<Throwable> onDeath) {
        this.log = log;
        this.onDeath = onDeath;
    }

    /** Starts a task on a virtual thread of its own. Its name is the one that ARCHITECTURE.md lists. */
    public Thread start(String name, Runnable body) {
        Thread thread = Thread.ofVirtual().name(name).unstarted(() -> run(name, body));
        live.incrementAndGet();
        try {
            thread.start();
        } catch (RuntimeException | Error e) {
            countDown();
            throw e;
        }
        return thread;
    }

    private void run(String name, Runnable body) {
        try {
            body.run();
        } catch (RuntimeException | Error bug) {
            log.error("internal_error", "task '" + name + "' failed", "error", bug);
        } finally {
            countDown();
        }
    }

    /**
     * Starts a task that the program cannot do without, on a daemon platform thread: it runs even when every carrier of virtual threads is busy.
     * The task may end by returning; when anything is thrown, the program is told to end. It does not count as live.
     */
    public Thread essential(String name, Runnable body) {
        String message = "task '" + name + "' has died, and the program cannot go on without it";
        return Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                body.run();
            } catch (Throwable death) {
                died = true;
                try {
                    log.error("essential_task_died", message, "error", death);
                } finally {
                    onDeath.accept(death);
                }
            }
        });
    }

    /** Whether no essential task has died. */
    public boolean essentialLive() {
        return !died;
    }

    /** How many tasks have not ended. */
    public int live() {
        return live.get();
    }

    /** Waits until every task has ended, or for {@code limit}; returns whether none is left. */
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

    private void countDown() {
        if (live.decrementAndGet() > 0) {
            return;
        }
        lock.lock();
        try {
            none.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
