package tunnelforge.mux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tunnelforge.net.Ledger;
import tunnelforge.wire.Limits;
import tunnelforge.wire.WireException;

class ReceiveWindowTest {
    private static final int KIB = 1024;
    private static final int INITIAL = Limits.INITIAL_WINDOW;
    private static final long TRIP = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long START = TimeUnit.HOURS.toNanos(1);
    private static final long PLENTY = 1L << 40;

    private final Ledger budget = new Ledger(PLENTY);
    private final RoundTrip roundTrip = new RoundTrip();
    private long now = START;

    private ReceiveWindow window(Ledger from) {
        assertTrue(from.tryReserve(INITIAL));
        return new ReceiveWindow(from, roundTrip, INITIAL, now);
    }

    private void tripKnown() {
        roundTrip.measured(TRIP, START);
    }

    /** The peer sends, the reader takes all of it at once. */
    private int passes(ReceiveWindow window, int count) throws WireException {
        window.received(count);
        return window.taken(count, 0, now);
    }

    /** As much as there is credit for is sent and taken once per round trip, a number of times; returns the last credit given. */
    private int runs(ReceiveWindow window, int trips, int firstCredit) throws WireException {
        int credit = firstCredit;
        for (int i = 0; i < trips; i++) {
            now += TRIP;
            credit = passes(window, credit);
        }
        return credit;
    }

    @Test
    void theInitialCreditMayBeUsedUpAndNotExceeded() throws WireException {
        ReceiveWindow window = window(budget);
        window.received(INITIAL - 1);
        window.received(1);
        WireException e = assertThrows(WireException.class, () -> window.received(1));
        assertEquals("DATA of 1 bytes exceeds the credit of 0", e.getMessage());
    }

    @Test
    void oneByteBeyondTheInitialCreditIsRefusedAtOnce() {
        ReceiveWindow window = window(budget);
        assertThrows(WireException.class, () -> window.received(INITIAL + 1));
    }

    @Test
    void creditIsGivenBackInQuarters() throws WireException {
        ReceiveWindow window = window(budget);
        assertEquals(0, passes(window, INITIAL / 4 - 1));
        assertEquals(INITIAL / 4, passes(window, 1));
        assertEquals(0, passes(window, 1));
    }

    @Test
    void whatLiesBufferedIsNotGivenAgain() throws WireException {
        ReceiveWindow window = window(budget);
        window.received(INITIAL);
        assertEquals(0, window.taken(1_000, INITIAL - 1_000, now));
        assertEquals(INITIAL / 2, window.taken(INITIAL / 2 - 1_000, INITIAL / 2, now));
    }

    @Test
    void withoutAMeasuredRoundTripItStaysAsItWas() throws WireException {
        ReceiveWindow window = window(budget);
        assertEquals(INITIAL, runs(window, 20, INITIAL));
        assertEquals(INITIAL, budget.used());
    }

    @Test
    void growsToTwiceWhatIsTakenInOneRoundTrip() throws WireException {
        tripKnown();
        ReceiveWindow window = window(budget);
        assertEquals(2 * INITIAL, runs(window, 1, INITIAL));
        assertEquals(2 * INITIAL, budget.used());
        assertEquals(8 * INITIAL, runs(window, 2, 2 * INITIAL));
        assertEquals(8 * INITIAL, budget.used());
    }

    @Test
    void aReaderOfSteadySpeedGetsTwiceItsSpeed() throws WireException {
        tripKnown();
        ReceiveWindow window = window(budget);
        int perTrip = 300 * KIB;
        int credit = INITIAL;
        for (int trip = 0; trip < 30; trip++) {
            now += TRIP;
            int count = Math.min(perTrip, credit);
            credit += passes(window, count) - count;
        }
        assertEquals(2 * perTrip, budget.used());
        assertTrue(credit <= 2 * perTrip && credit >= perTrip, "credit " + credit);
    }

    @Test
    void measuresOverWhateverTimeHasPassed() throws WireException {
        tripKnown();
        ReceiveWindow window = window(budget);
        now += 4 * TRIP;
        passes(window, INITIAL);
        assertEquals(INITIAL, budget.used(), "64 KiB in four round trips is not fast");
    }

    @Test
    void growsNoFurtherThanTheLimit() throws WireException {
        tripKnown();
        ReceiveWindow window = window(budget);
        assertEquals(Limits.MAX_WINDOW, runs(window, 20, INITIAL));
        assertEquals(Limits.MAX_WINDOW, budget.used());
    }

    @Test
    void shrinksWithTheReaderAndGivesItsMemoryBack() throws WireException {
        tripKnown();
        ReceiveWindow window = window(budget);
        int credit = runs(window, 3, INITIAL);
        window.received(credit);
        int buffered = credit;
        while (buffered > 0) {
            now += TRIP;
            int piece = Math.min(buffered, 4 * KIB);
            buffered -= piece;
            assertTrue(window.taken(piece, buffered, now) <= INITIAL, "no more credit than the smallest window");
            assertTrue(budget.used() >= buffered, "what lies here stays accounted for");
        }
        assertEquals(INITIAL, budget.used());
    }

    @Test
    void neverShrinksBelowTheInitialWindow() throws WireException {
        tripKnown();
        ReceiveWindow window = window(budget);
        for (int i = 0; i < 50; i++) {
            now += 10 * TRIP;
            passes(window, 1);
        }
        assertEquals(INITIAL, budget.used());
        int credit = 0;
        for (int i = 0; i < INITIAL; i++) {
            credit += passes(window, 1);
        }
        assertTrue(credit > 0);
    }

    @Test
    void anExhaustedBudgetLeavesItAsItIs() throws WireException {
        tripKnown();
        Ledger small = new Ledger(INITIAL + 100);
        ReceiveWindow window = window(small);
        assertEquals(INITIAL, runs(window, 10, INITIAL));
        assertEquals(INITIAL, small.used());
    }

    @Test
    void growsWithinHalfOfTheBudgetAndKeepsWhatItHas() throws WireException {
        tripKnown();
        Ledger small = new Ledger(5L * INITIAL);
        ReceiveWindow window = window(small);
        assertEquals(2 * INITIAL, runs(window, 10, INITIAL));
        assertEquals(2 * INITIAL, small.used());
    }

    @Test
    void growsOnceTheBudgetHasRoomAgain() throws WireException {
        tripKnown();
        Ledger small = new Ledger(4L * INITIAL);
        assertTrue(small.tryReserve(3L * INITIAL));
        ReceiveWindow window = window(small);
        assertEquals(INITIAL, runs(window, 3, INITIAL));
        small.release(3L * INITIAL);
        assertEquals(2 * INITIAL, runs(window, 1, INITIAL));
    }

    @Test
    void withoutAnInitialWindowNothingMayCome() throws WireException {
        ReceiveWindow window = new ReceiveWindow(budget, roundTrip, 0, now);
        window.received(0);
        assertThrows(WireException.class, () -> window.received(1));
        assertEquals(0, budget.used());
        window.close();
        assertEquals(0, budget.used());
    }

    @Test
    void closingGivesBackAllOnce() throws WireException {
        tripKnown();
        ReceiveWindow window = window(budget);
        runs(window, 4, INITIAL);
        window.close();
        assertEquals(0, budget.used());
        window.close();
        assertEquals(0, budget.used());
        assertThrows(WireException.class, () -> window.received(1));
    }

    /** Whatever the reader does: what the peer may send and what lies here is never more than what the budget was asked for. */
    @Test
    void promisesNoMoreThanIsReserved() throws WireException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        tripKnown();
        Ledger small = new Ledger(40L * INITIAL);
        ReceiveWindow window = window(small);
        long credit = INITIAL;
        long buffered = 0;
        long others = 0;
        for (int step = 0; step < 100_000; step++) {
            now += random.nextLong(TRIP / 4);
            if (random.nextInt(200) == 0) {
                small.release(others);
                others = random.nextLong(20L * INITIAL);
                others = small.tryReserve(others) ? others : 0;
            }
            if (random.nextBoolean()) {
                int count = (int) Math.min(credit, random.nextInt(Limits.MAX_DATA + 1));
                window.received(count);
                credit -= count;
                buffered += count;
            } else if (buffered > 0) {
                int count = (int) Math.min(buffered, 1 + random.nextInt(random.nextInt(30) == 0 ? 16 : 200 * KIB));
                buffered -= count;
                int more = window.taken(count, (int) buffered, now);
                assertTrue(more >= 0, "seed " + seed + " step " + step);
                credit += more;
            }
            long reserved = small.used() - others;
            assertTrue(credit + buffered <= reserved, "seed " + seed + " step " + step);
            assertTrue(reserved >= INITIAL && reserved <= Limits.MAX_WINDOW, "seed " + seed + " step " + step);
            assertTrue(credit + buffered > 0, "seed " + seed + " step " + step + ": the peer would wait for ever");
        }
    }
}
