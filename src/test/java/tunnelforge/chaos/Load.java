package tunnelforge.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** All visitors of a trial, a task each. */
final class Load {
    private static final int HTTP_VISITORS = 64;
    private static final int WEB_SOCKETS = 4;
    private static final int TCP_SESSIONS = 4;

    private final List<Thread> visitors = new ArrayList<>();
    private final Tally tally = new Tally();
    private final Stage stage;
    private final long startedAt = System.nanoTime();
    private volatile boolean going = true;

    private Load(Stage stage) {
        this.stage = stage;
    }

    /** Has visitors come from now on; {@code rate} is their requests a second. */
    static Load start(Stage stage, int rate, long seed) {
        Load load = new Load(stage);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < HTTP_VISITORS; i++) {
            load.add(new HttpVisitor(stage, load.tally, random.split(), HTTP_VISITORS * 1_000_000_000L / rate, load::isGoing));
        }
        for (int i = 0; i < WEB_SOCKETS; i++) {
            load.add(new TalkingVisitor(stage, load.tally, true, i, load::isGoing));
        }
        for (int i = 0; i < TCP_SESSIONS; i++) {
            load.add(new TalkingVisitor(stage, load.tally, false, i, load::isGoing));
        }
        return load;
    }

    private void add(Runnable visitor) {
        visitors.add(Thread.ofVirtual().name("visitor").start(visitor));
    }

    private boolean isGoing() {
        return going;
    }

    Tally tally() {
        return tally;
    }

    /** Has no visitor ask any more, and waits for the last answers. */
    void stop() throws InterruptedException {
        double seconds = (System.nanoTime() - startedAt) / 1e9;
        int asked = tally.asked();
        going = false;
        for (Thread visitor : visitors) {
            visitor.join();
        }
        Chaos.print("%.0f requests/s for %.0f s", asked / seconds, seconds);
    }

    /** Stops, and prints and judges what holds for every trial. Returns what the local service has counted. */
    String finish(Verdict verdict) throws Exception {
        stop();
        String counts = stage.counts();
        tally.print(counts);
        verdict.safety("0 run twice", Tally.twice(counts) == 0, Tally.twice(counts));
        verdict.safety("0 answered with another's answer, or a wrong one", tally.wrong().isEmpty(), tally.wrong().size());
        verdict.safety("every request is accounted for", tally.unaccounted() == 0 && tally.answered() > 0, tally.unaccounted() + " are not");
        return counts;
    }
}
