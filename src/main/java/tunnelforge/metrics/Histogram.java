package tunnelforge.metrics;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** How often something has taken how long, in buckets whose bounds never change. Any task may call it; recording neither locks nor allocates nor waits. */
public final class Histogram {
    private final long[] bounds;
    private final LongAdder[] counts;
    private final LongAdder sum = new LongAdder();

    /**
     * How it stands. What is recorded meanwhile may be in one of its parts and not in another.
     *
     * @param bounds of the buckets, in nanoseconds, each belonging to the bucket below it
     * @param counts of the buckets, one more than there are bounds
     * @param sum of all times, in nanoseconds
     */
    public record Reading(long[] bounds, long[] counts, long sum) {
        /** How many times have been recorded. */
        public long count() {
            return LongStream.of(counts).sum();
        }
    }

    /** {@code bounds}: in nanoseconds, each greater than the one before. */
    private Histogram(long[] bounds) {
        this.bounds = bounds;
        counts = Stream.generate(LongAdder::new).limit(bounds.length + 1).toArray(LongAdder[]::new);
    }

    /** From half a millisecond to a minute. */
    public static Histogram ofLatencies() {
        return ofMicros(500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 30_000_000, 60_000_000);
    }

    /** {@code bounds}: in microseconds, each greater than the one before. */
    static Histogram ofMicros(long... bounds) {
        return new Histogram(Arrays.stream(bounds).map(TimeUnit.MICROSECONDS::toNanos).toArray());
    }

    /** Something has taken so long. */
    public void record(long nanos) {
        int bucket = 0;
        while (bucket < bounds.length && nanos > bounds[bucket]) {
            bucket++;
        }
        counts[bucket].increment();
        if (nanos > 0) {
            sum.add(nanos);
        }
    }

    public Reading read() {
        return new Reading(bounds.clone(), Stream.of(counts).mapToLong(LongAdder::sum).toArray(), sum.sum());
    }
}
