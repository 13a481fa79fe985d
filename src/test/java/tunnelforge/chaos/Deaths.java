package tunnelforge.chaos;

import java.util.SplittableRandom;

/** Every data connection dies, after a second on average: no request fails. */
final class Deaths {
    private static final int SECONDS = 60;
    private static final double LIFE_NANOS = 1e9;
    private static final int LOOK_EVERY_MILLIS = 10;

    private Deaths() {
    }

    static void run(Settings settings, Verdict verdict) throws Exception {
        int seconds = settings.secondsOr(SECONDS);
        SplittableRandom random = new SplittableRandom(settings.seed());
        try (Stage stage = Stage.complete()) {
            Load load = Load.start(stage, settings.rate(), settings.seed());
            int deaths = 0;
            long looked = System.nanoTime();
            for (long end = looked + seconds * 1_000_000_000L; System.nanoTime() - end < 0;) {
                long now = System.nanoTime();
                double chance = 1 - Math.exp((looked - now) / LIFE_NANOS);
                looked = now;
                for (Link link : stage.links()) {
                    if (link.tunnel() == null && random.nextDouble() < chance) {
                        (random.nextBoolean() ? Fault.CUT : Fault.RESET).strike(link, random);
                        deaths++;
                    }
                }
                Thread.sleep(LOOK_EVERY_MILLIS);
            }
            int asked = load.tally().asked();
            Chaos.print("%,d data connections died, of %,d connections", deaths, stage.path().opened() + stage.tcpPath().opened());
            load.finish(verdict);
            verdict.expect("0 failed", load.tally().failures().isEmpty(), load.tally().failures().size());
            verdict.expect("asked at the full rate", asked >= settings.rate() * seconds * 0.98, asked / seconds + " requests/s");
            verdict.expect("the control connection stays", stage.registrations().size() == 1, stage.registrations().size() + " registrations");
        }
    }
}
