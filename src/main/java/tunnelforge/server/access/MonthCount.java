package tunnelforge.server.access;

import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Counts bytes in a month of UTC, and begins anew with each. A clock that goes back begins none. Any task may call it, without a lock. */
final class MonthCount {
    private final AtomicReference<Count> now;

    private record Count(YearMonth month, long endMillis, AtomicLong bytes) {
        Count(YearMonth month, long bytes) {
            this(month, start(month.plusMonths(1)).toEpochMilli(), new AtomicLong(bytes));
        }

        private static Instant start(YearMonth month) {
            return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        }
    }

    MonthCount(YearMonth month, long bytes) {
        now = new AtomicReference<>(new Count(month, bytes));
    }

    static YearMonth monthOf(Instant time) {
        return YearMonth.from(time.atOffset(ZoneOffset.UTC));
    }

    private Count at(long millis) {
        Count count = now.get();
        while (millis >= count.endMillis) {
            now.compareAndSet(count, new Count(monthOf(Instant.ofEpochMilli(millis)), 0));
            count = now.get();
        }
        return count;
    }

    /** {@code millis}: the time of day, as all others here. Returns how many there are then. */
    long add(int bytes, long millis) {
        return at(millis).bytes.addAndGet(bytes);
    }

    long bytes(long millis) {
        return at(millis).bytes.get();
    }

    YearMonth month() {
        return now.get().month;
    }

    Duration untilNext(long millis) {
        return Duration.ofMillis(at(millis).endMillis - millis);
    }
}
