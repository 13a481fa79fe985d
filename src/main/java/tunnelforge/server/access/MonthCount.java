package tunnelforge.server.access;

import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Counts bytes in a month of UTC, and begins anew with each. A clock that goes back begins none, unless by more than a month: then
 * it was wrong before, and the account would have to wait for a month that is far away; what it has moved is forgotten. Any task may call it, without a lock. */
final class MonthCount {
    /** A clock that says less is not set yet, as it may be until the network has told it. */
    private static final long NOT_SET = start(YearMonth.of(2026, 1));

    private final AtomicReference<Count> now;

    /** {@code wrongBefore}: a clock that says less was wrong when it said that it was this month. */
    private record Count(YearMonth month, long wrongBefore, long endMillis, AtomicLong bytes) {
        Count(YearMonth month, long bytes) {
            this(month, start(month.minusMonths(1)), start(month.plusMonths(1)), new AtomicLong(bytes));
        }

        boolean isOver(long millis) {
            return millis >= endMillis || millis < wrongBefore && millis >= NOT_SET;
        }
    }

    MonthCount(YearMonth month, long bytes) {
        now = new AtomicReference<>(new Count(month, bytes));
    }

    private static long start(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
    }

    static YearMonth monthOf(Instant time) {
        return YearMonth.from(time.atOffset(ZoneOffset.UTC));
    }

    private Count at(long millis) {
        Count count = now.get();
        while (count.isOver(millis)) {
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

    YearMonth month(long millis) {
        return at(millis).month;
    }

    Duration untilNext(long millis) {
        return Duration.ofMillis(at(millis).endMillis - millis);
    }
}
