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
import tunnelforge.metrics.Histogram;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Ledger;
import tunnelforge.net.ManualClock;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.Limits;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelProtocol;

/** Asking for data connections and waiting for them, without any. */
class PoolTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Ledger MEMORY = new Ledger(Long.MAX_VALUE / 2);

    private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
    private volatile boolean away;
    private final ManualClock clock = new ManualClock();
    private final Histogram waits = Histogram.ofLatencies();
    private final Pool pool = new Pool(new PublicAddress.Name("pool.tunnel.localhost"), TunnelProtocol.HTTPS, this::invite, MEMORY, MEMORY, waits, new SecureRandom(), clock);
    private final Cancellation gone = new Cancellation();

    private boolean invite(String id) {
        if (!away) {
            asked.add(id);
        }
        return !away;
    }

    private void advance(Duration by) {
        clock.advance(by);
        pool.tick(clock.nanos());
    }

    private void redeem(String id) throws Refusal {
        pool.admit(id, DataEncoding.BINARY).close();
    }

    private void assertWorthNothing(String id) {
        assertEquals(TunnelError.AUTH, assertThrows(Refusal.class, () -> redeem(id)).error());
    }

    private FutureTask<DataConnection> taking(Duration limit) {
        return taking(limit, gone);
    }

    private FutureTask<DataConnection> taking(Duration limit, Cancellation leaving) {
        FutureTask<DataConnection> task = new FutureTask<>(() -> pool.take(limit, leaving, null));
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
        advance(SECOND);
        assertEquals(Limits.POOL_MIN, asked.size());
        assertEquals(Limits.POOL_MIN, asked.stream().distinct().count());
        asked.forEach(id -> assertTrue(id.matches("[0-9a-f]{32}"), id));
    }

    @Test
    void aConnectionIdIsGoodOnce() throws Refusal {
        pool.fill();
        String id = asked.peek();
        assertWorthNothing("00000000000000000000000000000000");
        redeem(id);
        assertWorthNothing(id);
    }

    @Test
    void aConnectionIdThatWasNotUsedInTimeIsGone() throws Refusal {
        pool.fill();
        advance(Limits.CONNECTION_ID_LIFE.minus(SECOND));
        redeem(asked.poll());
        advance(SECOND.multipliedBy(2));
        assertWorthNothing(asked.poll());
        assertWorthNothing(asked.poll());
    }

    @Test
    void anAgentThatDoesNotComeIsNotAskedAgainAtOnce() {
        pool.fill();
        advance(Limits.CONNECTION_ID_LIFE.plusMillis(1));
        assertEquals(Limits.POOL_MIN, asked.size());
        FutureTask<DataConnection> waiting = taking(LONG);
        awaitWaiting(1);
        assertEquals(Limits.POOL_MIN, asked.size());
        advance(SECOND);
        assertEquals(2 * Limits.POOL_MIN, asked.size());
        pool.stop();
        assertEquals(TunnelError.AGENT_AWAY, refusal(waiting));
    }

    @Test
    void aNewControlConnectionIsAskedAtOnceAndOldIdsAreWorthNothing() {
        pool.fill();
        String old = asked.poll();
        advance(Limits.CONNECTION_ID_LIFE.plusMillis(1));
        pool.restart();
        assertWorthNothing(old);
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
        FutureTask<DataConnection> brief = taking(SECOND);
        FutureTask<DataConnection> patient = taking(LONG);
        awaitWaiting(2);
        advance(SECOND);
        assertEquals(TunnelError.AGENT_AWAY, refusal(brief));
        assertFalse(patient.isDone());
        pool.stop();
        assertEquals(TunnelError.AGENT_AWAY, refusal(patient));
        assertThrows(Refusal.class, () -> pool.take(LONG, gone, null));
    }

    @Test
    void howLongVisitorsHaveWaitedIsCountedForThoseTooThatGotNothing() {
        FutureTask<DataConnection> waiting = taking(SECOND);
        awaitWaiting(1);
        assertEquals(0, waits.read().count());
        advance(SECOND);
        assertEquals(TunnelError.AGENT_AWAY, refusal(waiting));
        assertEquals(1, waits.read().count());
        assertEquals(SECOND.toNanos(), waits.read().sum());
    }

    @Test
    void moreThanTheMostAreNeverAskedForHoweverManyWait() {
        List<FutureTask<DataConnection>> waiting = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            waiting.add(taking(LONG));
        }
        awaitWaiting(500);
        assertEquals(Limits.POOL_MAX, asked.size());
        for (int i = 0; i < 20; i++) {
            advance(Duration.ofMillis(1));
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
            tasks.add(taking(LONG));
        }
        Eventually.await("those beyond it are refused", () -> tasks.stream().filter(FutureTask::isDone).count() == 20);
        tasks.stream().filter(FutureTask::isDone).forEach(each -> assertEquals(TunnelError.OVERLOADED, refusal(each)));
        pool.close();
        assertEquals(ServerLimits.MAX_WAITING, tasks.stream().filter(each -> refusal(each) == TunnelError.AGENT_AWAY).count());
    }

    private void awaitWaiting(int count) {
        Eventually.await(count + " visitors wait", () -> pool.waiting() == count);
    }

    @Test
    void aVisitorThatLeavesIsOutOfTheLineAtOnce() {
        Cancellation leaving = new Cancellation();
        FutureTask<DataConnection> leaver = taking(LONG, leaving);
        FutureTask<DataConnection> other = taking(LONG);
        awaitWaiting(2);
        leaving.cancel();
        // It may have been in the line before it had said what is to happen when it leaves.
        assertEquals(TunnelError.AGENT_AWAY, refusal(leaver));
        assertEquals(1, pool.waiting());
        assertFalse(other.isDone());
        pool.stop();
        assertEquals(TunnelError.AGENT_AWAY, refusal(other));
    }

    @Test
    void aVisitorThatHasLeftDoesNotWait() {
        gone.cancel();
        assertEquals("the visitor has left", assertThrows(Refusal.class, () -> pool.take(LONG, gone, null)).getMessage());
        assertEquals(0, pool.waiting());
    }

    @Test
    void aConnectionInAnotherEncodingIsRefusedUntilNoneIsLeft() throws Refusal {
        pool.fill();
        Admission json = pool.admit(asked.poll(), DataEncoding.JSON);
        Refusal refusal = assertThrows(Refusal.class, () -> redeem(asked.poll()));
        assertEquals(TunnelError.PROTOCOL, refusal.error());
        assertTrue(refusal.getMessage().contains("'json'") && refusal.getMessage().contains("'binary'"), refusal.getMessage());
        assertEquals(DataEncoding.JSON, pool.encoding());
        json.close();
        redeem(asked.poll());
        assertEquals(DataEncoding.BINARY, pool.encoding());
    }
}
