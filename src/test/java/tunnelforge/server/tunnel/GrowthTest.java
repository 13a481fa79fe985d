package tunnelforge.server.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tunnelforge.server.tunnel.Growth.Census;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.Limits;

/** How many data connections there should be. */
class GrowthTest {
    private static final int LOADED = Growth.ForExchanges.LOADED;
    private static final int MIN = Limits.POOL_MIN;
    private static final int MAX = Limits.POOL_MAX;

    private final Growth shared = Growth.of(false);
    private final Growth turns = shared.in(DataEncoding.JSON);
    private final Growth sessions = Growth.of(true);

    @Test
    void fewConnectionsCarryManyExchanges() {
        assertEquals(MIN, shared.missing(new Census(0, 0, 0, 0, 0)));
        assertEquals(0, shared.missing(new Census(MIN, 0, 0, MIN * LOADED, 0)));
        assertEquals(1, shared.missing(new Census(MIN, 0, 0, MIN * LOADED + 1, 0)));
        assertEquals(0, shared.missing(new Census(MIN, 0, 1, MIN * LOADED + 1, 0)));
        assertEquals(MAX - MIN, shared.missing(new Census(MIN, 0, 0, 10_000, 0)));
        assertTrue(shared.missing(new Census(MAX, 0, 0, 10_000, 1_000)) <= 0);
    }

    @Test
    void whoWaitsCountsAsAnExchange() {
        assertEquals(MAX, shared.missing(new Census(0, 0, 0, 0, 1_000)));
        assertEquals(MIN, shared.missing(new Census(0, 0, 0, 0, 1)));
    }

    @Test
    void whatIsNotNeededIsSurplus() {
        assertEquals(MAX - MIN, shared.surplus(new Census(MAX, MAX, 0, 0, 0)));
        assertTrue(shared.surplus(new Census(MIN, MIN, 0, 0, 0)) <= 0);
    }

    @Test
    void inTheJsonEncodingThereIsOneForEachThatWaits() {
        assertEquals(MIN, turns.missing(new Census(0, 0, 0, 0, 0)));
        assertEquals(0, turns.missing(new Census(MIN, 0, 0, MIN, 0)));
        assertEquals(1, turns.missing(new Census(MIN, 0, 0, MIN, 1)));
        assertEquals(0, turns.missing(new Census(MIN, 0, 1, MIN, 1)));
        assertEquals(0, turns.missing(new Census(ServerLimits.MAX_JSON, 0, 0, ServerLimits.MAX_JSON, 50)));
    }

    @Test
    void asManyAreKeptForSessionsAsHaveLatelyBegun() {
        assertEquals(MIN, sessions.missing(new Census(0, 0, 0, 0, 0)));
        for (int i = 0; i < 20; i++) {
            sessions.visitorComes();
        }
        sessions.tick();
        assertEquals(20 + 2 - 5, sessions.missing(new Census(25, 5, 0, 20, 2)));
        for (int i = 0; i < 100; i++) {
            sessions.tick();
        }
        assertEquals(20 - MIN, sessions.surplus(new Census(25, 20, 0, 5, 0)));
        for (int i = 0; i < 1_000; i++) {
            sessions.visitorComes();
        }
        sessions.tick();
        assertEquals(ServerLimits.MAX_SPARE, sessions.missing(new Census(0, 0, 0, 0, 0)));
    }
}
