package tunnelforge.cli;

import java.io.Console;

/** Whether a person reads what the program prints. */
public final class Terminal {
    private Terminal() {
    }

    /** Whether standard input and output are a terminal. */
    public static boolean isInteractive() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            // From Java 22 on there may be a console without a terminal.
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }
}
