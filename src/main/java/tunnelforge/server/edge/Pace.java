package tunnelforge.server.edge;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How far one direction of a visitor's connection is behind a least speed, counting only the time in which it is the visitor that is waited for. What was
 * fast once earns nothing for later. For one task, which looks now and then.
 */
final class Pace {
    /** Who is so far behind is slow: a visitor that sends or takes nothing is after that time. */
    static final Duration OVER = Duration.ofSeconds(30);

    private boolean begun;
    private long seenAt;
    private long seen;
    private long behindNanos;

    /**
     * The direction is the visitor's affair at this moment if {@code waiting}; {@code bytes} have gone over it in all.
     *
     * @param rate bytes a second
     */
    void look(boolean waiting, long bytes, int rate, long now) {
        if (begun && waiting) {
            double worthNanos = (double) (bytes - seen) / rate * TimeUnit.SECONDS.toNanos(1);
            behindNanos = (long) Math.max(0, behindNanos + (now - seenAt) - worthNanos);
        }
        begun = true;
        seenAt = now;
        seen = bytes;
    }

    /** Nothing goes that way that could be measured; what comes next is another matter. */
    void rest() {
        begun = false;
        behindNanos = 0;
    }

    boolean isSlow() {
        return behindNanos >= OVER.toNanos();
    }

    long behindNanos() {
        return behindNanos;
    }
}
