package tunnelforge;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Has the program run by a newer Java, in place of this one: with its standard streams, its exit code, and the signals that end it. Which Java that is, or what to
 * install, is said by {@code scripts/find-jdk}, which is in the jar.
 */
final class OlderJava {
    /** In the environment of what it has started. */
    static final String STARTED_BY_IT = "TUNNELFORGE_STARTED_BY_OLDER_JAVA";

    private static final String FINDER = "/tunnelforge/find-jdk";
    private static final int FAILED = 1;

    private OlderJava() {
    }

    /** Returns the exit code. */
    static int run(int version, String[] args) throws IOException, InterruptedException {
        String home = find();
        if (home == null) {
            System.err.println("tunnelforge: this Java is " + version + ", and the program needs 21 or newer");
            return FAILED;
        }
        System.err.println("tunnelforge: this Java is " + version + "; going on with the one in " + home);
        ProcessBuilder builder = new ProcessBuilder(command(home, args)).inheritIO();
        builder.environment().put(STARTED_BY_IT, "yes");
        Process newer = builder.start();
        // A signal that ends this process is for the other one, which ends first.
        Thread passing = new Thread(() -> pass(newer));
        Runtime.getRuntime().addShutdownHook(passing);
        return newer.waitFor();
    }

    /** What the newer one runs: the same as this one, with the options that this one was given. */
    private static List<String> command(String home, String[] args) {
        List<String> command = new ArrayList<>();
        command.add(home + File.separator + "bin" + File.separator + "java");
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(Arrays.asList("-cp", System.getProperty("java.class.path"), "tunnelforge.Main"));
        command.addAll(Arrays.asList(args));
        return command;
    }

    private static void pass(Process newer) {
        newer.destroy();
        try {
            newer.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The home of a newer Java; null where there is none, which has been told. */
    private static String find() throws IOException, InterruptedException {
        Process finder;
        try {
            finder = new ProcessBuilder("sh", "-s", "runtime").redirectError(ProcessBuilder.Redirect.INHERIT).start();
        } catch (IOException e) {
            // A system without sh.
            return null;
        }
        try (InputStream script = OlderJava.class.getResourceAsStream(FINDER); OutputStream to = finder.getOutputStream()) {
            byte[] piece = new byte[8 * 1024];
            for (int count; (count = script.read(piece)) >= 0;) {
                to.write(piece, 0, count);
            }
        }
        String home;
        try (BufferedReader from = new BufferedReader(new InputStreamReader(finder.getInputStream()))) {
            home = from.readLine();
        }
        return finder.waitFor() == 0 ? home : null;
    }
}
