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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;

class LedgerTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Cancellation NEVER = new Cancellation();

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
        FutureTask<Boolean> waiting = start(() -> other.reserve(60, LONG, NEVER));
        one.release(40);
        assertFalse(other.reserve(60, Duration.ofMillis(1), NEVER));
        one.release(20);
        assertTrue(result(waiting));
        assertEquals(100, whole.used());
    }

    @Test
    void gettingNothingWithinTheLimitReservesNothing() throws InterruptedException {
        Ledger budget = new Ledger(10);
        assertTrue(budget.reserve(7, Duration.ZERO, NEVER));
        assertFalse(budget.reserve(4, Duration.ZERO, NEVER));
        assertFalse(budget.reserve(4, Duration.ofMillis(20), NEVER));
        assertEquals(7, budget.used());
    }

    @Test
    void aWaitingOneIsServedWhenEnoughIsReleased() throws Exception {
        Ledger budget = new Ledger(10);
        assertTrue(budget.tryReserve(10));
        FutureTask<Boolean> waiting = start(() -> budget.reserve(6, LONG, NEVER));
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
        assertThrows(InterruptedException.class, () -> budget.reserve(1, LONG, NEVER));
        assertEquals(1, budget.used());
    }

    @Test
    void manyWaitersForTheWholeAllGetItOneAfterTheOther() throws Exception {
        Ledger budget = new Ledger(64);
        AtomicInteger holders = new AtomicInteger();
        List<FutureTask<Boolean>> waiters = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            waiters.add(start(() -> {
                boolean got = budget.reserve(64, LONG, NEVER);
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
            assertTrue(budget.reserve(64, LONG, NEVER), "round " + i);
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
                    boolean got = random.nextBoolean() ? budget.tryReserve(wanted) : budget.reserve(wanted, LONG, NEVER);
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

    // ---- Waiting in order. ----

    private static FutureTask<Boolean> waiting(Ledger ledger, long bytes, Cancellation cancellation, List<String> served, String name) {
        int before = ledger.waiting();
        FutureTask<Boolean> task = start(() -> {
            boolean got = ledger.reserve(bytes, LONG, cancellation);
            served.add(got ? name : name + " not");
            return got;
        });
        Eventually.await(name + " waits", () -> ledger.waiting() > before);
        return task;
    }

    @Test
    void thoseThatWaitAreServedInTheOrderInWhichTheyCame() throws Exception {
        Ledger ledger = new Ledger(100);
        List<String> served = new CopyOnWriteArrayList<>();
        assertTrue(ledger.tryReserve(100));
        FutureTask<Boolean> large = waiting(ledger, 80, NEVER, served, "large");
        FutureTask<Boolean> small = waiting(ledger, 10, NEVER, served, "small");
        ledger.release(30);
        assertFalse(ledger.tryReserve(1), "nobody passes those that wait");
        assertEquals(List.of(), served);
        assertEquals(2, ledger.waiting());
        ledger.release(50);
        assertTrue(result(large));
        assertEquals(1, ledger.waiting());
        ledger.release(10);
        assertTrue(result(small));
        assertEquals(List.of("large", "small"), served);
        assertTrue(ledger.tryReserve(0));
        assertEquals(100, ledger.used());
    }

    @Test
    void whoWaitsForAPartHoldsUpThatPartOnly() throws Exception {
        Ledger whole = new Ledger(1_000);
        Ledger full = whole.part(100);
        Ledger other = whole.part(100);
        List<String> served = new CopyOnWriteArrayList<>();
        assertTrue(full.tryReserve(100));
        FutureTask<Boolean> first = waiting(full, 50, NEVER, served, "first");
        FutureTask<Boolean> second = waiting(full, 10, NEVER, served, "second");
        assertTrue(other.tryReserve(60));
        assertTrue(other.reserve(40, LONG, NEVER));
        assertTrue(whole.tryReserve(100));
        full.release(20);
        assertEquals(List.of(), served);
        full.release(40);
        assertTrue(result(first));
        assertTrue(result(second));
        assertEquals(100, full.used());
    }

    @Test
    void whatHasBeenAdmittedIsExtendedBeforeThoseThatWait() throws Exception {
        Ledger ledger = new Ledger(100);
        List<String> served = new CopyOnWriteArrayList<>();
        assertTrue(ledger.tryReserve(50));
        FutureTask<Boolean> waits = waiting(ledger, 80, NEVER, served, "waits");
        assertFalse(ledger.tryReserve(1));
        assertTrue(ledger.tryReserve(0));
        assertTrue(ledger.tryExtend(50));
        assertFalse(ledger.tryExtend(1));
        ledger.release(100);
        assertTrue(result(waits));
    }

    @Test
    void aWaitThatIsCancelledEndsAndMakesWay() throws Exception {
        Ledger ledger = new Ledger(100);
        List<String> served = new CopyOnWriteArrayList<>();
        Cancellation cancellation = new Cancellation();
        assertTrue(ledger.tryReserve(50));
        FutureTask<Boolean> large = waiting(ledger, 80, cancellation, served, "large");
        FutureTask<Boolean> small = waiting(ledger, 50, NEVER, served, "small");
        cancellation.cancel();
        assertFalse(result(large));
        assertTrue(result(small));
        assertEquals(0, ledger.waiting());
        assertFalse(ledger.reserve(50, LONG, cancellation));
        assertEquals(100, ledger.used());
    }

    @Test
    void aWaitThatIsOverItsLimitMakesWay() throws Exception {
        Ledger ledger = new Ledger(100);
        assertTrue(ledger.tryReserve(50));
        FutureTask<Boolean> large = start(() -> ledger.reserve(80, Duration.ofMillis(200), NEVER));
        Eventually.await("it waits", () -> ledger.waiting() == 1 || large.isDone());
        FutureTask<Boolean> small = start(() -> ledger.reserve(50, LONG, NEVER));
        assertFalse(result(large));
        assertTrue(result(small));
    }

    @Test
    void whatCanNeverBeIsRefusedAtOnce() throws Exception {
        Ledger whole = new Ledger(100);
        assertFalse(whole.reserve(101, LONG, NEVER));
        assertFalse(whole.part(10).reserve(11, LONG, NEVER));
        assertEquals(0, whole.waiting());
    }

    @Test
    void anInterruptedWaitLeavesNothingBehind() throws Exception {
        Ledger ledger = new Ledger(10);
        assertTrue(ledger.tryReserve(10));
        FutureTask<Boolean> waiting = new FutureTask<>(() -> ledger.reserve(5, LONG, NEVER));
        Thread thread = Thread.ofVirtual().start(waiting);
        Eventually.await("it waits", () -> ledger.waiting() == 1);
        thread.interrupt();
        ExecutionException e = assertThrows(ExecutionException.class, () -> result(waiting));
        assertTrue(e.getCause() instanceof InterruptedException);
        assertEquals(0, ledger.waiting());
        assertEquals(10, ledger.used());
    }

    @Test
    void growthLeavesHalfOfEachPartAndAnEighthOfTheWhole() {
        Ledger whole = new Ledger(800);
        Ledger part = whole.part(800);
        Ledger inner = part.part(600);
        assertFalse(inner.tryGrow(301));
        assertTrue(inner.tryGrow(300));
        assertTrue(part.tryReserve(100));
        assertFalse(part.tryGrow(1));
        Ledger other = whole.part(700);
        assertTrue(other.tryGrow(300));
        assertFalse(other.tryGrow(1), "700 of 800 are used");
        assertTrue(other.tryReserve(100));
        assertEquals(800, whole.used());
    }

    @Test
    void partsOfPartsGiveBackToAll() throws Exception {
        Ledger whole = new Ledger(100);
        Ledger inner = whole.part(90).part(80);
        assertEquals(whole, inner.whole());
        assertEquals(whole, whole.whole());
        assertTrue(inner.tryReserve(80));
        assertEquals(80, whole.used());
        assertFalse(whole.tryReserve(21));
        inner.release(80);
        assertEquals(0, whole.used());
        assertTrue(whole.tryReserve(100));
        assertFalse(inner.tryReserve(1));
        assertEquals(0, inner.used());
    }

    @Test
    void manyWaitersInManyPartsAreAllServed() throws Exception {
        long seed = System.nanoTime();
        Ledger whole = new Ledger(1_000);
        List<Ledger> parts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            parts.add(whole.part(300).part(200));
        }
        List<FutureTask<Boolean>> users = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            Random random = new Random(seed + i);
            users.add(start(() -> {
                for (int round = 0; round < 100; round++) {
                    Ledger part = parts.get(random.nextInt(parts.size()));
                    int bytes = random.nextInt(201);
                    Cancellation cancellation = new Cancellation();
                    if (random.nextInt(10) == 0) {
                        Thread.startVirtualThread(cancellation::cancel);
                    }
                    if (part.reserve(bytes, LONG, cancellation)) {
                        Thread.yield();
                        part.release(bytes);
                    } else if (!cancellation.cancelled()) {
                        return false;
                    }
                }
                return true;
            }));
        }
        for (FutureTask<Boolean> user : users) {
            assertTrue(result(user), "seed " + seed);
        }
        assertEquals(0, whole.used());
        assertEquals(0, whole.waiting());
        for (Ledger part : parts) {
            assertEquals(0, part.used());
        }
    }
}
