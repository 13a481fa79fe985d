package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import tunnelforge.Message;
import tunnelforge.Peer;

/**
 * A server that is restarted under load, by SIGTERM: what was asked before the signal is answered, and what is asked once the port is open again waits for the agent and is answered
 * as well. In between there is nobody.
 */
final class RestartTrial {
    private static final int RESTARTS = 3;
    private static final int KEEPING = 6;
    private static final int COMING = 2;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final Duration SETTLE = Duration.ofSeconds(1);
    private static final double BACK_MILLIS = 1_000;
    private static final double STOP_MILLIS = 5_000;

    /** One request. {@code asked}: when it had been sent; {@code failure}: null for an answer. */
    private record Outcome(boolean kept, long began, long asked, long ended, String failure) {
        boolean failed() {
            return failure != null;
        }
    }

    private final ConcurrentLinkedQueue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
    private final AtomicInteger nextId = new AtomicInteger();
    private volatile boolean over;

    /** Asks again and again, over one connection for as long as it lasts, or over a new one for each. */
    private void visit(Rig rig, boolean keeps) {
        Peer visitor = null;
        while (!over) {
            long began = System.nanoTime();
            boolean kept = visitor != null;
            long asked = 0;
            String failure = null;
            boolean again = false;
            try {
                visitor = kept ? visitor : rig.visit();
                String body = "id " + nextId.incrementAndGet();
                visitor.send(Rig.request("POST /echo", "Content-Length: " + body.length()) + body);
                asked = System.nanoTime();
                Message answer = visitor.readResponse();
                failure = answer.status() == 200 && answer.text().equals(body) ? null : answer.status() + " " + answer.get("TunnelForge-Error");
                again = failure == null && keeps && !"close".equals(answer.get("Connection"));
            } catch (ConnectException e) {
                failure = "refused";
            } catch (EOFException e) {
                failure = "ended: " + e.getMessage();
            } catch (IOException e) {
                failure = "broken: " + e.getMessage();
            }
            outcomes.add(new Outcome(kept, began, asked, System.nanoTime(), failure));
            if (!again && visitor != null) {
                close(visitor);
                visitor = null;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        if (visitor != null) {
            close(visitor);
        }
    }

    private static void close(Peer visitor) {
        try {
            visitor.close();
        } catch (IOException e) {
            // It was broken.
        }
    }

    private static double millis(long from, long to) {
        return (to - from) / 1e6;
    }

    @Test
    void nothingThatWasAcceptedIsLost() throws Exception {
        try (Rig rig = Rig.start()) {
            List<FutureTask<Void>> visitors = new ArrayList<>();
            for (int i = 0; i < KEEPING + COMING; i++) {
                boolean keeps = i < KEEPING;
                FutureTask<Void> task = new FutureTask<>(() -> visit(rig, keeps), null);
                visitors.add(task);
                Thread.ofPlatform().daemon().name("visitor").start(task);
            }
            for (int i = 0; i < RESTARTS; i++) {
                Thread.sleep(SETTLE);
                restart(rig, i + 1);
            }
            Thread.sleep(SETTLE);
            over = true;
            for (FutureTask<Void> task : visitors) {
                task.get(30, TimeUnit.SECONDS);
            }
            Figures.print("in all %d requests; %d failed while there was no server", outcomes.size(), outcomes.stream().filter(Outcome::failed).count());
        }
    }

    private void restart(Rig rig, int number) throws Exception {
        outcomes.clear();
        long signal = System.nanoTime();
        rig.stopServer();
        long stopped = System.nanoTime();
        long open = rig.startServerAgain();
        rig.agent().await("\"event\":\"tunnel_registered\"");
        long back = System.nanoTime();
        Thread.sleep(SETTLE);
        List<Outcome> all = List.copyOf(outcomes);
        List<Outcome> before = all.stream().filter(each -> each.asked > 0 && each.asked < signal).toList();
        List<Outcome> during = all.stream().filter(each -> each.began >= signal && each.began <= open).toList();
        List<Outcome> after = all.stream().filter(each -> each.began > open).toList();
        List<Outcome> kept = during.stream().filter(each -> each.kept && each.failed()).toList();
        Figures.print("restart %d: stopped in %.0f ms, agent back %.0f ms after the port was open; %d requests were under way and %d failed of them; of %d kept connections with a request meanwhile"
                + " %d got no answer; after it %d of %d failed, longest wait %.0f ms", number, millis(signal, stopped), millis(open, back), before.size(),
                before.stream().filter(Outcome::failed).count(), during.stream().filter(Outcome::kept).count(), kept.size(), after.stream().filter(Outcome::failed).count(), after.size(),
                after.stream().mapToDouble(each -> millis(each.began, each.ended)).max().orElse(0));
        assertEquals(List.of(), before.stream().filter(Outcome::failed).toList(), "asked before the signal");
        assertEquals(List.of(), after.stream().filter(Outcome::failed).toList(), "asked when the port was open again");
        assertEquals(List.of(), kept, "asked over a connection that was kept");
        assertEquals(List.of(), during.stream().filter(each -> each.failed() && each.asked > 0).toList(), "sent to a server that had taken the connection");
        assertTrue(!after.isEmpty() && after.stream().anyMatch(each -> !each.failed()), "somebody has come");
        assertTrue(!Figures.JUDGED || millis(open, back) < BACK_MILLIS, () -> "the agent was back after " + millis(open, back) + " ms");
        assertTrue(millis(signal, stopped) < STOP_MILLIS, () -> "the server took " + millis(signal, stopped) + " ms to stop");
    }
}
