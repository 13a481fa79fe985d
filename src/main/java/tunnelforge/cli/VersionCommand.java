package tunnelforge.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** {@code version}: one line on stdout, of which the second word is the version. */
public final class VersionCommand implements Command {
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
        return "print the version of the program and of its Java";
    }

    @Override
    public int run(CommandLine line) {
        return print();
    }

    int print() {
        out.println(line(commit()));
        return 0;
    }

    static String line(String commit) {
        return Launch.PROGRAM + " " + Launch.version() + " (" + (commit.isEmpty() ? "" : "commit " + commit + ", ") + "Java "
                + System.getProperty("java.version") + " of " + System.getProperty("java.vendor") + ")";
    }

    /** What the jar was built from; empty when nobody knows. A manifest would get lost in an image of modules. */
    public static String commit() {
        try (InputStream file = VersionCommand.class.getResourceAsStream("/tunnelforge/commit")) {
            return file == null ? "" : new String(file.readAllBytes(), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
