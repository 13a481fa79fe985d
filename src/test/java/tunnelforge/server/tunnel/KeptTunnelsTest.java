package tunnelforge.server.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import tunnelforge.json.JsonObject;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.Ledger;
import tunnelforge.net.ManualClock;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.AccessView;
import tunnelforge.server.access.Figures;
import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelProtocol;

/** What the next run of a server is to know. */
final class KeptTunnelsTest {
    private final ManualClock clock = new ManualClock();
    private final RecordingLog log = new RecordingLog();
    private final Tasks tasks = new Tasks(log.log());
    private final Ticker ticker = clock.ticker(tasks, log.log());
    private final LocalTunnels directory = new LocalTunnels(ticker);
    private volatile JsonObject written;

    private final KeptTunnels.Store store = new KeptTunnels.Store() {
        @Override
        public JsonObject read() {
            return written;
        }

        @Override
        public void write(JsonObject tunnels) {
            written = tunnels;
        }
    };

    private Tunnel tunnel() {
        Ledger memory = new Ledger(Long.MAX_VALUE / 2);
        TunnelMeans means = new TunnelMeans(memory, memory, memory, new Unanswered(), Figures.begin(clock), new SecureRandom(), clock);
        return new Tunnel(null, means, Duration.ofSeconds(30), "id", new PublicAddress.Name("kept.tunnel.example"), TunnelProtocol.HTTPS, "https://kept", AccessView.grant(), null);
    }

    /** The ticker was looking when the server ended: what it found, when the tunnels had been taken down, was written last. */
    @Test
    void aLookThatIsUnderWayAtTheEndWritesNothingBehindIt() throws Exception {
        KeptTunnels kept = new KeptTunnels(store, "tunnel.example", directory, tasks, ticker, InstantSource.system(), log.log());
        Tunnel tunnel = tunnel();
        directory.claim(tunnel);
        kept.close();
        assertEquals(1, written.arrayOrEmpty("tunnels").size());
        directory.release(tunnel);
        kept.tick(clock.nanos() + Duration.ofSeconds(1).toNanos());
        assertTrue(tasks.awaitNone(Duration.ofSeconds(10)));
        assertEquals(1, written.arrayOrEmpty("tunnels").size(), "the next run is to know the tunnel");
    }
}
