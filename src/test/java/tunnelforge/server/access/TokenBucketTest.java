package tunnelforge.server.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much a bucket gives, and when. */
final class TokenBucketTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private long now;
    private TokenBucket bucket = new TokenBucket(0);

    private int takeAll(long perSecond, long burst) {
        int taken = 0;
        while (bucket.take(perSecond, burst, now) == 0) {
            taken++;
        }
        return taken;
    }

    @Test
    void afterARestItGivesABurst() {
        assertEquals(30, takeAll(10, 30));
        now += SECOND / 10;
        assertEquals(1, takeAll(10, 30));
        now += 100 * SECOND;
        assertEquals(30, takeAll(10, 30));
    }

    @Test
    void itSaysWhenThereWillBeOne() {
        takeAll(10, 30);
        long wait = bucket.take(10, 30, now);
        assertEquals(SECOND / 10, wait);
        now += wait - 1;
        assertEquals(1, bucket.take(10, 30, now));
        now += 1;
        assertEquals(0, bucket.take(10, 30, now));
    }

    /** Wherever the clock of the system begins, and also when it passes the largest number. */
    @ParameterizedTest
    @ValueSource(longs = {0, -5_000_000_000L, Long.MAX_VALUE - 3_000_000_000L, Long.MIN_VALUE})
    void inTenSecondsItGivesTenSecondsWorth(long start) {
        now = start;
        bucket = new TokenBucket(now);
        int taken = 0;
        for (int i = 0; i < 10_000; i++) {
            taken += takeAll(100, 1);
            now += SECOND / 1_000;
        }
        assertTrue(taken >= 995 && taken <= 1_001, "" + taken);
    }

    @Test
    void whatIsSpentAheadIsWaitedFor() {
        assertEquals(0, bucket.spend(200, 1_000, SECOND / 5, now));
        assertEquals(SECOND, bucket.spend(1_000, 1_000, SECOND / 5, now));
        assertEquals(2 * SECOND, bucket.spend(1_000, 1_000, SECOND / 5, now));
        now += 3 * SECOND;
        assertEquals(0, bucket.spend(1, 1_000, SECOND / 5, now));
    }

    @Test
    void hugeNumbersDoNotTurnOver() {
        assertTrue(bucket.spend(Integer.MAX_VALUE, 1, 0, now) > 0);
        assertEquals(0, bucket.take(1_000_000_000, Tier.NO_LIMIT, now));
    }

    @Test
    void manyTasksTakeNoMoreThanThereIs() throws Exception {
        AtomicLong time = new AtomicLong();
        AtomicInteger taken = new AtomicInteger();
        List<Thread> tasks = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            tasks.add(Thread.ofPlatform().start(() -> {
                for (int j = 0; j < 20_000; j++) {
                    if (bucket.take(1_000, 50, time.get()) == 0) {
                        taken.incrementAndGet();
                    }
                    time.addAndGet(1_000);
                }
            }));
        }
        for (Thread task : tasks) {
            task.join();
        }
        // 160,000 microseconds: 160 and the burst. Whoever has looked at the time before another has moved it takes no more for that.
        assertTrue(taken.get() >= 150 && taken.get() <= 211, "" + taken);
    }
}
