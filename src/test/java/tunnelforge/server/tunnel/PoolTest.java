package tunnelforge.server.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.Limits;
import tunnelforge.wire.TunnelError;

/** Asking for data connections and waiting for them, without any. */
class PoolTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final long ID_LIFE = Limits.CONNECTION_ID_LIFE.toNanos();

    private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
    private volatile boolean away;
    private final Pool pool = new Pool(false, this::invite, new SecureRandom());

    private boolean invite(String id) {
        if (!away) {
            asked.add(id);
        }
        return !away;
    }

    private FutureTask<DataConnection> acquiring(Duration limit) {
        FutureTask<DataConnection> task = new FutureTask<>(() -> pool.acquire(limit));
        Thread.ofVirtual().start(task);
        return task;
    }

    private static TunnelError refusal(FutureTask<DataConnection> task) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> task.get(LONG.toSeconds(), TimeUnit.SECONDS));
        return ((Refusal) e.getCause()).error();
    }

    @Test
    void theMinimumIsAskedForAndNoMoreWhileThatIsOutstanding() {
        pool.fill();
        assertEquals(Limits.POOL_MIN, asked.size());
        pool.fill();
        pool.tick(System.nanoTime());
        assertEquals(Limits.POOL_MIN, asked.size());
        assertEquals(Limits.POOL_MIN, asked.stream().distinct().count());
        asked.forEach(id -> assertTrue(id.matches("[0-9a-f]{32}"), id));
    }

    @Test
    void aConnectionIdIsGoodOnce() {
        pool.fill();
        String id = asked.peek();
        assertFalse(pool.redeem("00000000000000000000000000000000"));
        assertTrue(pool.redeem(id));
        assertFalse(pool.redeem(id));
    }

    @Test
    void aConnectionIdThatWasNotUsedInTimeIsGone() {
        pool.fill();
        long now = System.nanoTime();
        pool.tick(now + ID_LIFE - TimeUnit.SECONDS.toNanos(1));
        assertTrue(pool.redeem(asked.poll()));
        pool.tick(now + ID_LIFE + TimeUnit.SECONDS.toNanos(1));
        assertFalse(pool.redeem(asked.poll()));
        assertFalse(pool.redeem(asked.poll()));
    }

    @Test
    void anAgentThatDoesNotComeIsNotAskedAgainAtOnce() {
        pool.fill();
        pool.tick(System.nanoTime() + ID_LIFE + 1);
        pool.fill();
        assertEquals(Limits.POOL_MIN, asked.size());
        assertEquals(TunnelError.AGENT_AWAY, assertThrows(Refusal.class, () -> pool.acquire(Duration.ofMillis(1))).error());
        assertEquals(Limits.POOL_MIN, asked.size());
    }

    @Test
    void aNewControlConnectionIsAskedAtOnceAndOldIdsAreWorthNothing() {
        pool.fill();
        String old = asked.poll();
        pool.tick(System.nanoTime() + ID_LIFE + 1);
        pool.forgetInvitations();
        assertFalse(pool.redeem(old));
        asked.clear();
        pool.fill();
        assertEquals(Limits.POOL_MIN, asked.size());
    }

    @Test
    void whileTheControlConnectionIsAwayNothingCountsAsAskedFor() {
        away = true;
        pool.fill();
        away = false;
        pool.fill();
        assertEquals(Limits.POOL_MIN, asked.size());
    }

    @Test
    void visitorsThatWaitAreRefusedAtTheirLimitOrWhenTheTunnelEnds() {
        FutureTask<DataConnection> brief = acquiring(Duration.ofMillis(5));
        FutureTask<DataConnection> patient = acquiring(LONG);
        assertEquals(TunnelError.AGENT_AWAY, refusal(brief));
        assertFalse(patient.isDone());
        pool.stop();
        assertEquals(TunnelError.AGENT_AWAY, refusal(patient));
        assertThrows(Refusal.class, () -> pool.acquire(LONG));
    }

    @Test
    void moreThanTheMostAreNeverAskedForHoweverManyWait() {
        List<FutureTask<DataConnection>> waiting = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            waiting.add(acquiring(LONG));
        }
        Eventually.await("as many as there may be are asked for", () -> {
            pool.tick(System.nanoTime());
            return asked.size() == Limits.POOL_MAX;
        });
        for (int i = 0; i < 20; i++) {
            pool.tick(System.nanoTime());
        }
        assertEquals(Limits.POOL_MAX, asked.size());
        pool.stop();
        waiting.forEach(each -> assertEquals(TunnelError.AGENT_AWAY, refusal(each)));
        asked.clear();
        pool.fill();
        assertEquals(0, asked.size());
    }

    @Test
    void noMoreVisitorsWaitThanTheLimit() {
        List<FutureTask<DataConnection>> tasks = new ArrayList<>();
        for (int i = 0; i < ServerLimits.MAX_WAITING + 20; i++) {
            tasks.add(acquiring(LONG));
        }
        Eventually.await("those beyond it are refused", () -> tasks.stream().filter(FutureTask::isDone).count() == 20);
        tasks.stream().filter(FutureTask::isDone).forEach(each -> assertEquals(TunnelError.OVERLOADED, refusal(each)));
        pool.close();
        assertEquals(ServerLimits.MAX_WAITING, tasks.stream().filter(each -> refusal(each) == TunnelError.AGENT_AWAY).count());
    }
}
