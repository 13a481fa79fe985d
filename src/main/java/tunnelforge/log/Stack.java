package tunnelforge.log;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import tunnelforge.text.Printable;

/**
 * The stack of a bug as lines, its causes and what was suppressed included. It is whole up to a limit that a stack of ours does not reach, but an
 * endless recursion does; a long message cannot push the frames out. What the lines hold is not escaped yet.
 */
final class Stack {
    static final int MAX_CHARS = 16 * 1024;

    private final List<String> lines = new ArrayList<>();
    private final Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private int chars;
    private boolean full;

    private Stack() {
    }

    static List<String> lines(Throwable bug) {
        Stack stack = new Stack();
        stack.add(bug, "", "", new StackTraceElement[0]);
        if (stack.full) {
            stack.lines.add("... (cut: longer than " + MAX_CHARS + " characters)");
        }
        return stack.lines;
    }

    private void add(Throwable thrown, String relation, String indent, StackTraceElement[] enclosing) {
        // Ends a circle of causes, and a chain of them that is longer than the limit.
        if (full || !seen.add(thrown)) {
            return;
        }
        add(indent + relation + Printable.cut(thrown.toString(), Lines.MAX_VALUE_CHARS));
        StackTraceElement[] frames = thrown.getStackTrace();
        int shared = shared(frames, enclosing);
        for (int i = 0; i < frames.length - shared; i++) {
            add(indent + "  at " + frames[i]);
        }
        if (shared > 0) {
            add(indent + "  ... " + shared + " more, as above");
        }
        for (Throwable suppressed : thrown.getSuppressed()) {
            add(suppressed, "suppressed: ", indent + "  ", frames);
        }
        if (thrown.getCause() != null) {
            add(thrown.getCause(), "caused by ", indent, frames);
        }
    }

    private void add(String line) {
        full |= chars + line.length() > MAX_CHARS;
        if (!full) {
            chars += line.length();
            lines.add(line);
        }
    }

    /** How many frames from the bottom both have: they are shown once. */
    private static int shared(StackTraceElement[] frames, StackTraceElement[] enclosing) {
        int shared = 0;
        while (shared < frames.length && shared < enclosing.length
                && frames[frames.length - 1 - shared].equals(enclosing[enclosing.length - 1 - shared])) {
            shared++;
        }
        return shared;
    }
}
