package tunnelforge.net;

import java.time.Duration;

/** The deadlines that callers set and take back, until the last of them uses {@link TimeLimits}. */
final class OldDeadlines {
    private static final long NONE = 0;

    private final Clock clock;
    private volatile long read = NONE;
    private volatile long send = NONE;

    OldDeadlines(Clock clock) {
        this.clock = clock;
    }

    void read(Duration limit) {
        read = at(limit);
    }

    void send(Duration limit) {
        send = at(limit);
    }

    private long at(Duration limit) {
        return limit == null ? NONE : clock.nanos() + limit.toNanos() | 1;
    }

    boolean isPast(long now) {
        long r = read;
        long s = send;
        return r != NONE && now - r >= 0 || s != NONE && now - s >= 0;
    }
}
