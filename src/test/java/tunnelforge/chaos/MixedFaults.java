package tunnelforge.chaos;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** All kinds of faults, on any connection, at random: what is held in the end is what was held in the beginning. */
final class MixedFaults {
    private static final int SECONDS = 120;
    private static final int LONG_SECONDS = 600;
    private static final int COMPARED_WITH_SECONDS = 120;
    private static final double BETWEEN_MILLIS = 2000;
    private static final double MORE_MEMORY = 1.1;

    private MixedFaults() {
    }

    static void run(Settings settings, Verdict verdict) throws Exception {
        int seconds = settings.secondsOr(SECONDS);
        SplittableRandom random = new SplittableRandom(settings.seed());
        try (Stage stage = Stage.complete()) {
            Holdings before = Holdings.afterWarmUp(stage, settings);
            Load load = Load.start(stage, settings.rate(), settings.seed());
            Map<Fault, Integer> struck = new EnumMap<>(Fault.class);
            long start = System.nanoTime();
            strike(stage, settings, random, struck, start + Math.min(COMPARED_WITH_SECONDS, seconds / 5) * 1_000_000_000L);
            long serverThen = stage.server().liveBytes();
            long agentThen = stage.agent().liveBytes();
            strike(stage, settings, random, struck, start + seconds * 1_000_000_000L);
            memory(verdict, "the server", serverThen, stage.server().liveBytes(), seconds);
            memory(verdict, "the agent", agentThen, stage.agent().liveBytes(), seconds);
            Chaos.print("%s", struck);
            load.finish(verdict);
            before.compare(stage, verdict);
        }
    }

    private static void strike(Stage stage, Settings settings, SplittableRandom random, Map<Fault, Integer> struck, long until) throws InterruptedException {
        while (System.nanoTime() - until < 0) {
            Thread.sleep(Duration.ofMillis((long) (BETWEEN_MILLIS * random.nextExponential())));
            List<Link> links = stage.links();
            if (!links.isEmpty()) {
                Fault fault = settings.kinds().get(random.nextInt(settings.kinds().size()));
                fault.strike(links.get(random.nextInt(links.size())), random);
                struck.merge(fault, 1, Integer::sum);
            }
        }
    }

    /** Under load, so it is a matter of minutes: a short trial only prints it. */
    private static void memory(Verdict verdict, String name, long then, long now, int seconds) {
        Chaos.print("%s: %,d bytes in use early, %,d in the end: %+.1f %%", name, then, now, 100.0 * now / then - 100);
        if (seconds >= LONG_SECONDS) {
            verdict.expect(name + "'s memory is within 10 % of that after two minutes", now <= then * MORE_MEMORY, now);
        }
    }
}
