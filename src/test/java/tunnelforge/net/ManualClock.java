package tunnelforge.net;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import tunnelforge.log.Log;

/** Time that stands until a test moves it. Its tickers have no task: they look at everything when the time is moved, on the task that moves it. */
public final class ManualClock implements Clock {
    private static final Duration STEP = Duration.ofMillis(250);
    private static final long STEP_TAKES_NANOS = 50_000_000;

    private final AtomicLong nanos = new AtomicLong(System.nanoTime());
    private final List<Ticker> tickers = new CopyOnWriteArrayList<>();

    @Override
    public long nanos() {
        return nanos.get();
    }

    /** A ticker that goes by this clock. */
    public Ticker ticker(Tasks tasks, Log log) {
        Ticker ticker = new Ticker(this, tasks, log);
        tickers.add(ticker);
        return ticker;
    }

    public Ticker ticker(Log log) {
        return ticker(new Tasks(log), log);
    }

    /** What waits, on a task of its own, while the time is moved. */
    public interface Waiting {
        void await() throws Exception;
    }

    /**
     * Moves the time on, as {@link #advanceUntil(String, Duration, BooleanSupplier)} does, until {@code waiting} has returned.
     *
     * @throws ExecutionException what it has thrown
     */
    public Duration advanceBeside(String what, Duration most, Waiting waiting) throws ExecutionException, InterruptedException {
        FutureTask<Void> task = new FutureTask<>(() -> {
            waiting.await();
            return null;
        });
        Thread.ofVirtual().start(task);
        Duration moved = advanceUntil(what, most, task::isDone);
        task.get();
        return moved;
    }

    /** Moves the time on; when this returns, every ticker has looked at everything. */
    public void advance(Duration by) {
        nanos.addAndGet(by.toNanos());
        tickers.forEach(Ticker::round);
    }

    /**
     * Moves the time on in small steps until {@code condition} holds, but by no more than {@code most}. What follows from a step may take a while of the test's own time.
     *
     * @return by how much the time was moved
     */
    public Duration advanceUntil(String what, Duration most, BooleanSupplier condition) {
        for (Duration moved = Duration.ZERO; moved.compareTo(most) < 0; moved = moved.plus(STEP)) {
            advance(STEP);
            long end = System.nanoTime() + STEP_TAKES_NANOS;
            do {
                if (condition.getAsBoolean()) {
                    return moved.plus(STEP);
                }
                LockSupport.parkNanos(STEP_TAKES_NANOS / 50);
            } while (System.nanoTime() - end < 0);
        }
        throw new AssertionError("not within " + most + ": " + what);
    }
}
