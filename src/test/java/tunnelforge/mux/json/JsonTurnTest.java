package tunnelforge.mux.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tunnelforge.net.ManualClock;
import tunnelforge.wire.Limits;

/** When the next exchange may begin on a connection that carries one at a time. */
class JsonTurnTest {
    private final ManualClock clock = new ManualClock();
    private final JsonTurn turn = new JsonTurn(clock);

    @Test
    void anExchangeThatTheAgentHasEndedIsOverWhenThisSideHasDoneWithIt() {
        assertTrue(turn.leave(1, true));
        assertFalse(turn.isOverdue(clock.nanos()));
    }

    @Test
    void whatThisSideHasResetIsWaitedFor() {
        assertFalse(turn.leave(1, false));
        assertTrue(turn.end(1));
        assertFalse(turn.end(1), "once");
    }

    @Test
    void theAgentsEndMayComeBeforeThisSideSaysThatItHasDone() {
        assertFalse(turn.end(1));
        assertTrue(turn.leave(1, false));
    }

    @Test
    void anEndOfAnotherExchangeMeansNothing() {
        assertFalse(turn.end(1));
        assertFalse(turn.leave(2, false));
        assertFalse(turn.end(1));
        assertTrue(turn.end(2));
    }

    @Test
    void theAgentHasSoLongAndNoLonger() {
        assertFalse(turn.leave(1, false));
        clock.advance(Limits.RESET_SETTLES_WITHIN);
        assertFalse(turn.isOverdue(clock.nanos()));
        clock.advance(Duration.ofNanos(1));
        assertTrue(turn.isOverdue(clock.nanos()));
        assertTrue(turn.end(1));
        assertFalse(turn.isOverdue(clock.nanos()));
    }

    /** Two atomics raced: the place was given back twice, or never. */
    @Test
    void howeverTheTwoRaceTheTurnIsOverOnce() throws InterruptedException {
        for (int id = 1; id <= 5_000; id++) {
            int now = id;
            AtomicInteger over = new AtomicInteger();
            Thread agent = Thread.ofVirtual().start(() -> over.addAndGet(turn.end(now) ? 1 : 0));
            over.addAndGet(turn.leave(now, false) ? 1 : 0);
            agent.join();
            assertEquals(1, over.get(), "exchange " + id);
        }
    }
}
