package tunnelforge.net;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import tunnelforge.log.Log;

/**
 * The clock of a program: one task that looks at everything with a time limit, four times a second. A limit costs
 * whoever sets it one field write instead of a timer, and it is kept even when every carrier of virtual threads is busy,
 * for the task is an essential one of {@link Tasks}. It ends with {@link #close()}.
 */
public final class Ticker implements AutoCloseable {
    /** How often everything is looked at, in nanoseconds: limits are kept to this. */
    public static final long INTERVAL_NANOS = 250_000_000L;

    /** Something with time limits. */
    public interface Ticked {
        /** Called by the ticker's task, with what its clock says; must neither block nor throw. */
        void tick(long now);
    }

    private final Set<Ticked> watched = ConcurrentHashMap.newKeySet();
    private final Clock clock;
    private final Tasks tasks;
    private final Log log;
    /** Null when a test moves the clock. */
    private final Thread thread;
    private final Resets resets = new Resets();
    private volatile boolean closed;

    /** Starts a ticker without a program that its death would end: for tests. */
    public Ticker(Log log) {
        this(new Tasks(log), log);
    }

    /** Starts the ticker's task. {@code log} is told of a {@link Ticked} that fails. */
    public Ticker(Tasks tasks, Log log) {
        this.clock = Clock.SYSTEM;
        this.tasks = tasks;
        this.log = log;
        this.thread = tasks.essential("ticker", this::run);
    }

    /** A ticker without a task: a test moves the clock and calls {@link #round}. */
    Ticker(Clock clock, Tasks tasks, Log log) {
        this.clock = clock;
        this.tasks = tasks;
        this.log = log;
        this.thread = null;
    }

    /** By which everything that it looks at is judged. */
    public Clock clock() {
        return clock;
    }

    /** Where what it looks at starts tasks. */
    Tasks tasks() {
        return tasks;
    }

    /** Begins to call {@code ticked}, until {@link #remove}. */
    public void add(Ticked ticked) {
        watched.add(ticked);
    }

    /** Ends the calls to {@code ticked}; one that runs at this moment may still finish. */
    public void remove(Ticked ticked) {
        watched.remove(ticked);
    }

    /** How many are looked at: leak tests end with 0. */
    public int size() {
        return watched.size();
    }

    private void run() {
        try (resets) {
            runUntilClosed();
        } catch (IOException e) {
            log.debug("selector_not_closed", "the ticker's selector could not be closed", "error", e);
        }
    }

    private void runUntilClosed() {
        while (!closed) {
            LockSupport.parkNanos(this, INTERVAL_NANOS);
            try {
                round();
            } catch (OutOfMemoryError e) {
                // By the next tick others may have given some back; without time limits nobody would.
            }
        }
    }

    /** For what it looks at, while it does. */
    Resets resets() {
        return resets;
    }

    /** Looks at everything once. */
    void round() {
        long now = clock.nanos();
        for (Ticked ticked : watched) {
            try {
                ticked.tick(now);
            } catch (RuntimeException | Error bug) {
                report(bug);
            }
        }
    }

    private void report(Throwable bug) {
        try {
            log.error("internal_error", "a time limit could not be judged", "error", bug);
        } catch (OutOfMemoryError e) {
            // The report is lost; the others must get their tick.
        }
    }

    @Override
    public void close() {
        closed = true;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }
}
