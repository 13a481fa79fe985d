package tunnelforge.agent.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tunnelforge.Peer;
import tunnelforge.ScriptedService;
import tunnelforge.log.Log;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.Ledger;
import tunnelforge.net.Resolver;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;

/** A local connection belongs to one exchange at a time, and nobody who comes late can do anything to the next one. */
final class LocalLeaseTest {
    private final Log log = new RecordingLog().log();
    private final Tasks tasks = new Tasks(log);
    private final Ticker ticker = new Ticker(log);
    private final Resolver resolver = new Resolver();
    private final Ledger memory = new Ledger(1_000_000);
    private final ScriptedService peer = new ScriptedService();
    private final LocalService service = new LocalService(new Target.Tcp("127.0.0.1", peer.port(), false), true, true, resolver, ticker, memory, tasks, log);

    LocalLeaseTest() throws IOException {
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        service.close();
        peer.close();
        assertEquals(0, ticker.size());
        assertEquals(0, memory.used());
        ticker.close();
        resolver.close();
    }

    /** The server's RESET of one exchange was under way when the exchange ended and its connection went to the next one. */
    @Test
    void theLateKillOfOneExchangeDoesNotHitTheNextOneOnItsConnection() throws Exception {
        LocalLease first = service.connect();
        Peer local = peer.accept();
        Runnable hook = first::kill;
        first.giveBack(null);
        LocalLease next = service.takeKept();
        assertSame(first.connection(), next.connection());
        hook.run();
        first.close();
        next.writer().raw(new byte[] {'x'}, 0, 1);
        next.writer().flush();
        assertEquals("x", local.readText(1));
        assertFalse(next.connection().killed());
        next.kill();
        assertTrue(next.connection().killed());
    }

    @Test
    void aConnectionThatWasKilledIsNotGivenToAnybody() throws Exception {
        LocalLease lease = service.connect();
        peer.accept();
        lease.kill();
        lease.giveBack(null);
        assertNull(service.takeKept());
        assertEquals(0, service.idleConnections());
    }

    @Test
    void aConnectionIsGivenBackOnce() throws Exception {
        LocalLease lease = service.connect();
        peer.accept();
        lease.giveBack(null);
        lease.giveBack(null);
        assertEquals(1, service.idleConnections());
        assertEquals(LocalConnection.BYTES, memory.used());
        LocalLease next = service.takeKept();
        assertNotNull(next);
        assertEquals(0, memory.used());
        assertNull(service.takeKept());
        next.close();
    }

    @Test
    void whatWasNotGivenBackIsClosed() throws Exception {
        LocalLease lease = service.connect();
        Peer local = peer.accept();
        lease.close();
        local.awaitClosed();
    }
}
