package tunnelforge.trials;

import java.io.IOException;
import java.time.Duration;

/**
 * What a program holds.
 *
 * @param tasks threads, virtual ones too
 * @param bytes of the heap that are in use after a full collection
 */
public record Holding(int descriptors, int tasks, long bytes) {
    private static final Duration QUIET_WITHIN = Duration.ofSeconds(120);
    private static final int MORE_DESCRIPTORS = 25;
    private static final int MORE_TASKS = 25;
    private static final long MORE_BYTES = 8_000_000;

    public static Holding of(Program program) throws IOException, InterruptedException {
        return new Holding(program.descriptors(), program.tasks(), program.liveBytes());
    }

    /** Whether this is what was held {@code before}, but for what programs do in the meantime. */
    public boolean isNear(Holding before) {
        return descriptors <= before.descriptors + MORE_DESCRIPTORS && tasks <= before.tasks + MORE_TASKS && bytes <= before.bytes + MORE_BYTES;
    }

    /** Waits, two minutes at most, until the program is near what it held before; returns what it holds then. */
    public static Holding awaitNear(Program program, Holding before) throws IOException, InterruptedException {
        Holding now = of(program);
        for (long end = System.nanoTime() + QUIET_WITHIN.toNanos(); !now.isNear(before) && System.nanoTime() - end < 0;) {
            Thread.sleep(Duration.ofSeconds(1));
            now = of(program);
        }
        return now;
    }
}
