package tunnelforge.server.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import tunnelforge.net.Ledger;
import tunnelforge.server.access.FairCount;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.Shares;
import tunnelforge.server.access.VisitorShare;
import tunnelforge.text.Addresses;
import tunnelforge.wire.Limits;
import tunnelforge.wire.TunnelError;

/** What the visitors of one tunnel may have of it. */
final class VisitorsTest {
    private static final int REQUESTS = 16;
    private static final int SESSIONS = 64;

    private final Shares shares = new Shares();
    private final VisitorShare one = shares.enter(Addresses.parse("192.0.2.1"));
    private final VisitorShare another = shares.enter(Addresses.parse("192.0.2.2"));
    private final Ledger memory = new Ledger(REQUESTS * Limits.INITIAL_WINDOW);
    private int waiting;
    private final Visitors visitors = Visitors.ofRequests(new FairCount(REQUESTS), new FairCount(SESSIONS), memory, () -> waiting, new Unanswered());

    private void enter(VisitorShare share, int count) throws Refusal {
        for (int i = 0; i < count; i++) {
            visitors.enter(share);
        }
    }

    private TunnelError refusal(VisitorShare share) {
        return assertThrows(Refusal.class, () -> visitors.enter(share)).error();
    }

    @Test
    void anAddressThatHasItsShareIsToldSoAndAnotherFindsRoom() throws Refusal {
        enter(one, 12);
        assertEquals(TunnelError.RATE_LIMITED, refusal(one));
        enter(another, 4);
        assertEquals(TunnelError.OVERLOADED, refusal(shares.enter(Addresses.parse("192.0.2.3"))));
        visitors.leave(one, false);
        visitors.enter(another);
    }

    @Test
    void sessionsTakeNoPlacesOfRequestsAndHaveALimitOfTheirOwn() throws Refusal {
        for (int i = 0; i < 48; i++) {
            visitors.enter(one);
            visitors.sessionBegins(one);
        }
        assertEquals(0, one.exchanges().get());
        assertEquals(48, one.sessions().get());
        enter(one, 1);
        assertEquals(TunnelError.RATE_LIMITED, assertThrows(Refusal.class, () -> visitors.sessionBegins(one)).error());
        assertEquals(1, one.exchanges().get(), "it is a request as before");
        visitors.leave(one, false);
        enter(one, 12);
        enter(another, 1);
        visitors.sessionBegins(another);
        visitors.leave(another, true);
        assertEquals(0, another.sessions().get());
    }

    @Test
    void excessIsWhatIsAboveHalfOfThePlacesOrOfTheMemoryOrWaits() throws Refusal {
        enter(one, 8);
        assertEquals(0, visitors.excess());
        enter(one, 2);
        assertEquals(2, visitors.excess());
        memory.tryReserve(11 * Limits.INITIAL_WINDOW);
        assertEquals(3, visitors.excess());
        waiting = 5;
        assertEquals(5, visitors.excess());
    }
}
