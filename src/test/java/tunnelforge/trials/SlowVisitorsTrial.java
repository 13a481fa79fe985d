package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import tunnelforge.Peer;

/** Many visitors who take their downloads slowly do not slow another one down. */
final class SlowVisitorsTrial {
    private static final int VISITORS = 500;
    private static final long BYTES = 20_000_000;
    private static final int PER_SECOND = 1024;
    /** So small that what a visitor leaves unread is felt on the other side. */
    private static final int RECEIVE_BUFFER = 4096;
    /** All handshakes at once would be another trial. */
    private static final int ARRIVING_AT_ONCE = 20;
    private static final int REQUESTS = 2000;
    private static final double MEDIAN_LIMIT_MILLIS = 50;

    private final Semaphore door = new Semaphore(ARRIVING_AT_ONCE);
    private final CountDownLatch begun = new CountDownLatch(VISITORS);
    private final CountDownLatch enough = new CountDownLatch(1);
    private final CountDownLatch left = new CountDownLatch(VISITORS);
    private final AtomicLong taken = new AtomicLong();
    private final Queue<Exception> failures = new ConcurrentLinkedQueue<>();

    @Test
    void fiveHundredSlowDownloadsAndSmallRequests() throws Exception {
        try (Rig rig = Rig.start(); Peer quick = rig.visit(); Peer other = rig.visit()) {
            Figures.ofSmallRequests(quick, REQUESTS);
            Figures alone = Figures.ofSmallRequests(quick, REQUESTS);
            for (int i = 0; i < VISITORS; i++) {
                Thread.ofVirtual().start(() -> downloadSlowly(rig));
            }
            try {
                assertTrue(begun.await(90, TimeUnit.SECONDS), () -> begun.getCount() + " have not begun: " + failures.peek()
                        + "; the server printed " + rig.server().lastLines());
                measure(rig, quick, other, alone);
            } finally {
                enough.countDown();
            }
            assertTrue(left.await(30, TimeUnit.SECONDS), "slow visitors are still there");
            assertNull(failures.peek(), () -> failures.size() + " slow downloads failed");
        }
    }

    private void measure(Rig rig, Peer quick, Peer other, Figures alone) throws IOException {
        long takenBefore = taken.get();
        long start = System.nanoTime();
        Figures beside = Figures.ofSmallRequests(quick, REQUESTS);
        // A second look, when the slow ones have filled every buffer on the way.
        Figures later = Figures.ofSmallRequests(other, REQUESTS);
        double seconds = (System.nanoTime() - start) / 1e9;
        Figures.print("small requests, alone:               %s", alone);
        Figures.print("small requests, beside 500 slow:     %s", beside);
        Figures.print("small requests, by another visitor:  %s", later);
        Figures.print("each of the 500 took %.0f B/s; %.1f MB of its download had left the local service",
                (taken.get() - takenBefore) / seconds / VISITORS, rig.service().bodyBytesSent() / 1e6 / VISITORS);
        assertTrue(beside.medianMillis() < MEDIAN_LIMIT_MILLIS, beside::toString);
        assertTrue(later.medianMillis() < MEDIAN_LIMIT_MILLIS, later::toString);
    }

    private void downloadSlowly(Rig rig) {
        try (Peer visitor = arrive(rig)) {
            assertEquals(200, visitor.readResponseHead().status());
            begun.countDown();
            while (!enough.await(1, TimeUnit.SECONDS)) {
                visitor.read(PER_SECOND);
                taken.addAndGet(PER_SECOND);
            }
        } catch (IOException | InterruptedException e) {
            failures.add(e);
        } finally {
            left.countDown();
        }
    }

    private Peer arrive(Rig rig) throws IOException, InterruptedException {
        door.acquire();
        try {
            return rig.visit(RECEIVE_BUFFER).send(Rig.request("GET /length/" + BYTES));
        } finally {
            door.release();
        }
    }
}
