package tunnelforge.server.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.Ledger;
import tunnelforge.net.ManualClock;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.AccessView;
import tunnelforge.server.access.Figures;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.TunnelProtocol;

/** A server that has as many tunnels as it may have. */
final class LocalTunnelsTest {
    private final ManualClock clock = new ManualClock();
    private final Ledger memory = new Ledger(Long.MAX_VALUE / 2);
    private final TunnelMeans means = new TunnelMeans(memory, memory, memory, new Unanswered(), Figures.begin(clock), new SecureRandom(), clock);
    private Ticker ticker;
    private LocalTunnels tunnels;
    private Tunnel first;

    private Tunnel tunnel(String id, String label) {
        return new Tunnel(null, means, Duration.ofSeconds(30), id, new PublicAddress.Name(label + ".tunnel.example"), TunnelProtocol.HTTPS, "https://" + label, AccessView.grant(), null);
    }

    @BeforeEach
    void fill() throws Refusal {
        ticker = clock.ticker(new RecordingLog().log());
        tunnels = new LocalTunnels(ticker);
        first = tunnel("0", "t0");
        assertTrue(tunnels.claim(first));
        for (int i = 1; i < ServerLimits.MAX_TUNNELS; i++) {
            assertTrue(tunnels.claim(tunnel("" + i, "t" + i)));
        }
    }

    @AfterEach
    void stop() {
        ticker.close();
    }

    @Test
    void anotherIsRefusedUntilOneEnds() throws Refusal {
        Tunnel another = tunnel("another", "another");
        assertEquals(TunnelError.LIMIT, assertThrows(Refusal.class, () -> tunnels.claim(another)).error());
        assertEquals(ServerLimits.MAX_TUNNELS, tunnels.tunnels().size());
        tunnels.release(first);
        assertTrue(tunnels.claim(another));
        assertEquals(ServerLimits.MAX_TUNNELS, tunnels.tunnels().size());
    }

    /** It was refused for want of room, although it needs none. */
    @Test
    void anAgentThatWasStartedAnewTakesItsTunnelOver() throws Refusal {
        Tunnel anew = tunnel("anew", "t0");
        assertFalse(tunnels.claim(anew));
        assertTrue(tunnels.replace(first, anew));
        assertSame(anew, tunnels.find("t0.tunnel.example"));
        assertEquals(ServerLimits.MAX_TUNNELS, tunnels.tunnels().size());
    }
}
