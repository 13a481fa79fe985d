package tunnelforge.net;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import tunnelforge.log.Log;

/** Time that stands until a test moves it. Its tickers have no task: they look at everything when the time is moved, on the task that moves it. */
public final class ManualClock implements Clock {
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

    /** Moves the time on; when this returns, every ticker has looked at everything. */
    public void advance(Duration by) {
        nanos.addAndGet(by.toNanos());
        tickers.forEach(Ticker::round);
    }
}
