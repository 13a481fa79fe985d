package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tunnelforge.log.RecordingLog;

class TasksTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final RecordingLog log = new RecordingLog();
    private final Tasks tasks = new Tasks(log.log());

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void countsWhatHasNotEnded() throws InterruptedException {
        assertTrue(tasks.awaitNone(Duration.ZERO), "none at first");
        CountDownLatch go = new CountDownLatch(1);
        Thread one = tasks.start("one", () -> await(go));
        tasks.start("two", () -> await(go));
        assertTrue(one.isVirtual());
        assertEquals("one", one.getName());
        assertEquals(2, tasks.live());
        assertFalse(tasks.awaitNone(Duration.ofMillis(5)));
        go.countDown();
        assertTrue(tasks.awaitNone(LIMIT));
        assertEquals(0, tasks.live());
    }

    @Test
    void aTaskThatFailsIsReportedWithItsStackAndCountedDown() throws InterruptedException {
        tasks.start("first", () -> {
            throw new IllegalStateException("a bug");
        });
        tasks.start("second", () -> {
            throw new AssertionError("another");
        });
        assertTrue(tasks.awaitNone(LIMIT));
        assertEquals(2, log.entries("internal_error").size());
        RecordingLog.Entry entry = log.await(e -> e.message().equals("task 'first' failed"), "the first", LIMIT);
        assertEquals("a bug", assertInstanceOf(IllegalStateException.class, entry.fields().get("error")).getMessage());
    }

    @Test
    void aTaskThatFailsIsCountedDownEvenWhenItCannotBeReported() throws InterruptedException {
        Tasks unreported = new Tasks(RecordingLog.failing(() -> {
            throw new OutOfMemoryError("a test's");
        }));
        unreported.start("task", () -> {
            Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> { });
            throw new IllegalStateException("a bug");
        });
        assertTrue(unreported.awaitNone(LIMIT));
    }

    @Test
    void theDeathOfAnEssentialTaskIsReportedAndEndsTheProgram() throws InterruptedException {
        BlockingQueue<Throwable> deaths = new LinkedBlockingQueue<>();
        Tasks supervised = new Tasks(log.log(), deaths::add);
        OutOfMemoryError noMemory = new OutOfMemoryError("a test's");
        CountDownLatch go = new CountDownLatch(1);
        Thread task = supervised.essential("accept", () -> {
            await(go);
            throw noMemory;
        });
        assertFalse(task.isVirtual());
        assertTrue(task.isDaemon());
        assertEquals("accept", task.getName());
        assertEquals(0, supervised.live());
        assertNull(deaths.poll());
        go.countDown();
        assertSame(noMemory, deaths.poll(LIMIT.toSeconds(), TimeUnit.SECONDS));
        assertSame(noMemory, log.entries("essential_task_died").getFirst().fields().get("error"));
    }

    @Test
    void theDeathOfAnEssentialTaskEndsTheProgramEvenWhenItCannotBeReported() throws InterruptedException {
        BlockingQueue<Throwable> deaths = new LinkedBlockingQueue<>();
        new Tasks(RecordingLog.failing(() -> {
            throw new OutOfMemoryError("the log's");
        }), deaths::add).essential("accept", () -> {
            Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> { });
            throw new IllegalStateException("a bug");
        });
        assertEquals("a bug", deaths.poll(LIMIT.toSeconds(), TimeUnit.SECONDS).getMessage());
    }

    @Test
    void anEssentialTaskMayEndByReturning() throws InterruptedException {
        BlockingQueue<Throwable> deaths = new LinkedBlockingQueue<>();
        assertTrue(new Tasks(log.log(), deaths::add).essential("accept", () -> { }).join(LIMIT));
        assertNull(deaths.poll());
        assertEquals(0, log.entries().size());
    }

    @Test
    void whoWaitsForNoneIsWokenByTheLast() throws InterruptedException {
        for (int round = 0; round < 500; round++) {
            CountDownLatch go = new CountDownLatch(1);
            for (int i = 0; i < 4; i++) {
                tasks.start("task", () -> await(go));
            }
            go.countDown();
            assertTrue(tasks.awaitNone(LIMIT), "round " + round);
        }
    }

    @Test
    void waitingCanBeInterrupted() throws InterruptedException {
        CountDownLatch go = new CountDownLatch(1);
        tasks.start("task", () -> await(go));
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> tasks.awaitNone(LIMIT));
        go.countDown();
        assertTrue(tasks.awaitNone(LIMIT));
    }
}
