package tunnelforge.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Both agents are killed under load and started again: they have name and port at once (that of the tcp tunnel is the only one there is), and only what had reached the local service fails, visibly. */
final class Kills {
    private static final int SECONDS = 120;
    private static final int EVERY_SECONDS = 6;
    private static final int MOST_AWAY_MILLIS = 5000;
    private static final int BACK_WITHIN_MILLIS = 3000;

    private Kills() {
    }

    static void run(Settings settings, Verdict verdict) throws Exception {
        SplittableRandom random = new SplittableRandom(settings.seed());
        List<Long> back = new ArrayList<>();
        try (Stage stage = Stage.complete()) {
            Load load = Load.start(stage, settings.rate(), settings.seed());
            for (int i = 0; i < Math.max(1, settings.secondsOr(SECONDS) / EVERY_SECONDS); i++) {
                int away = random.nextInt(MOST_AWAY_MILLIS);
                Thread.sleep(EVERY_SECONDS * 1000 - away);
                stage.agent().kill();
                stage.tcpAgent().kill();
                Thread.sleep(away);
                back.add(stage.startAgent() / 1_000_000);
                stage.startTcpAgent();
            }
            Thread.sleep(2000);
            Chaos.print("killed %d times; from its first try to its tunnel the agent took %s ms", back.size(), back);
            String counts = load.finish(verdict);
            Tally tally = load.tally();
            long notReached = tally.failures(failure -> Tally.times(counts, failure.id()) == 0);
            long dishonest = tally.failures(failure -> Tally.times(counts, failure.id()) > 0 && !failure.kind().equals("502 TF-OUTCOME-UNKNOWN") && !failure.isBrokenOff());
            verdict.expect("0 failed that had not reached the local service", notReached == 0, notReached);
            verdict.expect("those that had are answered 502 TF-OUTCOME-UNKNOWN, or break off within the answer", dishonest == 0, dishonest + " otherwise");
            verdict.expect("the name is back at once", back.stream().allMatch(millis -> millis < BACK_WITHIN_MILLIS), back.stream().max(Long::compare).get() + " ms");
            verdict.expect("the address stays", stage.registrations().stream().allMatch(now -> now.url().equals(stage.url())), stage.registrations().getLast().url());
        }
    }
}
