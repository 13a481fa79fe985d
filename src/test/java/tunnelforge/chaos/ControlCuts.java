package tunnelforge.chaos;

import java.util.SplittableRandom;

/** The control connection is cut every two seconds: no request fails, and the address stays. */
final class ControlCuts {
    private static final int SECONDS = 60;
    private static final int EVERY_MILLIS = 2000;

    private ControlCuts() {
    }

    static void run(Settings settings, Verdict verdict) throws Exception {
        SplittableRandom random = new SplittableRandom(settings.seed());
        try (Stage stage = Stage.complete()) {
            Load load = Load.start(stage, settings.rate(), settings.seed());
            int cuts = 0;
            Link last = null;
            for (long end = System.nanoTime() + settings.secondsOr(SECONDS) * 1_000_000_000L; System.nanoTime() - end < 0;) {
                Thread.sleep(EVERY_MILLIS);
                Link control = stage.control();
                if (control != last) {
                    (random.nextBoolean() ? Fault.CUT : Fault.RESET).strike(control, random);
                    cuts++;
                    last = control;
                }
            }
            stage.awaitRegistration(cuts);
            Chaos.print("the control connection was cut %d times; %d registrations", cuts, stage.registrations().size());
            load.finish(verdict);
            verdict.expect("0 failed", load.tally().failures().isEmpty(), load.tally().failures().size());
            verdict.expect("the address stays", stage.registrations().stream().allMatch(now -> now.url().equals(stage.url())), stage.registrations().getLast().url());
            verdict.expect("back before the next cut", cuts >= settings.secondsOr(SECONDS) * 1000 / EVERY_MILLIS * 0.9, cuts + " cuts");
        }
    }
}
