package tunnelforge.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import tunnelforge.log.Log;

/** The options that server and agent share. */
public final class CommonOptions {
    /** Where state is kept. */
    public static final Option STATE_DIR = Option.one("--state-dir", "DIR",
            "where keys, token and CA are kept; $TUNNELFORGE_HOME, else ~/.tunnelforge, unless given");
    /** Options from a file. */
    public static final Option CONFIG = Option.one("--config", "FILE", "options from here: JSON with comments, each option under its name without the dashes; what is typed wins");
    /** How events are written. */
    public static final Option LOG_FORMAT = Option.one("--log-format", "text|json|terminal",
            "how events are written; text unless given, or where an agent runs at a terminal");
    /** Which events are written. */
    public static final Option LOG_LEVEL = Option.one("--log-level", "debug|info|warn|error",
            "the least level of events to write; info unless given");
    /** All of these, in the order in which the help lists them. */
    public static final List<Option> ALL = List.of(STATE_DIR, LOG_FORMAT, LOG_LEVEL);

    private CommonOptions() {
    }

    /** The state directory that was asked for, or the user's own. */
    public static Path stateDirectory(CommandLine line) throws UsageException {
        String asked = line.value("--state-dir");
        if (asked != null) {
            return Path.of(asked);
        }
        String own = System.getenv("TUNNELFORGE_HOME");
        if (own != null && !own.isEmpty()) {
            return Path.of(own);
        }
        Path usual = usualStateDirectory();
        if (usual == null) {
            throw new UsageException("no state directory: this user has no home; name one with " + STATE_DIR.name());
        }
        return usual;
    }

    /** Null where there is none. */
    private static Path usualStateDirectory() {
        // What a shell means by "~"; the JDK asks the user database instead, where a container's user may be unknown.
        String home = System.getenv("HOME");
        String known = home != null && !home.isEmpty() ? home : System.getProperty("user.home");
        // What the JDK says of a user that the system does not know.
        return known.equals("?") ? null : Path.of(known, ".tunnelforge");
    }

    /** What a command must be given so that it uses this state directory; empty when nothing. */
    public static List<String> stateOption(Path stateDirectory) {
        Path usual = usualStateDirectory();
        return usual != null && stateDirectory.toAbsolutePath().equals(usual.toAbsolutePath()) ? List.of() : List.of(STATE_DIR.name(), stateDirectory.toString());
    }

    /** Throws UsageException when a format or level of the log is none. */
    public static void check(CommandLine line) throws UsageException {
        line.choice(LOG_FORMAT.name(), Log.Format.TEXT);
        line.choice(LOG_LEVEL.name(), Log.Level.INFO);
    }

    /**
     * The log that was asked for, on standard output. A shutdown hook sees to its last lines.
     *
     * @throws UsageException when a format or level is not one
     */
    public static Log log(CommandLine line) throws UsageException {
        return log(line, Log.Format.TEXT);
    }

    /** The same, with a format of its own where none was asked for. */
    public static Log log(CommandLine line, Log.Format otherwise) throws UsageException {
        return log(line, otherwise, FileDescriptor.out);
    }

    /** The same on standard error, for a program whose standard output is taken. */
    public static Log logToStandardError(CommandLine line) throws UsageException {
        return log(line, Log.Format.TEXT, FileDescriptor.err);
    }

    private static Log log(CommandLine line, Log.Format otherwise, FileDescriptor to) throws UsageException {
        Log.Format format = line.choice(LOG_FORMAT.name(), otherwise);
        Log.Level level = line.choice(LOG_LEVEL.name(), Log.Level.INFO);
        Log log = Log.to(new PrintStream(new FileOutputStream(to), false, StandardCharsets.UTF_8), format, level);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("last lines").unstarted(log::end));
        return log;
    }
}
