package tunnelforge.net;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** Something that is done now and then, by a task of its own, and never twice at once. */
public final class Recurring implements Ticker.Ticked, AutoCloseable {
    private final String name;
    private final long every;
    private final Runnable body;
    private final Tasks tasks;
    private final Ticker ticker;
    private final AtomicBoolean running = new AtomicBoolean();
    /** By the ticker. */
    private volatile long begun;

    /**
     * Begins with the first {@code every} that passes, until {@link #close}.
     *
     * @param name of its task
     */
    public Recurring(String name, Duration every, Runnable body, Tasks tasks, Ticker ticker) {
        this.name = name;
        this.every = every.toNanos();
        this.body = body;
        this.tasks = tasks;
        this.ticker = ticker;
        begun = ticker.clock().nanos();
        ticker.add(this);
    }

    @Override
    public void tick(long now) {
        if (now - begun >= every && running.compareAndSet(false, true)) {
            begun = now;
            try {
                tasks.start(name, this::run);
            } catch (Error e) {
                // No memory for a task: the next tick tries again.
                running.set(false);
                throw e;
            }
        }
    }

    private void run() {
        try {
            body.run();
        } finally {
            running.set(false);
        }
    }

    /** Whether it is not being done at this moment. */
    public boolean isIdle() {
        return !running.get();
    }

    @Override
    public void close() {
        ticker.remove(this);
    }
}
