package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;

class ConnectionLimitsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private ConnectionPair pair;

    @BeforeEach
    void connect() throws IOException {
        pair = new ConnectionPair();
    }

    @AfterEach
    void nothingIsLeft() throws InterruptedException {
        pair.close();
    }

    private FutureTask<Integer> reader() {
        FutureTask<Integer> reading = ConnectionPair.start(() -> pair.near.in().read());
        Eventually.await("it reads", pair.near::isReading);
        return reading;
    }

    /** Writes until nobody takes any more, and then for as long as the connection stands. */
    private FutureTask<Void> endlessWriter() {
        return ConnectionPair.start(() -> {
            while (true) {
                pair.near.out().write(new byte[256 * 1024]);
            }
        });
    }

    private void assertOver(FutureTask<?> task) {
        assertTrue(pair.near.late());
        assertTrue(pair.near.killed());
        assertThrows(ExecutionException.class, () -> ConnectionPair.result(task));
    }

    @Test
    void aReadIsLateFromItsBeginning() {
        pair.near.readLimit(MINUTE);
        pair.clock.advance(MINUTE.multipliedBy(3));
        assertFalse(pair.near.late(), "nobody reads");
        FutureTask<Integer> reading = reader();
        pair.clock.advance(MINUTE.minusNanos(1));
        assertFalse(pair.near.late());
        pair.clock.advance(Duration.ofNanos(1));
        assertOver(reading);
    }

    @Test
    void aReadThatGetsSomethingMakesWayForANextOne() throws Exception {
        pair.near.readLimit(MINUTE);
        for (int i = 0; i < 3; i++) {
            FutureTask<Integer> reading = reader();
            pair.clock.advance(MINUTE.minus(SECOND));
            pair.far.out().write(i);
            assertEquals(i, ConnectionPair.result(reading));
        }
        assertFalse(pair.near.late());
    }

    @Test
    void aReadMayTakeAnyTimeUnlessItIsSaidOtherwise() throws Exception {
        FutureTask<Integer> reading = reader();
        pair.clock.advance(Duration.ofDays(1_000));
        pair.near.readLimit(MINUTE);
        pair.near.readLimit(Connection.NO_LIMIT);
        pair.clock.advance(Duration.ofDays(1_000));
        pair.far.out().write(7);
        assertEquals(7, ConnectionPair.result(reading));
    }

    @Test
    void aWriteThatNobodyTakesIsLateThoughNobodyHasSetALimit() {
        FutureTask<Void> writing = endlessWriter();
        Eventually.await("the writer is late", () -> {
            pair.clock.advance(Connection.WRITE_LIMIT);
            return pair.near.late();
        });
        assertOver(writing);
    }

    @Test
    void thereIsNoWriteWithoutALimit() {
        assertThrows(IllegalArgumentException.class, () -> pair.near.writeLimit(Connection.NO_LIMIT));
        assertThrows(IllegalArgumentException.class, () -> pair.near.writeLimit(Duration.ZERO));
        pair.near.writeLimit(Duration.ofDays(1));
        FutureTask<Void> writing = endlessWriter();
        Eventually.await("it writes", pair.near::isWriting);
        pair.clock.advance(Duration.ofHours(23));
        assertFalse(pair.near.late());
        Eventually.await("the writer is late", () -> {
            pair.clock.advance(Duration.ofDays(1));
            return pair.near.late();
        });
        assertOver(writing);
    }

    /** What one task is allowed another cannot take back: that was possible with one field for all. */
    @Test
    void aReaderCannotTakeBackTheWritersLimit() {
        pair.near.writeLimit(SECOND);
        FutureTask<Void> writing = endlessWriter();
        Eventually.await("the writer is late", () -> {
            pair.near.readLimit(Connection.NO_LIMIT);
            pair.near.idleLimit(Connection.NO_LIMIT);
            pair.near.within(MINUTE).close();
            pair.clock.advance(SECOND);
            return pair.near.late();
        });
        assertOver(writing);
    }

    @Test
    void whatMovesEitherWayIsNotIdle() throws Exception {
        pair.near.idleLimit(MINUTE);
        pair.clock.advance(MINUTE.minus(SECOND));
        pair.near.out().write(1);
        assertEquals(1, pair.far.in().read());
        pair.clock.advance(MINUTE.minus(SECOND));
        FutureTask<Integer> reading = reader();
        pair.far.out().write(2);
        assertEquals(2, ConnectionPair.result(reading));
        pair.clock.advance(MINUTE.minus(SECOND));
        assertFalse(pair.near.late());
        pair.clock.advance(SECOND);
        assertTrue(pair.near.late());
    }

    @Test
    void idleTimeCountsFromWhenTheLimitIsSet() {
        pair.clock.advance(MINUTE.multipliedBy(10));
        pair.near.idleLimit(MINUTE);
        pair.clock.advance(MINUTE.minus(SECOND));
        assertFalse(pair.near.late());
        pair.near.idleLimit(Connection.NO_LIMIT);
        pair.clock.advance(MINUTE.multipliedBy(10));
        assertFalse(pair.near.late());
    }

    @Test
    void aTotalEndsAPeerThatSendsByteByByte() throws Exception {
        pair.near.readLimit(SECOND.multipliedBy(2));
        Connection.Total head = pair.near.within(MINUTE);
        FutureTask<Integer> reading = null;
        for (int i = 0; i < 60; i++) {
            assertFalse(pair.near.late());
            reading = reader();
            pair.clock.advance(SECOND);
            if (i < 59) {
                pair.far.out().write(i);
                assertEquals(i, ConnectionPair.result(reading));
            }
        }
        assertOver(reading);
        head.close();
        assertTrue(pair.near.late(), "what was late stays so");
    }

    @Test
    void totalsOverlapAndClosingOneLeavesTheOthers() {
        Connection.Total outer = pair.near.within(MINUTE);
        try (Connection.Total inner = pair.near.within(SECOND)) {
            pair.clock.advance(SECOND.minusNanos(1));
        }
        Connection.Total longer = pair.near.within(Duration.ofHours(1));
        pair.clock.advance(MINUTE.minus(SECOND));
        assertFalse(pair.near.late());
        longer.close();
        longer.close();
        pair.clock.advance(Duration.ofNanos(1));
        assertTrue(pair.near.late());
        outer.close();
    }

    @Test
    void totalsThatWereInTimeLeaveNothing() {
        for (int i = 0; i < 10; i++) {
            try (Connection.Total total = pair.near.within(SECOND)) {
                pair.clock.advance(SECOND.minusNanos(1));
            }
        }
        pair.clock.advance(Duration.ofHours(1));
        assertFalse(pair.near.late());
    }

    @Test
    void nobodyTakesBackTheLimitOfTheEnd() {
        FutureTask<Void> lingering = ConnectionPair.start(() -> {
            pair.near.linger(MINUTE, SECOND);
            return null;
        });
        Eventually.await("it waits for what still comes", pair.near::isReading);
        pair.near.readLimit(Connection.NO_LIMIT);
        pair.near.idleLimit(Connection.NO_LIMIT);
        pair.near.within(SECOND).close();
        pair.clock.advance(SECOND);
        assertTrue(pair.near.late());
        try {
            ConnectionPair.result(lingering);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void lingeringEndsWhenNothingComes() throws Exception {
        FutureTask<Void> lingering = ConnectionPair.start(() -> {
            pair.near.linger(SECOND, MINUTE);
            return null;
        });
        for (int i = 1; i <= 5; i++) {
            pair.far.out().write(new byte[1_000]);
            long sent = i * 1_000;
            Eventually.await("it is read", () -> pair.near.received() == sent);
            pair.clock.advance(SECOND.minusMillis(1));
            assertFalse(pair.near.late());
        }
        Eventually.await("nothing comes", () -> {
            pair.clock.advance(SECOND);
            return pair.near.late();
        });
        ConnectionPair.result(lingering);
    }

    @Test
    void whatWaitsToBeReadIsNoSilence() throws Exception {
        pair.far.out().write(1);
        Eventually.await("it has arrived", () -> {
            pair.clock.advance(SECOND);
            return pair.near.silence(pair.clock.nanos()) == 0;
        });
        pair.clock.advance(MINUTE);
        assertEquals(0, pair.near.silence(pair.clock.nanos()), "its reader gets no turn");
        assertEquals(1, pair.near.in().read());
        pair.clock.advance(MINUTE);
        assertEquals(MINUTE.toNanos(), pair.near.silence(pair.clock.nanos()));
    }
}
