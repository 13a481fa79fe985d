package tunnelforge.agent.doctor;

import java.io.PrintStream;
import tunnelforge.net.Clock;
import tunnelforge.text.Printable;

/** What is printed: a line for each step, as soon as it is over, and notes. */
final class Report {
    private static final String INDENT = "      ";
    private static final int MAX_SHOWN = 1_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** One thing to try. */
    interface Step {
        /** Returns what was seen. */
        String run() throws StepFailed, InterruptedException;
    }

    private final PrintStream out;
    private final Clock clock;

    Report(PrintStream out, Clock clock) {
        this.out = out;
        this.clock = clock;
    }

    void step(String name, Step step) throws StepFailed, InterruptedException {
        long began = clock.nanos();
        try {
            String seen = step.run();
            line("ok    " + name, seen, began);
        } catch (StepFailed failed) {
            line("FAIL  " + name, failed.getMessage(), began);
            out.println(INDENT + "next: " + failed.next());
            throw failed;
        }
    }

    /** What was seen may come from a peer. */
    private void line(String result, String seen, long began) {
        out.printf("%-15s%s (%d ms)%n", result, shown(seen), (clock.nanos() - began) / NANOS_PER_MILLI);
    }

    void note(String text) {
        out.println("note  " + shown(text));
    }

    private static String shown(String text) {
        return Printable.line(Printable.cut(text, MAX_SHOWN));
    }
}
