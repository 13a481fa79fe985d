package tunnelforge.trials;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The jar, run as a user runs it, and what it prints. Ended with SIGTERM by {@link #close}. */
public final class Program implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int LINES_IN_MESSAGES = 20;
    private static final Pattern TASK = Pattern.compile("\"tid\":");
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");

    private static final Pattern METASPACE = Pattern.compile("sun\\.gc\\.metaspace\\.used=(\\d+)");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private final String name;
    private final Process process;
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> seen = new ArrayList<>();
    private volatile Consumer<String> listener = line -> { };

    private Program(String name, Process process) {
        this.name = name;
        this.process = process;
        // Not a virtual one: reading a pipe holds the carrier, of which there may be two.
        Thread.ofPlatform().daemon().name(name + " output").start(this::read);
    }

    /**
     * Starts {@code java -jar build/tunnelforge.jar …}.
     *
     * @param javaOptions for the JVM
     * @param environment beside that of the tests
     * @param arguments for the program
     */
    public static Program start(List<String> javaOptions, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(tool("java"));
        command.addAll(javaOptions);
        command.add("-jar");
        command.add(System.getProperty("tunnelforge.jar", "build/tunnelforge.jar"));
        command.addAll(List.of(arguments));
        return start(arguments[0], environment, command);
    }

    /** Starts the main method of a class of the tests. */
    public static Program start(Class<?> main, String... javaOptions) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(tool("java"));
        command.addAll(List.of(javaOptions));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        return start(main.getSimpleName(), Map.of(), command);
    }

    private static Program start(String name, Map<String, String> environment, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        for (String inherited : List.of("TUNNELFORGE_HOME", "TUNNELFORGE_SERVER", "TUNNELFORGE_TOKEN", "JAVA_TOOL_OPTIONS")) {
            builder.environment().remove(inherited);
        }
        builder.environment().putAll(environment);
        return new Program(name, builder.start());
    }

    private static String tool(String tool) {
        return Path.of(System.getProperty("java.home"), "bin", tool).toString();
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                listener.accept(line);
                lines.add(line);
            }
        } catch (IOException e) {
            // It was ended.
        }
    }

    /** Has each line told from now on, on the task that reads them. */
    public void listen(Consumer<String> to) {
        listener = to;
    }

    /** Waits for the next line in which {@code pattern} is found. */
    public Matcher await(String pattern) throws InterruptedException {
        Pattern compiled = Pattern.compile(pattern);
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            String line = lines.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (line == null) {
                throw new AssertionError("the " + name + " did not print " + pattern + " but " + lastLines());
            }
            seen.add(line);
            Matcher matcher = compiled.matcher(line);
            if (matcher.find()) {
                return matcher;
            }
        }
    }

    /** How many lines printed so far hold {@code text}. */
    public long count(String text) {
        lines.drainTo(seen);
        return seen.stream().filter(line -> line.contains(text)).count();
    }

    /** The last lines printed, and how it ended if it has: for messages. */
    public String lastLines() {
        lines.drainTo(seen);
        return String.join("\n", seen.subList(Math.max(0, seen.size() - LINES_IN_MESSAGES), seen.size()))
                + (process.isAlive() ? "" : "\nand ended with " + process.exitValue());
    }

    /** Bytes of the heap that are in use once all garbage has been collected. */
    public long liveBytes() throws IOException, InterruptedException {
        String text = jcmd("GC.class_histogram");
        Matcher total = TOTAL.matcher(text);
        if (!total.find()) {
            throw new IOException("jcmd said: " + text.substring(0, Math.min(text.length(), 500)));
        }
        return Long.parseLong(total.group(1));
    }

    /** Bytes of what it has loaded: classes, and what is known of them. */
    public long metaspaceBytes() throws IOException, InterruptedException {
        String text = jcmd("PerfCounter.print");
        Matcher used = METASPACE.matcher(text);
        if (!used.find()) {
            throw new IOException("jcmd said: " + text.substring(0, Math.min(text.length(), 500)));
        }
        return Long.parseLong(used.group(1));
    }

    /** Bytes of memory that it has from the system. */
    public long residentBytes() throws IOException {
        Matcher resident = RESIDENT.matcher(Files.readString(Path.of("/proc", String.valueOf(process.pid()), "status")));
        if (!resident.find()) {
            throw new IOException("the system does not say what is resident");
        }
        return 1024 * Long.parseLong(resident.group(1));
    }

    private String jcmd(String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(tool("jcmd"), String.valueOf(process.pid())));
        all.addAll(List.of(command));
        Process jcmd = new ProcessBuilder(all).redirectErrorStream(true).start();
        String text = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (jcmd.waitFor() != 0) {
            throw new IOException("jcmd cannot look at the " + name + ", which printed " + lastLines() + "\njcmd said: "
                    + text.substring(0, Math.min(text.length(), 500)));
        }
        return text;
    }

    /** Tasks: all threads, virtual ones too. */
    public int tasks() throws IOException, InterruptedException {
        Path file = Files.createTempFile("tunnelforge-threads-", ".json");
        try {
            jcmd("Thread.dump_to_file", "-overwrite", "-format=json", file.toString());
            return (int) TASK.matcher(Files.readString(file)).results().count();
        } finally {
            Files.delete(file);
        }
    }

    /** Open descriptors: sockets, files and what the JVM itself has. */
    public int descriptors() throws IOException {
        try (Stream<Path> entries = Files.list(descriptorsOf(String.valueOf(process.pid())))) {
            return (int) entries.count();
        }
    }

    /** Whether this system shows the {@link #descriptors} of a program. */
    public static boolean canCountDescriptors() {
        return Files.isDirectory(descriptorsOf("self"));
    }

    /** From now on the system lets it have no more than so many. */
    void limitDescriptors(int most) throws IOException, InterruptedException {
        Process prlimit = new ProcessBuilder("prlimit", "--pid", String.valueOf(process.pid()), "--nofile=" + most + ":").inheritIO().start();
        if (prlimit.waitFor() != 0) {
            throw new IOException("prlimit ended with " + prlimit.exitValue());
        }
    }

    /** What it has used of the processors' time. */
    Duration processorTime() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    private static Path descriptorsOf(String pid) {
        return Path.of("/proc", pid, "fd");
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it with SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Waits until it has ended by itself; returns its exit code. */
    public int awaitEnd(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("the " + name + " did not end within " + limit + ": " + lastLines());
        }
        return process.exitValue();
    }

    /** Sends it a signal, such as {@code STOP}. */
    public void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).inheritIO().start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill -" + name + " ended with " + kill.exitValue());
        }
    }

    /** Whether there is a {@code jcmd} for {@link #liveBytes} and {@link #tasks}: not in every runtime. */
    public static boolean canMeasure() {
        return new File(tool("jcmd")).canExecute();
    }

    @Override
    public void close() {
        process.destroy();
        boolean ended = false;
        try {
            ended = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            process.destroyForcibly();
            throw new AssertionError("the " + name + " did not end within " + LIMIT + " of SIGTERM: " + lastLines());
        }
    }
}
