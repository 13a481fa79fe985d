package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private static <T> FutureTask<T> start(Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(body);
        Thread.ofVirtual().start(task);
        return task;
    }

    private static <T> T result(FutureTask<T> task) throws Exception {
        return task.get(30, TimeUnit.SECONDS);
    }

    @Test
    void reservesToTheLastByteAndNotBeyond() {
        Ledger budget = new Ledger(100);
        assertTrue(budget.tryReserve(0));
        assertTrue(budget.tryReserve(60));
        assertFalse(budget.tryReserve(41));
        assertEquals(60, budget.used());
        assertTrue(budget.tryReserve(40));
        assertFalse(budget.tryReserve(1));
        budget.release(100);
        assertEquals(0, budget.used());
    }

    @Test
    void neverMoreThanHalfTheHeap() {
        long half = Runtime.getRuntime().maxMemory() / 2;
        Ledger program = Ledger.ofProgram();
        Ledger part = program.part(Long.MAX_VALUE / 2);
        assertTrue(part.tryReserve(half));
        assertFalse(part.tryReserve(1));
        assertFalse(program.tryReserve(1));
        part.release(half);
        assertEquals(0, program.used());
        assertFalse(program.part(10).tryReserve(11));
        assertEquals(0, program.used());
    }

    @Test
    void partsShareTheWhole() {
        Ledger whole = new Ledger(100);
        Ledger one = whole.part(80);
        Ledger other = whole.part(80);
        assertTrue(one.tryReserve(70));
        assertFalse(other.tryReserve(31));
        assertEquals(0, other.used());
        assertTrue(other.tryReserve(30));
        assertFalse(one.tryReserve(1));
        one.release(70);
        assertTrue(other.tryReserve(50));
        assertFalse(other.tryReserve(1), "no part grows beyond its own limit");
        other.release(80);
        assertEquals(0, whole.used());
    }

    @Test
    void whoWaitsForAPartIsServedWhenAnotherPartReleases() throws Exception {
        Ledger whole = new Ledger(100);
        Ledger one = whole.part(100);
        Ledger other = whole.part(100);
        assertTrue(one.tryReserve(100));
        FutureTask<Boolean> waiting = start(() -> other.reserve(60, LONG));
        one.release(40);
        assertFalse(other.reserve(60, Duration.ofMillis(1)));
        one.release(20);
        assertTrue(result(waiting));
        assertEquals(100, whole.used());
    }

    @Test
    void gettingNothingWithinTheLimitReservesNothing() throws InterruptedException {
        Ledger budget = new Ledger(10);
        assertTrue(budget.reserve(7, Duration.ZERO));
        assertFalse(budget.reserve(4, Duration.ZERO));
        assertFalse(budget.reserve(4, Duration.ofMillis(20)));
        assertEquals(7, budget.used());
    }

    @Test
    void aWaitingOneIsServedWhenEnoughIsReleased() throws Exception {
        Ledger budget = new Ledger(10);
        assertTrue(budget.tryReserve(10));
        FutureTask<Boolean> waiting = start(() -> budget.reserve(6, LONG));
        budget.release(5);
        budget.release(1);
        assertTrue(result(waiting));
        assertEquals(10, budget.used());
    }

    @Test
    void interruptionEndsTheWait() throws Exception {
        Ledger budget = new Ledger(1);
        assertTrue(budget.tryReserve(1));
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> budget.reserve(1, LONG));
        assertEquals(1, budget.used());
    }

    @Test
    void manyWaitersForTheWholeAllGetItOneAfterTheOther() throws Exception {
        Ledger budget = new Ledger(64);
        AtomicInteger holders = new AtomicInteger();
        List<FutureTask<Boolean>> waiters = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            waiters.add(start(() -> {
                boolean got = budget.reserve(64, LONG);
                if (!got || holders.incrementAndGet() != 1) {
                    return false;
                }
                Thread.yield();
                holders.decrementAndGet();
                budget.release(64);
                return true;
            }));
        }
        for (FutureTask<Boolean> waiter : waiters) {
            assertTrue(result(waiter));
        }
        assertEquals(0, budget.used());
    }

    /** A refused attempt counts for a moment; whoever was refused because of that must not sleep through its end. */
    @Test
    void attemptsThatAreRefusedMakeNobodyWaitForNothing() throws Exception {
        Ledger budget = new Ledger(64);
        AtomicBoolean over = new AtomicBoolean();
        List<FutureTask<Boolean>> disturbing = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            disturbing.add(start(() -> {
                while (!over.get()) {
                    if (budget.tryReserve(65)) {
                        return false;
                    }
                    Thread.yield();
                }
                return true;
            }));
        }
        for (int i = 0; i < 2_000; i++) {
            assertTrue(budget.reserve(64, LONG), "round " + i);
            budget.release(64);
        }
        over.set(true);
        for (FutureTask<Boolean> each : disturbing) {
            assertTrue(result(each));
        }
        assertEquals(0, budget.used());
    }

    @Test
    void whatIsGivenOutNeverExceedsTheCapacity() throws Exception {
        long seed = System.nanoTime();
        Ledger budget = new Ledger(1_000);
        AtomicLong given = new AtomicLong();
        AtomicLong most = new AtomicLong();
        CountDownLatch go = new CountDownLatch(1);
        List<FutureTask<Boolean>> users = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            Random random = new Random(seed + i);
            users.add(start(() -> {
                go.await();
                for (int round = 0; round < 500; round++) {
                    int wanted = random.nextInt(400);
                    boolean got = random.nextBoolean() ? budget.tryReserve(wanted) : budget.reserve(wanted, LONG);
                    if (got) {
                        most.accumulateAndGet(given.addAndGet(wanted), Math::max);
                        Thread.yield();
                        given.addAndGet(-wanted);
                        budget.release(wanted);
                    }
                }
                return true;
            }));
        }
        go.countDown();
        for (FutureTask<Boolean> user : users) {
            assertTrue(result(user));
        }
        assertTrue(most.get() <= 1_000, "seed " + seed + ": " + most);
        assertEquals(0, budget.used());
    }
}
