package tunnelforge.server.accesslog;

import java.nio.file.Path;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.Option;
import tunnelforge.cli.UsageException;

/**
 * What is to be written of each request, and where.
 *
 * @param file null for standard output
 */
public record AccessLogOptions(Path file, Format format) {
    /** How a line looks. */
    public enum Format {
        /** As Apache and nginx write it. */
        COMBINED,
        /** A JSON object. */
        JSON
    }

    private static final String STANDARD_OUTPUT = "-";

    /** Where. */
    public static final Option FILE = Option.one("--access-log", "FILE|-", "a line for each request of a visitor; - for standard output, and the log goes to standard error");
    /** How. */
    public static final Option FORMAT = Option.one("--access-log-format", "combined|json", "of these lines; combined unless given, json has more, and sessions too");

    /** Null when nothing is to be written. */
    public static AccessLogOptions of(CommandLine line) throws UsageException {
        if (!line.has(FILE.name())) {
            if (line.has(FORMAT.name())) {
                throw new UsageException(FORMAT.name() + " says how the lines of " + FILE.name() + " look, which is not given");
            }
            return null;
        }
        String file = line.value(FILE.name());
        return new AccessLogOptions(file.equals(STANDARD_OUTPUT) ? null : Path.of(file), line.choice(FORMAT.name(), Format.COMBINED));
    }

    /** Whether standard output is taken by it. */
    public boolean toStandardOutput() {
        return file == null;
    }

    /** Where it goes, for a person. */
    String where() {
        return toStandardOutput() ? "standard output" : file.toString();
    }
}
