package tunnelforge.cli;

import java.util.List;

/** What a mistyped word was probably meant to be. */
public final class Suggestion {
    private Suggestion() {
    }

    /** {@code "; did you mean --port?"}, or an empty string when nothing known is near. */
    public static String forMistyped(String given, List<String> known) {
        String near = nearest(given, known);
        return near == null ? "" : "; did you mean " + near + "?";
    }

    static String nearest(String given, List<String> known) {
        String word = withoutDashes(given);
        if (word.length() >= 2) {
            List<String> begun = known.stream().filter(candidate -> withoutDashes(candidate).startsWith(word)).toList();
            if (begun.size() == 1) {
                return begun.getFirst();
            }
        }
        String best = null;
        int bestDistance = Math.max(1, word.length() / 3) + 1;
        for (String candidate : known) {
            String other = withoutDashes(candidate);
            // Looked at first, so that a very long word costs nothing.
            if (Math.abs(other.length() - word.length()) < bestDistance) {
                int distance = distance(word, other);
                if (distance < bestDistance && distance < other.length()) {
                    best = candidate;
                    bestDistance = distance;
                }
            }
        }
        return best;
    }

    private static String withoutDashes(String word) {
        int from = 0;
        while (from < word.length() && word.charAt(from) == '-') {
            from++;
        }
        return word.substring(from);
    }

    /** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours each count one. */
    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                int least = Math.min(d[i - 1][j - 1] + (same ? 0 : 1), Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                boolean swapped = i > 1 && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                d[i][j] = swapped ? Math.min(least, d[i - 2][j - 2] + 1) : least;
            }
        }
        return d[a.length()][b.length()];
    }
}
