package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tunnelforge.Peer;

/** Between server and agent lie 50 ms there and back. */
final class LongPathTrial {
    private static final Duration ROUND_TRIP = Duration.ofMillis(50);
    private static final long BYTES = 300_000_000;
    private static final int DOWNLOADS = 3;

    /** MB/s of the best of several downloads, from the first byte of the request to the last of the body. */
    private static double speed(Peer visitor) throws IOException {
        double best = 0;
        for (int i = 0; i < DOWNLOADS; i++) {
            long start = System.nanoTime();
            visitor.send(Rig.request("GET /length/" + BYTES));
            visitor.readResponseHead();
            visitor.in().skipNBytes(BYTES);
            best = Math.max(best, BYTES * 1e3 / (System.nanoTime() - start));
        }
        return best;
    }

    private static double speed(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port); Peer visitor = new Peer(socket, socket)) {
            return speed(visitor);
        }
    }

    private static double alone(BulkService service) throws IOException {
        try (LongPath path = new LongPath(service.port(), ROUND_TRIP)) {
            return speed(path.port());
        }
    }

    @Test
    void oneTcpStreamFillsThePath() throws Exception {
        try (Rig rig = Rig.tcp(ROUND_TRIP)) {
            double alone = alone(rig.service());
            double through = speed(rig.tcpPort());
            Figures.print("over 50 ms: one TCP stream %.0f MB/s, the same path without a tunnel %.0f: %.2f", through, alone, through / alone);
            assertTrue(through >= 0.8 * alone, through + " of " + alone + " MB/s");
        }
    }

    @Test
    void oneHttpDownloadOverSharedConnectionsIsNotHeldUpByItsWindow() throws Exception {
        try (Rig rig = Rig.over(ROUND_TRIP); Peer visitor = rig.visit()) {
            double alone = alone(rig.service());
            double through = speed(visitor);
            Figures.print("over 50 ms: one HTTP download %.0f MB/s, the same path without a tunnel %.0f: %.2f", through, alone, through / alone);
            assertTrue(through >= Math.min(100, 0.5 * alone), through + " of " + alone + " MB/s");
        }
    }
}
