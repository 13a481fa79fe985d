package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.Peer;

/** A visitor who stops reading a large download stalls nobody, and costs little. */
final class StalledVisitorTrial {
    private static final long HUGE = 1_000_000_000;
    private static final long LARGE = 50_000_000;
    private static final int DOWNLOADS = 3;
    private static final int BEGINNING = 1_000_000;
    private static final int MORE = 10_000_000;
    private static final int REQUESTS = 3000;
    private static final double NOISE_MILLIS = 5;
    private static final long MOST_BYTES = 2 * 1024 * 1024;
    private static final long QUIET_NANOS = Duration.ofSeconds(2).toNanos();

    @Test
    void oneStalledDownloadBesideOthers() throws Exception {
        assumeTrue(Program.canMeasure(), "no jcmd in this runtime");
        try (Rig rig = Rig.start(); Peer other = rig.visit(); Peer stalled = rig.visit()) {
            downloadSpeed(other);
            Figures.ofSmallRequests(other, REQUESTS);
            Figures smallBefore = Figures.ofSmallRequests(other, REQUESTS);
            double speedBefore = downloadSpeed(other);
            long serverBefore = rig.server().liveBytes();
            long agentBefore = rig.agent().liveBytes();

            stalled.send(Rig.request("GET /length/" + HUGE));
            assertEquals(200, stalled.readResponseHead().status());
            stalled.read(BEGINNING);
            awaitStandstill(rig);
            Figures small = Figures.ofSmallRequests(other, REQUESTS);
            double speed = downloadSpeed(other);
            long server = rig.server().liveBytes() - serverBefore;
            long agent = rig.agent().liveBytes() - agentBefore;
            Figures.print("one stalled download of 1 GB costs %,d bytes in the server (of %,d), %,d in the agent (of %,d)", server,
                    serverBefore + server, agent, agentBefore + agent);
            Figures.print("another visitor before it: %.0f MB/s, small requests: %s", speedBefore, smallBefore);
            Figures.print("another visitor beside it: %.0f MB/s, small requests: %s", speed, small);
            assertTrue(server < MOST_BYTES, () -> server + " bytes in the server");
            assertTrue(agent < MOST_BYTES, () -> agent + " bytes in the agent");
            // Not more exactly, because other programs of this machine take their share at times.
            assertTrue(small.medianMillis() < smallBefore.medianMillis() * 2 + NOISE_MILLIS, small::toString);
            assertTrue(speed > speedBefore / 2, () -> speed + " MB/s, before " + speedBefore);

            // Nor was it given up: when he reads on, more comes.
            assertEquals(MORE, stalled.read(MORE).length);
        }
    }

    /** In MB/s, the best of some. */
    private static double downloadSpeed(Peer visitor) throws IOException {
        double best = 0;
        for (int i = 0; i < DOWNLOADS; i++) {
            long start = System.nanoTime();
            visitor.send(Rig.request("GET /length/" + LARGE));
            visitor.readResponseHead();
            visitor.in().skipNBytes(LARGE);
            best = Math.max(best, LARGE * 1e3 / (System.nanoTime() - start));
        }
        return best;
    }

    /** Until the local service has been able to send nothing more for a while. */
    private static void awaitStandstill(Rig rig) {
        long[] last = {-1, System.nanoTime()};
        Eventually.await(() -> "the local service goes on sending", Duration.ofSeconds(30), () -> {
            long sent = rig.service().bodyBytesSent();
            if (sent != last[0]) {
                last[0] = sent;
                last[1] = System.nanoTime();
            }
            return System.nanoTime() - last[1] > QUIET_NANOS;
        });
    }
}
