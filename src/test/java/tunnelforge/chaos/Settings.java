package tunnelforge.chaos;

import java.util.List;

/**
 * What {@code make chaos} is asked for.
 *
 * @param trials names of trials
 * @param kinds of faults for the mixed trial
 * @param seconds how long each lasts; 0 for its own default
 * @param seed of everything that is random
 * @param rate requests a second
 * @param safetyOnly whether nothing is judged but that no request ran twice and none got a wrong answer
 */
record Settings(List<Trial> trials, List<Fault> kinds, int seconds, long seed, int rate, boolean safetyOnly) {
    Settings {
        trials = List.copyOf(trials);
        kinds = List.copyOf(kinds);
        if (seconds < 0 || rate < 1) {
            throw new IllegalArgumentException("SECONDS and RATE are positive numbers");
        }
    }

    /** The asked length, or the trial's own. */
    int secondsOr(int usual) {
        return seconds == 0 ? usual : seconds;
    }
}
