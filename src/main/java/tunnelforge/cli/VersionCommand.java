package tunnelforge.cli;

import java.io.PrintStream;

/** {@code version}: one line on stdout. */
final class VersionCommand implements Command {
    static final String NAME = "version";
    private final PrintStream out;

    VersionCommand(PrintStream out) {
        this.out = out;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String summary() {
        return "print the version";
    }

    @Override
    public int run(CommandLine line) {
        return print();
    }

    int print() {
        out.println(Launch.PROGRAM + " " + Launch.version());
        return 0;
    }
}
