package tunnelforge.server.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tunnelforge.net.Ledger;
import tunnelforge.text.Addresses;

/** Whose visitors are counted together. */
final class SharesTest {
    private final Shares shares = new Shares();

    private VisitorShare enter(String address) {
        return shares.enter(Addresses.parse(address));
    }

    @Test
    void anAddressOfIpv4HasAShareOfItsOwn() {
        assertSame(enter("192.0.2.1"), enter("192.0.2.1"));
        assertNotSame(enter("192.0.2.1"), enter("192.0.2.2"));
    }

    @Test
    void ofIpv6ThoseOfOneNetworkOf64BitsAreCountedTogether() {
        assertSame(enter("2001:db8:1:2::1"), enter("2001:db8:1:2:ffff::9"));
        assertNotSame(enter("2001:db8:1:2::1"), enter("2001:db8:1:3::1"));
        assertNotSame(enter("::1"), enter("0.0.0.0"));
    }

    @Test
    void aShareIsForgottenWithItsLastConnection() {
        VisitorShare share = enter("192.0.2.1");
        enter("192.0.2.1");
        shares.leave(share);
        assertEquals(1, shares.size());
        shares.leave(share);
        assertEquals(0, shares.size());
        assertNotSame(share, enter("192.0.2.1"));
    }

    @Test
    void memoryIsSharedInTheSameWay() {
        Ledger memory = new Ledger(1_000);
        memory.tryReserve(500);
        assertTrue(Shares.isFair(500, 10, memory));
        memory.tryReserve(300);
        assertTrue(Shares.isFair(600, 10, memory));
        assertFalse(Shares.isFair(601, 10, memory));
        assertTrue(Shares.isFair(10, 10, memory));
    }
}
