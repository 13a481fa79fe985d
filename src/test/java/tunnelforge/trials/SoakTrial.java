package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * All kinds of visitors for minutes, while the agent is killed and started anew, and stopped for a moment, in turns. No answer is ever wrong. Visits fail
 * only where the agent's absence explains it. In the end both programs hold what they held in the beginning. Run by {@code make soak}.
 */
@Tag("soak")
final class SoakTrial {
    private static final Duration LENGTH = Duration.ofSeconds(Long.getLong("tunnelforge.soak.seconds", 300));
    /** Loads classes, grows the pool, and gives something to compare with in the end. */
    private static final Duration WARM_UP = Duration.ofSeconds(10);
    private static final Duration BETWEEN_DISTURBANCES = Duration.ofSeconds(20);
    private static final Duration AWAY = Duration.ofSeconds(1);
    private static final Duration STOPPED = Duration.ofSeconds(2);
    /** What may still fail once the agent has its tunnel again. */
    private static final Duration SETTLING = Duration.ofSeconds(2);
    private static final Duration VISITS_END_WITHIN = Duration.ofSeconds(60);
    private static final int MOST_PAUSE_MILLIS = 40;
    private static final Holding MORE = new Holding(25, 25, 8_000_000);

    private final long seed = ThreadLocalRandom.current().nextLong();
    private final Map<String, AtomicInteger> counts = new ConcurrentSkipListMap<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final Queue<String> unexplained = new ConcurrentLinkedQueue<>();
    /** Odd while the agent is away. */
    private final AtomicInteger absences = new AtomicInteger();

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void allKindsOfVisitorsWhileTheAgentComesAndGoes() throws Exception {
        assumeTrue(Program.canMeasure() && Program.canCountDescriptors(), "no jcmd or no /proc here");
        try (Rig rig = Rig.start("-Xmx256m")) {
            visit(rig, WARM_UP, () -> Thread.sleep(WARM_UP));
            Thread.sleep(SETTLING);
            Holding server = Holding.of(rig.server());
            Holding agent = Holding.of(rig.agent());

            visit(rig, LENGTH, () -> disturb(rig));
            Figures.print("soak of %d s, seed %d: %s", LENGTH.toSeconds(), seed, counts);
            assertEquals(List.of(), List.copyOf(wrong), "wrong answers");
            assertEquals(List.of(), List.copyOf(unexplained), "failures while the agent was there");
            awaitNear(rig.server(), "the server", server);
            awaitNear(rig.agent(), "the agent", agent);
        }
    }

    /** What happens while the visitors come. */
    private interface Meanwhile {
        void run() throws IOException, InterruptedException;
    }

    private void visit(Rig rig, Duration length, Meanwhile meanwhile) throws IOException, InterruptedException {
        long end = System.nanoTime() + length.toNanos();
        List<SoakVisitor.Kind> kinds = new ArrayList<>();
        for (SoakVisitor.Kind kind : SoakVisitor.Kind.values()) {
            for (int i = 0; i < kind.count; i++) {
                kinds.add(kind);
            }
        }
        CountDownLatch visitors = new CountDownLatch(kinds.size());
        for (int i = 0; i < kinds.size(); i++) {
            SoakVisitor.Kind kind = kinds.get(i);
            long seedOfVisitor = seed + i;
            Thread.ofVirtual().name("soak " + kind).start(() -> {
                try {
                    visitUntil(end, rig, kind, seedOfVisitor);
                } finally {
                    visitors.countDown();
                }
            });
        }
        meanwhile.run();
        assertTrue(visitors.await(Math.max(0, end - System.nanoTime()) + VISITS_END_WITHIN.toNanos(), TimeUnit.NANOSECONDS),
                () -> visitors.getCount() + " visitors are still there");
    }

    private void visitUntil(long end, Rig rig, SoakVisitor.Kind kind, long seedOfVisitor) {
        try (SoakVisitor visitor = new SoakVisitor(rig, seedOfVisitor)) {
            while (System.nanoTime() - end < 0) {
                int absencesBefore = absences.get();
                String outcome = visitOnce(visitor, kind);
                count(kind + (outcome == null ? "" : " " + outcome));
                if (outcome != null && absencesBefore == absences.get() && absencesBefore % 2 == 0) {
                    unexplained.add(kind + " " + outcome);
                }
                Thread.sleep(ThreadLocalRandom.current().nextInt(MOST_PAUSE_MILLIS));
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            wrong.add("a visitor of kind " + kind + " ended with " + e);
        }
    }

    /** What went wrong with a visit; null when nothing did. */
    private String visitOnce(SoakVisitor visitor, SoakVisitor.Kind kind) throws IOException {
        try {
            visitor.visit(kind);
            return null;
        } catch (SoakVisitor.RefusedException e) {
            visitor.close();
            return e.getMessage();
        } catch (SocketTimeoutException e) {
            visitor.close();
            return "without an answer";
        } catch (IOException e) {
            visitor.close();
            return "broken off";
        } catch (SoakVisitor.WrongException | AssertionError | RuntimeException e) {
            visitor.close();
            wrong.add(kind + ": " + e);
            return "wrong";
        }
    }

    private void count(String what) {
        counts.computeIfAbsent(what, any -> new AtomicInteger()).incrementAndGet();
    }

    /** Ends early enough for the last agent to have some work. */
    private void disturb(Rig rig) throws IOException, InterruptedException {
        long last = System.nanoTime() + LENGTH.minus(BETWEEN_DISTURBANCES.multipliedBy(2)).toNanos();
        for (int i = 0; System.nanoTime() - last < 0; i++) {
            Thread.sleep(BETWEEN_DISTURBANCES);
            if (i % 2 == 0) {
                absences.incrementAndGet();
                rig.agent().kill();
                Thread.sleep(AWAY);
                rig.restartAgent();
                Thread.sleep(SETTLING);
                absences.incrementAndGet();
                count("agent killed");
            } else {
                rig.agent().signal("STOP");
                Thread.sleep(STOPPED);
                rig.agent().signal("CONT");
                count("agent stopped");
            }
        }
    }

    private static void awaitNear(Program program, String name, Holding before) throws IOException, InterruptedException {
        Holding now = Holding.awaitWithin(program, before, MORE);
        Figures.print("%s before %s, after %s", name, before, now);
        assertTrue(now.isWithin(before, MORE), name + " held " + before + " and holds " + now);
    }
}
