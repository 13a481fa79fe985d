package tunnelforge.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class HistogramTest {
    private final Histogram histogram = Histogram.ofMicros(1, 10);

    @Test
    void aBoundBelongsToTheBucketBelowIt() {
        histogram.record(0);
        histogram.record(1_000);
        histogram.record(1_001);
        histogram.record(10_000);
        histogram.record(10_001);
        Histogram.Reading reading = histogram.read();
        assertArrayEquals(new long[] {2, 2, 1}, reading.counts());
        assertArrayEquals(new long[] {1_000, 10_000}, reading.bounds());
        assertEquals(5, reading.count());
        assertEquals(22_002, reading.sum());
    }

    /** System clocks of virtual machines have been seen to do that. */
    @Test
    void aTimeThatWentBackwardsIsNone() {
        histogram.record(-5);
        assertArrayEquals(new long[] {1, 0, 0}, histogram.read().counts());
        assertEquals(0, histogram.read().sum());
    }

    @Test
    void nothingIsLostWhereManyCount() throws Exception {
        Counts<TimeUnit> counts = new Counts<>(TimeUnit.class);
        var tasks = IntStream.range(0, 8).mapToObj(task -> Thread.ofVirtual().start(() -> {
            for (int i = 0; i < 10_000; i++) {
                histogram.record(2_000);
                counts.add(TimeUnit.DAYS);
            }
        })).toList();
        for (Thread task : tasks) {
            task.join();
        }
        assertArrayEquals(new long[] {0, 80_000, 0}, histogram.read().counts());
        assertEquals(80_000 * 2_000L, histogram.read().sum());
        assertEquals(80_000, counts.of(TimeUnit.DAYS));
        assertEquals(0, counts.of(TimeUnit.HOURS));
    }
}
