package tunnelforge.chaos;

/** What was expected of a trial, and whether it came so. */
final class Verdict {
    private final boolean safetyOnly;
    private int passed;
    private int failed;

    /** @param safetyOnly whether {@link #expect} is told only */
    Verdict(boolean safetyOnly) {
        this.safetyOnly = safetyOnly;
    }

    /** What holds whatever happens. */
    void safety(String what, boolean holds, Object was) {
        Chaos.print("%s %s (was %s)", holds ? "ok    " : "FAILED", what, was);
        if (holds) {
            passed++;
        } else {
            failed++;
        }
    }

    /** What the trial is for. */
    void expect(String what, boolean holds, Object was) {
        if (safetyOnly) {
            Chaos.print("%s %s (was %s; not judged)", holds ? "ok    " : "not so", what, was);
        } else {
            safety(what, holds, was);
        }
    }

    int failed() {
        return failed;
    }

    @Override
    public String toString() {
        return passed + " passed, " + failed + " failed, 0 skipped";
    }
}
