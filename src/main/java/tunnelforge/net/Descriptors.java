package tunnelforge.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** File descriptors: each connection is one, and the system lets a program have only so many. The JVM has asked for as many as it may have. */
public final class Descriptors {
    /** On Linux; other systems tell nobody but their own library. */
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String OPEN_FILES = "Max open files";
    /** For the JVM itself, and for files. */
    private static final int KEPT = 64;
    /** One in so many more, for ports and for what connections need beside themselves. */
    private static final int KEPT_SHARE = 8;

    private Descriptors() {
    }

    /** There is no descriptor left for what was to be opened: nothing of it has begun. */
    public static final class Exhausted extends IOException {
        private static final long serialVersionUID = 1;

        Exhausted(IOException cause) {
            super("no file descriptor is left: " + cause.getMessage(), cause);
        }
    }

    /** How many connections this program may have at once, so that enough is left for all else, at least 1; {@link Integer#MAX_VALUE} where nobody knows. */
    public static int forConnections() {
        try (BufferedReader reader = Files.newBufferedReader(LIMITS)) {
            return forConnections(reader.lines());
        } catch (IOException e) {
            return Integer.MAX_VALUE;
        }
    }

    /** By the lines of {@link #LIMITS}: a name, the soft limit and the hard one, in columns. */
    static int forConnections(Stream<String> limits) {
        String line = limits.filter(each -> each.startsWith(OPEN_FILES)).findFirst().orElse("");
        String soft = line.isEmpty() ? "" : line.substring(OPEN_FILES.length()).strip().split(" ", 2)[0];
        if (!soft.matches("[0-9]{1,18}")) {
            return Integer.MAX_VALUE;
        }
        long all = Long.parseLong(soft);
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, all - all / KEPT_SHARE - KEPT));
    }
}
