package tunnelforge.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * The program behind {@code make chaos}: {@code Chaos FAULTS SECONDS SEED RATE JUDGE}, each of which may be empty. FAULTS are trials, or kinds of faults for a mixed one. Ends with 1
 * when something came otherwise than expected, and with 2 when it was asked for what there is not.
 */
public final class Chaos {
    private static final int RATE = 500;

    private Chaos() {
    }

    public static void main(String[] args) throws Exception {
        Settings settings;
        try {
            settings = settings(args);
        } catch (IllegalArgumentException e) {
            System.err.println("chaos: " + e.getMessage());
            System.exit(2);
            return;
        }
        Verdict verdict = new Verdict(settings.safetyOnly());
        for (Trial trial : settings.trials()) {
            System.out.printf("%s, seed %d, %d requests/s%n", trial.word(), settings.seed(), settings.rate());
            try {
                trial.run(settings, verdict);
            } catch (Exception | AssertionError e) {
                verdict.safety(trial.word() + " goes to its end", false, e);
                e.printStackTrace(System.out);
            }
        }
        System.out.println(verdict);
        System.exit(verdict.failed() == 0 ? 0 : 1);
    }

    private static Settings settings(String[] args) {
        if (args.length != 5) {
            throw new IllegalArgumentException("there are FAULTS, SECONDS, SEED, RATE and JUDGE, not " + args.length + " arguments");
        }
        List<Trial> trials = new ArrayList<>();
        List<Fault> kinds = new ArrayList<>();
        for (String word : args[0].isBlank() ? new String[] {"mixed"} : args[0].strip().split("[ ,]+")) {
            Optional<Trial> trial = Stream.of(Trial.values()).filter(one -> one.word().equals(word)).findAny();
            Optional<Fault> kind = Stream.of(Fault.values()).filter(one -> one.word().equals(word)).findAny();
            if (trial.isEmpty() && kind.isEmpty()) {
                throw new IllegalArgumentException("FAULTS are trials, " + Stream.of(Trial.values()).map(Trial::word).toList() + ", or kinds, "
                        + Stream.of(Fault.values()).map(Fault::word).toList() + ", not " + word);
            }
            trial.ifPresent(trials::add);
            kind.ifPresent(kinds::add);
        }
        if (!kinds.isEmpty() && !trials.contains(Trial.MIXED)) {
            trials.add(Trial.MIXED);
        }
        if (!args[4].isEmpty() && !args[4].equals("safety")) {
            throw new IllegalArgumentException("JUDGE is 'safety' or empty");
        }
        return new Settings(trials, kinds.isEmpty() ? List.of(Fault.values()) : kinds, args[1].isEmpty() ? 0 : Integer.parseInt(args[1]),
                args[2].isEmpty() ? ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE) : Long.parseLong(args[2]), args[3].isEmpty() ? RATE : Integer.parseInt(args[3]),
                args[4].equals("safety"));
    }

    /** One line of the report. */
    static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, "  " + format + "%n", values);
    }
}
