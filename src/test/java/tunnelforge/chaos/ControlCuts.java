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
            long cutAt = 0;
            long worst = 0;
            Link last = null;
            for (long end = System.nanoTime() + settings.secondsOr(SECONDS) * 1_000_000_000L; System.nanoTime() - end < 0;) {
                Thread.sleep(EVERY_MILLIS);
                Link control = stage.control();
                if (control != last) {
                    worst = Math.max(worst, absence(stage, cuts, cutAt));
                    cutAt = System.nanoTime();
                    (random.nextBoolean() ? Fault.CUT : Fault.RESET).strike(control, random);
                    cuts++;
                    last = control;
                }
            }
            stage.awaitRegistration(cuts);
            worst = Math.max(worst, absence(stage, cuts, cutAt));
            Chaos.print("the control connection was cut %d times, whenever it was there after two seconds more; the longest absence took %,d ms", cuts, worst / 1_000_000);
            load.finish(verdict);
            verdict.expect("0 failed", load.tally().failures().isEmpty(), load.tally().failures().size());
            verdict.expect("the address stays", stage.registrations().stream().allMatch(now -> now.url().equals(stage.url())), stage.registrations().getLast().url());
        }
    }

    /** From a cut to the registration of that number, in nanoseconds; 0 before the first. */
    private static long absence(Stage stage, int registration, long cutAt) {
        return registration == 0 || stage.registrations().size() <= registration ? 0 : stage.registrations().get(registration).at() - cutAt;
    }
}
