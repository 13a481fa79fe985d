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

    public static Holding of(Program program) throws IOException, InterruptedException {
        return new Holding(program.descriptors(), program.tasks(), program.liveBytes());
    }

    /** Whether this is no more than what was held {@code before} and {@code more}. */
    public boolean isWithin(Holding before, Holding more) {
        return descriptors <= before.descriptors + more.descriptors && tasks <= before.tasks + more.tasks && bytes <= before.bytes + more.bytes;
    }

    /** Waits, two minutes at most, until the program holds no more than {@code before} and {@code more}; returns what it holds then. */
    public static Holding awaitWithin(Program program, Holding before, Holding more) throws IOException, InterruptedException {
        Holding now = of(program);
        for (long end = System.nanoTime() + QUIET_WITHIN.toNanos(); !now.isWithin(before, more) && System.nanoTime() - end < 0;) {
            Thread.sleep(Duration.ofSeconds(1));
            now = of(program);
        }
        return now;
    }
}
