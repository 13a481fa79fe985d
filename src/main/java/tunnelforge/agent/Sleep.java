package tunnelforge.agent;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import tunnelforge.net.Clock;

/** Notices that the machine has slept: the clock by which limits are judged stood meanwhile, and the time of day did not. For one task. */
final class Sleep {
    /** What sets the time of day right moves it by less, mostly. */
    private static final long APART_MILLIS = TimeUnit.SECONDS.toMillis(10);

    private final LongSupplier dayMillis;
    private final Clock clock;
    private long apartMillis;

    /** {@code dayMillis}: as {@link System#currentTimeMillis}. */
    Sleep(LongSupplier dayMillis, Clock clock) {
        this.dayMillis = dayMillis;
        this.clock = clock;
        this.apartMillis = apart();
    }

    private long apart() {
        return dayMillis.getAsLong() - TimeUnit.NANOSECONDS.toMillis(clock.nanos());
    }

    /** Whether it has slept since this was asked last. */
    boolean isOver() {
        long before = apartMillis;
        apartMillis = apart();
        return apartMillis - before > APART_MILLIS;
    }
}
