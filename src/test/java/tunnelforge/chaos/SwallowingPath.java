package tunnelforge.chaos;

import java.time.Duration;
import java.util.List;
import java.util.function.ToLongFunction;
import tunnelforge.Eventually;

/**
 * The path swallows everything for twenty seconds, then heals: both sides notice within fifteen, go on by themselves, and hold what they held before.
 * The path itself acknowledges what it swallows, so TCP's own keep-alive notices nothing here.
 */
final class SwallowingPath {
    private static final int SECONDS = 20;
    private static final Duration NOTICED_WITHIN = Duration.ofSeconds(15);
    private static final Duration HEALED_WITHIN = Duration.ofSeconds(60);
    private static final Duration SOME_LOAD = Duration.ofSeconds(10);

    private SwallowingPath() {
    }

    static void run(Settings settings, Verdict verdict) throws Exception {
        try (Stage stage = Stage.complete()) {
            Holdings before = Holdings.afterWarmUp(stage, settings);
            Load load = Load.start(stage, settings.rate(), settings.seed());
            Thread.sleep(SOME_LOAD);
            long dark = System.nanoTime();
            List<Link> lost = stage.path().darken();
            List<Link> lostOfTcp = stage.tcpPath().darken();
            Thread.sleep(Duration.ofSeconds(settings.secondsOr(SECONDS)));
            stage.path().lighten();
            stage.tcpPath().lighten();
            long light = System.nanoTime();
            Eventually.await(() -> "no answer came again", HEALED_WITHIN, () -> load.tally().lastAnswerAt() - light > 0);
            long healed = load.tally().lastAnswerAt() - light;
            Chaos.print("%d and, of the tcp tunnel, %d connections were swallowed; the first answer came %,d ms after the path had healed", lost.size(), lostOfTcp.size(), healed / 1_000_000);
            Thread.sleep(SOME_LOAD);
            load.finish(verdict);
            noticed(verdict, "of an https tunnel", lost, dark);
            noticed(verdict, "of a tcp tunnel with sessions", lostOfTcp, dark);
            verdict.expect("healed by itself within 15 s", healed < NOTICED_WITHIN.toNanos(), healed / 1_000_000 + " ms");
            before.compare(stage, verdict);
        }
    }

    private static void noticed(Verdict verdict, String what, List<Link> lost, long dark) {
        noticed(verdict, what + " the agent notices within 15 s", lost, Link::agentEndedAt, dark);
        noticed(verdict, what + " the server notices within 15 s", lost, Link::serverEndedAt, dark);
    }

    private static void noticed(Verdict verdict, String what, List<Link> lost, ToLongFunction<Link> endedAt, long dark) {
        long never = lost.stream().filter(link -> endedAt.applyAsLong(link) == 0).count();
        long worst = lost.stream().mapToLong(endedAt).filter(at -> at != 0).map(at -> at - dark).max().orElse(0);
        verdict.expect(what, never == 0 && worst <= NOTICED_WITHIN.toNanos(), worst / 1_000_000 + " ms at worst, and never of " + never);
    }
}
