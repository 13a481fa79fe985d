package tunnelforge;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits, with a deadline, for what has no event to wait for. */
public final class Eventually {
    /** Long enough for a machine that does much else. */
    public static final Duration LIMIT = Duration.ofSeconds(10);

    private static final long LOOK_EVERY_NANOS = 2_000_000;

    private Eventually() {
    }

    /** Returns when {@code condition} holds; AssertionError with {@code what} when it does not in time. */
    public static void await(Supplier<String> what, Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + limit + ": " + what.get());
            }
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
    }

    public static void await(String what, BooleanSupplier condition) {
        await(() -> what, LIMIT, condition);
    }
}
