package tunnelforge.cli;

import java.io.File;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How this program is run, so that what it suggests can be pasted into a shell: {@code java -jar build/tunnelforge.jar}, or the script that
 * started it, which says so by a system property.
 */
public final class Invocation {
    /** What the scripts that start the program set: the path by which they were called. */
    static final String PROPERTY = "tunnelforge.command";

    private static final String PLAIN_WORD = "[A-Za-z0-9_./:=@%+,-]+";

    private Invocation() {
    }

    /** The command line that runs {@code words} on this machine, in this directory. */
    public static String of(List<String> words) {
        return here(System.getProperty(PROPERTY), System.getProperty("java.class.path")) + quoted(words);
    }

    /** The command line that runs {@code words} on a machine to which the program was copied, beside it. */
    public static String elsewhere(List<String> words) {
        return elsewhere(System.getProperty(PROPERTY), System.getProperty("java.class.path")) + quoted(words);
    }

    private static String quoted(List<String> words) {
        return words.stream().map(word -> " " + word(word)).collect(Collectors.joining());
    }

    static String here(String command, String classPath) {
        if (isGiven(command)) {
            return word(command.indexOf('/') < 0 ? "./" + command : command);
        }
        return isOneJar(classPath) ? "java -jar " + word(classPath) : Launch.PROGRAM;
    }

    static String elsewhere(String command, String classPath) {
        if (isGiven(command)) {
            return word("./" + new File(command).getName());
        }
        return isOneJar(classPath) ? "java -jar " + word(new File(classPath).getName()) : Launch.PROGRAM;
    }

    private static boolean isGiven(String command) {
        return command != null && !command.isBlank();
    }

    private static boolean isOneJar(String classPath) {
        return classPath != null && classPath.endsWith(".jar") && classPath.indexOf(File.pathSeparatorChar) < 0;
    }

    /** One word for a shell, in quotes where it needs them. */
    public static String word(String text) {
        return text.matches(PLAIN_WORD) ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
