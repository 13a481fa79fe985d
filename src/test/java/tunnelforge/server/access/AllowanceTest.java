package tunnelforge.server.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tunnelforge.net.ManualClock;
import tunnelforge.server.access.Tier.Rates;
import tunnelforge.text.Addresses;
import tunnelforge.wire.TunnelError;

/** What visitors of one account's tunnels are given. */
final class AllowanceTest {
    private static final Rates TEN = new Rates(10, 20, 100_000);

    private final ManualClock clock = new ManualClock();
    private Instant wall = Instant.parse("2026-11-30T19:00:00Z");
    private final List<String> told = new ArrayList<>();
    private final Network here = Network.of(Addresses.parse("192.0.2.1"));
    private final Network there = Network.of(Addresses.parse("192.0.2.2"));

    private Allowance allowance(Tier tier) {
        return AccessView.allowance(tier, clock, () -> wall, (account, reason, visitor) -> told.add(account + ": " + reason + " " + Addresses.text(visitor.address())));
    }

    private static Tier tier(Rates all, Rates visitor) {
        return new Tier("t", all, visitor, Tier.NO_LIMIT, 3, 2, true, true, Holdings.NONE);
    }

    private static int admitted(Allowance allowance, Network share) {
        int count = 0;
        try {
            while (count < 10_000) {
                allowance.enter(share);
                allowance.leave();
                count++;
            }
        } catch (Refusal e) {
            assertEquals(TunnelError.RATE_LIMITED, e.error());
            assertTrue(e.retryAfter().toNanos() > 0);
        }
        return count;
    }

    @Test
    void allVisitorsTogetherHaveItsRate() {
        Allowance allowance = allowance(tier(TEN, Rates.NONE));
        assertEquals(20, admitted(allowance, here));
        assertEquals(0, admitted(allowance, there));
        clock.advance(Duration.ofSeconds(1));
        assertEquals(10, admitted(allowance, there));
        assertEquals("somebody: the tunnels of this account are asked more often than they may be 192.0.2.1", told.getFirst());
    }

    @Test
    void eachAddressHasItsOwn() {
        Allowance allowance = allowance(tier(Rates.NONE, TEN));
        assertEquals(20, admitted(allowance, here));
        assertEquals(20, admitted(allowance, there));
        clock.advance(Duration.ofSeconds(1));
        assertEquals(10, admitted(allowance, here));
    }

    /** Or else it would only have to connect anew. */
    @Test
    void anAddressIsRememberedUntilItHasRested() {
        Allowance allowance = allowance(tier(Rates.NONE, TEN));
        assertEquals(20, admitted(allowance, here));
        assertEquals(0, admitted(allowance, Network.of(Addresses.parse("192.0.2.1"))));
    }

    @Test
    void whatIsOwedAtALowRateIsNotOwedAtAHigherOne() throws Refusal {
        Rates low = new Rates(1, 60, 1_000);
        Rates high = new Rates(500, 1_500, 50_000_000);
        Allowance allowance = allowance(tier(low, low));
        assertEquals(60, admitted(allowance, here));
        Object rates = allowance.rates();
        assertTrue(wait(allowance, 6_000_000, here) > 5_000_000);
        allowance.tier(tier(low, low));
        assertSame(rates, allowance.rates(), "nothing has changed");
        assertEquals(0, admitted(allowance, here));
        allowance.tier(tier(high, high));
        assertNotSame(rates, allowance.rates(), "whoever waits need not any longer");
        assertEquals(1_500, admitted(allowance, here));
        assertEquals(0, wait(allowance, 1, here));
    }

    @Test
    void moreAddressesThanAreKnownAreServed() throws Exception {
        Allowance allowance = allowance(tier(new Rates(1_000_000, 1_000_000, Tier.NO_LIMIT), TEN));
        for (int i = 0; i < VisitorRates.MAX_ADDRESSES; i++) {
            allowance.enter(Network.of(InetAddress.getByAddress(new byte[] {10, 0, (byte) (i >> 8), (byte) i})));
            allowance.leave();
        }
        Network unknown = Network.of(Addresses.parse("192.0.2.3"));
        for (int i = 0; i < 100; i++) {
            allowance.enter(unknown);
            allowance.leave();
        }
        clock.advance(Duration.ofSeconds(3));
        assertEquals(20, admitted(allowance, unknown), "the others have rested and are forgotten");
    }

    @Test
    void itHasSoManyAtOneTime() throws Refusal {
        Allowance allowance = allowance(tier(Rates.NONE, Rates.NONE));
        for (int i = 0; i < 3; i++) {
            allowance.enter(here);
        }
        assertThrows(Refusal.class, () -> allowance.enter(here));
        allowance.leave();
        allowance.enter(there);
    }

    @Test
    void whatAnAccountMayHaveChangesAtOnce() throws Refusal {
        Allowance allowance = allowance(tier(TEN, Rates.NONE));
        assertEquals(20, admitted(allowance, here));
        allowance.tier(tier(new Rates(100, 200, Tier.NO_LIMIT), Rates.NONE));
        allowance.requireRoomFor(2, false);
        clock.advance(Duration.ofSeconds(1));
        assertTrue(admitted(allowance, here) >= 100);
    }

    @Test
    void tooManyTunnelsAreAskedForAgainOnlyWhenOneIsLeaving() {
        Allowance allowance = allowance(tier(Rates.NONE, Rates.NONE));
        assertEquals(false, assertThrows(Refusal.class, () -> allowance.requireRoomFor(3, false)).retry());
        assertEquals(true, assertThrows(Refusal.class, () -> allowance.requireRoomFor(3, true)).retry());
    }

    @Test
    void bytesAreWaitedFor() throws Refusal {
        Allowance allowance = allowance(tier(TEN, new Rates(10, 10, 10_000)));
        assertEquals(0, wait(allowance, 2_000, here));
        assertEquals(100, wait(allowance, 1_000, here), "its own rate");
        assertEquals(0, wait(allowance, 0, there));
        for (int i = 3; i < 13; i++) {
            allowance.spend(2_000, Network.of(Addresses.parse("192.0.2." + i)));
        }
        assertEquals(30, wait(allowance, 0, there), "the account's: 23,000 at 100,000 a second, 200 ms ahead");
    }

    private long wait(Allowance allowance, int bytes, Network share) throws Refusal {
        return Duration.ofNanos(allowance.spend(bytes, share) - clock.nanos()).toMillis();
    }

    @Test
    void aMonthsBytesEnd() throws Refusal {
        Allowance allowance = allowance(new Tier("t", Rates.NONE, Rates.NONE, 1_000, 3, 2, true, true, Holdings.NONE));
        allowance.spend(999, here);
        allowance.enter(here);
        allowance.spend(500, here);
        assertEquals(Duration.ofHours(5), assertThrows(Refusal.class, () -> allowance.enter(here)).retryAfter());
        assertThrows(Refusal.class, () -> allowance.spend(1, here), "what has begun breaks off");
        wall = Instant.parse("1970-01-01T00:00:00Z");
        assertThrows(Refusal.class, () -> allowance.enter(here), "a clock that is behind begins no month");
        wall = Instant.parse("2026-12-01T00:00:00Z");
        allowance.enter(here);
        assertEquals(0, allowance.moved(wall.toEpochMilli()));
        assertEquals(YearMonth.of(2026, 12), allowance.month(wall.toEpochMilli()));
    }

    /** Or else it would have to wait for years. */
    @Test
    void aClockThatWasWrongOnceDoesNoLastingHarm() throws Refusal {
        Allowance allowance = allowance(new Tier("t", Rates.NONE, Rates.NONE, 1_000, 3, 2, true, true, Holdings.NONE));
        wall = Instant.parse("2036-01-01T00:00:00Z");
        allowance.spend(1_000, here);
        wall = Instant.parse("2035-12-31T23:00:00Z");
        assertThrows(Refusal.class, () -> allowance.enter(here), "a little behind");
        wall = Instant.parse("2026-11-30T19:00:00Z");
        allowance.enter(here);
        assertEquals(YearMonth.of(2026, 11), allowance.month(wall.toEpochMilli()));
    }

    @Test
    void piecesAreSmallWhereTheRateIs() throws Refusal {
        assertEquals(64 * 1024, allowance(Tier.PRO).piece());
        assertEquals(64 * 1024, AccessView.unlimited().piece());
        Allowance slow = allowance(tier(TEN, Rates.NONE));
        assertEquals(5_000, slow.piece());
        for (int i = 0; i < 3; i++) {
            slow.enter(here);
        }
        assertEquals(1_666, slow.piece());
        assertEquals(1_024, allowance(tier(new Rates(1, 1, 1), Rates.NONE)).piece());
    }
}
