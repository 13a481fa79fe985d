package tunnelforge.server.admin;

import java.util.concurrent.TimeUnit;
import tunnelforge.net.Ticker;

/** Whether the ticker still ticks. */
final class Pulse implements Ticker.Ticked, AutoCloseable {
    private static final long STILL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Ticker ticker;
    private volatile long last;

    Pulse(Ticker ticker) {
        this.ticker = ticker;
        last = ticker.clock().nanos();
        ticker.add(this);
    }

    @Override
    public void tick(long now) {
        last = now;
    }

    boolean beats() {
        return ticker.clock().nanos() - last < STILL_NANOS;
    }

    @Override
    public void close() {
        ticker.remove(this);
    }
}
