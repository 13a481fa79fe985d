package tunnelforge.server.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tunnelforge.server.tunnel.Carriage.Census;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.Limits;
import tunnelforge.wire.TunnelProtocol;

/** How many data connections there should be, and what each carries. */
class CarriageTest {
    private static final int LOADED = Carriage.Shared.LOADED;
    private static final int MIN = Limits.POOL_MIN;
    private static final int MAX = Limits.POOL_MAX;

    private final Carriage shared = Carriage.of(TunnelProtocol.HTTP);
    private final Carriage turns = shared.in(DataEncoding.JSON);
    private final Carriage sessions = Carriage.of(TunnelProtocol.TCP);

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
    void onlyExchangesInTheBinaryEncodingShareAConnection() {
        assertEquals(ServerLimits.MAX_EXCHANGES_PER_CONNECTION, shared.places());
        assertTrue(shared.shares());
        assertEquals(1, turns.places());
        assertEquals(1, sessions.places());
        assertSame(sessions, sessions.in(DataEncoding.JSON));
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
