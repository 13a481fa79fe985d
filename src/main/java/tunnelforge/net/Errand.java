package tunnelforge.net;

import java.util.concurrent.atomic.AtomicBoolean;

/** What a ticker has done by a task of its own, since it may block, and one at a time. */
public final class Errand {
    private final String name;
    private final Tasks tasks;
    private final Runnable work;
    private final AtomicBoolean underWay = new AtomicBoolean();

    /** {@code name}: the task's. */
    public Errand(String name, Tasks tasks, Runnable work) {
        this.name = name;
        this.tasks = tasks;
        this.work = work;
    }

    /** Begins it, unless it is under way; never waits. */
    public void begin() {
        if (!underWay.compareAndSet(false, true)) {
            return;
        }
        try {
            tasks.start(name, this::run);
        } catch (RuntimeException | Error e) {
            // No memory for a task, for example: the next tick tries again.
            underWay.set(false);
            throw e;
        }
    }

    private void run() {
        try {
            work.run();
        } finally {
            underWay.set(false);
        }
    }

    public boolean isUnderWay() {
        return underWay.get();
    }
}
