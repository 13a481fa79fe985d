package tunnelforge.agent.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tunnelforge.net.Ledger;

/** How many there are, what they are charged to, and that they end. */
final class DeflatersTest {
    private final Deflaters deflaters = new Deflaters();

    @Test
    void thereAreSixtyFourForAllTunnels() {
        List<Ledger> tunnels = List.of(new Ledger(100_000_000), new Ledger(100_000_000));
        List<Deflaters.Lease> leases = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            leases.add(deflaters.take(Long.MAX_VALUE, tunnels.get(i % 2)));
        }
        assertNull(deflaters.take(Long.MAX_VALUE, tunnels.getFirst()));
        assertEquals(32L * Deflaters.BYTES, tunnels.getFirst().used());
        leases.getFirst().close();
        leases.set(0, deflaters.take(Long.MAX_VALUE, tunnels.getFirst()));
        assertNotNull(leases.getFirst());
        leases.forEach(Deflaters.Lease::close);
        assertEquals(0, tunnels.getFirst().used() + tunnels.getLast().used() + deflaters.taken());
    }

    @Test
    void oneThatIsClosedIsEndedAndGivenBackOnce() {
        Ledger memory = new Ledger(100_000_000);
        Deflaters.Lease kept = deflaters.take(Long.MAX_VALUE, memory);
        Deflaters.Lease lease = deflaters.take(Long.MAX_VALUE, memory);
        lease.close();
        lease.close();
        assertEquals(1, deflaters.taken());
        assertEquals(Deflaters.BYTES, memory.used());
        assertThrows(RuntimeException.class, () -> lease.deflater().deflate(new byte[10]), "zlib's memory is gone");
        kept.close();
    }

    /** The half without which nothing can be served is not for this. */
    @Test
    void aTunnelShortOfMemoryHasNone() {
        Ledger memory = new Ledger(4L * Deflaters.BYTES);
        Deflaters.Lease first = deflaters.take(Long.MAX_VALUE, memory);
        Deflaters.Lease second = deflaters.take(Long.MAX_VALUE, memory);
        assertNull(deflaters.take(Long.MAX_VALUE, memory));
        assertEquals(2, deflaters.taken());
        first.close();
        second.close();
        assertEquals(0, memory.used());
    }
}
