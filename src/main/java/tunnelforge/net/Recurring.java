package tunnelforge.net;

import java.time.Duration;

/** Something that is done now and then, by a task of its own, and never twice at once. */
public final class Recurring implements Ticker.Ticked, AutoCloseable {
    private final Errand errand;
    private final long every;
    private final Ticker ticker;
    /** By the ticker. */
    private volatile long begun;

    /**
     * Begins with the first {@code every} that passes, until {@link #close}.
     *
     * @param name of its task
     */
    public Recurring(String name, Duration every, Runnable body, Tasks tasks, Ticker ticker) {
        this.errand = new Errand(name, tasks, body);
        this.every = every.toNanos();
        this.ticker = ticker;
        begun = ticker.clock().nanos();
        ticker.add(this);
    }

    @Override
    public void tick(long now) {
        if (now - begun >= every && !errand.isUnderWay()) {
            begun = now;
            errand.begin();
        }
    }

    /** Whether it is not being done at this moment. */
    public boolean isIdle() {
        return !errand.isUnderWay();
    }

    @Override
    public void close() {
        ticker.remove(this);
    }
}
