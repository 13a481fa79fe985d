package tunnelforge;

/**
 * The entry: runs the program, or has a newer Java run it where this one is too old. Compiled for Java 8, as {@link OlderJava} is, so that every Java can
 * load it; hence it finds the rest of the program by name.
 */
public final class Main {
    /** What the rest is compiled for. */
    private static final int OLDEST = 21;

    private Main() {
    }

    /**
     * Runs a command and ends the process.
     *
     * @param args the command and what belongs to it
     */
    public static void main(String[] args) throws Exception {
        int version = version(System.getProperty("java.specification.version"));
        if (version < OLDEST) {
            System.exit(OlderJava.run(version, args));
        }
        Class.forName("tunnelforge.Program").getMethod("main", String[].class).invoke(null, (Object) args);
    }

    /** Up to Java 8 it is called 1.8. */
    static int version(String specification) {
        return Integer.parseInt(specification.startsWith("1.") ? specification.substring(2) : specification);
    }
}
