package tunnelforge.trials;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tunnelforge.Message;
import tunnelforge.Peer;

/** Many visitors who send the same request at about the same time, each over a connection of his own, and what becomes of them. */
final class Crowd {
    /** What a visitor who got the whole answer is counted under. */
    static final String SERVED = "200";

    /** All handshakes at once would be another trial. */
    private static final int ARRIVING_AT_ONCE = 20;
    private static final int PATIENCE_MILLIS = 120_000;

    private final Rig rig;
    private final String request;
    private final Semaphore door = new Semaphore(ARRIVING_AT_ONCE);
    private final Map<String, AtomicInteger> outcomes = new ConcurrentHashMap<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();
    private final CountDownLatch gone;

    Crowd(Rig rig, int count, String request) {
        this.rig = rig;
        this.request = request;
        this.gone = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            Thread.ofVirtual().name("crowd").start(this::visit);
        }
    }

    private void visit() {
        String outcome;
        try (Peer visitor = arrive()) {
            Message answer = visitor.readResponseHead();
            String error = answer.get("TunnelForge-Error");
            outcome = error == null ? String.valueOf(answer.status()) : answer.status() + " " + error;
            if (outcome.equals(SERVED)) {
                answered.incrementAndGet();
            }
            visitor.readBody(answer, true);
        } catch (IOException | InterruptedException e) {
            outcome = "no answer: " + e;
        }
        outcomes.computeIfAbsent(outcome, any -> new AtomicInteger()).incrementAndGet();
        left.incrementAndGet();
        gone.countDown();
    }

    private Peer arrive() throws IOException, InterruptedException {
        door.acquire();
        try {
            Peer visitor = rig.visit();
            visitor.socket().setSoTimeout(PATIENCE_MILLIS);
            try {
                return visitor.send(request);
            } catch (IOException e) {
                // Refused while it was sent: the answer may be there all the same.
                return visitor;
            }
        } finally {
            door.release();
        }
    }

    /** How many have been served, be it the beginning of an answer, and how many have left. */
    int answered() {
        return answered.get();
    }

    int left() {
        return left.get();
    }

    /** Waits until all have left; how many for each outcome. */
    Map<String, Integer> outcomes() throws InterruptedException {
        if (!gone.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
            throw new AssertionError(gone.getCount() + " visitors are still there; of the others: " + outcomes);
        }
        Map<String, Integer> counts = new TreeMap<>();
        outcomes.forEach((outcome, count) -> counts.put(outcome, count.get()));
        return counts;
    }
}
