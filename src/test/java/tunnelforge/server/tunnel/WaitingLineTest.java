package tunnelforge.server.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.net.Cancellation;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.TunnelError;

/** Who gets a place first, and who gets none. Places are numbers here. */
class WaitingLineTest {
    private static final long LATER = 1_000;

    private final WaitingLine<Integer> line = new WaitingLine<>();

    private FutureTask<Integer> waiting(long until, Cancellation gone) {
        int before = line.length();
        FutureTask<Integer> task = new FutureTask<>(() -> line.await(line.join(until), gone));
        Thread.ofVirtual().start(task);
        Eventually.await("it waits", () -> line.length() == before + 1);
        return task;
    }

    private static Integer result(FutureTask<Integer> task) throws Exception {
        return task.get(20, TimeUnit.SECONDS);
    }

    private static void assertRefused(FutureTask<Integer> task) {
        assertEquals(Refusal.class, assertThrows(ExecutionException.class, () -> result(task)).getCause().getClass());
    }

    @Test
    void whoCameFirstIsServedFirst() throws Exception {
        List<FutureTask<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            tasks.add(waiting(LATER, new Cancellation()));
        }
        for (int i = 0; i < 20; i += 2) {
            Iterator<Integer> two = List.of(i, i + 1).iterator();
            line.serve(() -> two.hasNext() ? two.next() : null);
        }
        for (int i = 0; i < 20; i++) {
            assertEquals(i, result(tasks.get(i)));
        }
        line.serve(() -> {
            throw new AssertionError("nobody waits");
        });
    }

    @Test
    void whoLeavesLosesItsPlaceInTheLineAndNoOthers() throws Exception {
        Cancellation leaving = new Cancellation();
        FutureTask<Integer> first = waiting(LATER, leaving);
        FutureTask<Integer> second = waiting(LATER, new Cancellation());
        leaving.cancel();
        assertEquals(1, line.length());
        assertRefused(first);
        Iterator<Integer> one = List.of(1).iterator();
        line.serve(() -> one.hasNext() ? one.next() : null);
        assertEquals(1, result(second));
    }

    @Test
    void whoHasWaitedForTooLongIsRefused() throws Exception {
        FutureTask<Integer> brief = waiting(1, new Cancellation());
        FutureTask<Integer> patient = waiting(LATER, new Cancellation());
        line.expire(1);
        assertRefused(brief);
        assertFalse(patient.isDone());
        line.close();
        assertRefused(patient);
        assertThrows(Refusal.class, () -> line.join(LATER));
    }

    @Test
    void onlySoManyWaitAndOneThatLeavesMakesRoom() throws Exception {
        List<FutureTask<Integer>> tasks = new ArrayList<>();
        Cancellation first = new Cancellation();
        tasks.add(waiting(LATER, first));
        for (int i = 1; i < ServerLimits.MAX_WAITING; i++) {
            FutureTask<Integer> task = new FutureTask<>(() -> line.await(line.join(LATER), new Cancellation()));
            tasks.add(task);
            Thread.ofVirtual().start(task);
        }
        Eventually.await("all wait", () -> line.length() == ServerLimits.MAX_WAITING);
        assertEquals(TunnelError.OVERLOADED, assertThrows(Refusal.class, () -> line.join(LATER)).error());
        first.cancel();
        assertRefused(tasks.getFirst());
        tasks.set(0, waiting(LATER, new Cancellation()));
        line.serve(() -> 1);
        for (FutureTask<Integer> task : tasks) {
            assertEquals(1, result(task));
        }
    }

    /** A place is given out once, whoever leaves at that moment; who had one although its visitor has left gives it back. */
    @Test
    void noPlaceIsLostToWhoLeavesAsItIsServed() throws Exception {
        for (int round = 0; round < 500; round++) {
            Cancellation leaving = new Cancellation();
            FutureTask<Integer> task = new FutureTask<>(() -> line.await(line.join(LATER), leaving));
            Thread.ofVirtual().start(task);
            Eventually.await("it waits", () -> line.length() == 1);
            AtomicInteger places = new AtomicInteger(1);
            Thread server = Thread.ofVirtual().start(() -> line.serve(() -> places.getAndSet(0) == 1 ? 7 : null));
            leaving.cancel();
            server.join();
            Integer given = null;
            try {
                given = result(task);
            } catch (ExecutionException e) {
                assertEquals(Refusal.class, e.getCause().getClass());
            }
            assertEquals(0, line.length());
            if (places.get() == 1) {
                assertNull(given);
            } else {
                assertEquals(7, given);
            }
        }
    }
}
