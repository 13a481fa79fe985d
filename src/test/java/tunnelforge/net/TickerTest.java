package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.log.Log;
import tunnelforge.log.RecordingLog;

class TickerTest {
    private static final int SECONDS = 10;

    private final RecordingLog log = new RecordingLog();
    private final Ticker ticker = new Ticker(log.log());

    @AfterEach
    void close() {
        ticker.close();
    }

    private void awaitTick() throws InterruptedException {
        CountDownLatch ticked = new CountDownLatch(1);
        Ticker.Ticked one = now -> ticked.countDown();
        ticker.add(one);
        assertTrue(ticked.await(SECONDS, TimeUnit.SECONDS));
        ticker.remove(one);
    }

    @Test
    void whatWasAddedIsLookedAtAgainAndAgain() throws InterruptedException {
        CountDownLatch thrice = new CountDownLatch(3);
        long before = System.nanoTime();
        Ticker.Ticked ticked = now -> {
            assertTrue(now - before >= 0);
            thrice.countDown();
        };
        ticker.add(ticked);
        ticker.add(ticked);
        assertEquals(1, ticker.size());
        assertTrue(thrice.await(SECONDS, TimeUnit.SECONDS));
        ticker.remove(ticked);
        assertEquals(0, ticker.size());
        assertEquals(0, log.entries().size());
    }

    @Test
    void whatWasRemovedIsLookedAtNoMore() throws InterruptedException {
        AtomicInteger ticks = new AtomicInteger();
        Ticker.Ticked ticked = now -> ticks.incrementAndGet();
        ticker.add(ticked);
        Eventually.await("it is looked at", () -> ticks.get() > 0);
        ticker.remove(ticked);
        ticker.remove(ticked);
        awaitTick();
        int now = ticks.get();
        awaitTick();
        awaitTick();
        assertEquals(now, ticks.get());
    }

    @Test
    void oneThatFailsIsReportedWithItsStackAndHarmsNoOther() throws InterruptedException {
        IllegalStateException bug = new IllegalStateException("a bug");
        Ticker.Ticked failing = now -> {
            throw bug;
        };
        ticker.add(failing);
        assertSame(bug, log.await("internal_error", Duration.ofSeconds(SECONDS)).fields().get("error"));
        awaitTick();
        ticker.remove(failing);
    }

    /** All time limits hang on this one thread. */
    @Test
    void anErrorDoesNotStopTheClock() throws InterruptedException {
        Ticker.Ticked failing = now -> {
            throw new StackOverflowError("a bug");
        };
        ticker.add(failing);
        log.await("internal_error", Duration.ofSeconds(SECONDS));
        awaitTick();
        ticker.remove(failing);
    }

    @Test
    void theClockStoppedForGoodWhenNoMemoryWasLeft() throws InterruptedException {
        AtomicInteger deaths = new AtomicInteger();
        Log failing = RecordingLog.failing(() -> {
            throw new OutOfMemoryError("the log's");
        });
        try (Ticker starved = new Ticker(new Tasks(log.log(), death -> deaths.incrementAndGet()), failing)) {
            CountDownLatch thrice = new CountDownLatch(3);
            starved.add(now -> {
                thrice.countDown();
                throw new OutOfMemoryError("a tick's");
            });
            assertTrue(thrice.await(SECONDS, TimeUnit.SECONDS));
            assertEquals(0, deaths.get());
        }
    }

    @Test
    void aTickerThatDiesEndsTheProgram() throws InterruptedException {
        CountDownLatch death = new CountDownLatch(1);
        Log failing = RecordingLog.failing(() -> {
            throw new IllegalStateException("a bug of the log");
        });
        try (Ticker dying = new Ticker(new Tasks(log.log(), cause -> death.countDown()), failing)) {
            dying.add(now -> {
                throw new IllegalStateException("a bug");
            });
            assertTrue(death.await(SECONDS, TimeUnit.SECONDS));
            log.await("essential_task_died", Duration.ofSeconds(SECONDS));
        }
    }

    @Test
    void closingEndsItsThread() throws InterruptedException {
        AtomicReference<Thread> thread = new AtomicReference<>();
        Ticker.Ticked ticked = now -> thread.set(Thread.currentThread());
        ticker.add(ticked);
        Eventually.await("it is looked at", () -> thread.get() != null);
        assertTrue(thread.get().isDaemon());
        ticker.close();
        assertTrue(thread.get().join(Duration.ofSeconds(SECONDS)));
        ticker.remove(ticked);
    }
}
