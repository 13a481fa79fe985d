package tunnelforge.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import tunnelforge.text.Printable;

/**
 * From {@code main} to a command and from its outcome to an exit code; the only place that ends the process.
 *
 * <p>{@code help}, {@code version} and their dashed forms are answered here for every command. Exit codes: what the
 * command returns or throws, 1 for an {@link IOException}, a bug or the death of an essential task, 2 for wrong usage. Signals are the commands'
 * own affair. The process ends as soon as a command returns, whatever other threads do and whether or not anybody reads what it says on stderr; a
 * shutdown hook must not wait for the main thread, which waits in {@link System#exit} for the hooks.
 */
public final class Launch {
    static final String PROGRAM = "tunnelforge";
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;
    /** How long a message on stderr waits for whoever reads there. */
    private static final Duration SAY_LIMIT = Duration.ofSeconds(1);
    /** How long the shutdown hooks may take once an essential task is dead: what they wait for may never come. */
    private static final Duration DEATH_LIMIT = Duration.ofSeconds(5);

    private Launch() {
    }

    /** Runs the command that the first word names, and ends the process. The help lists commands in this order. */
    public static void main(List<Command> commands, String[] args) {
        ByteArrayOutputStream complaints = new ByteArrayOutputStream();
        exit(run(commands, System.out, new PrintStream(complaints, true, System.err.charset()), args), complaints.toString(System.err.charset()));
    }

    /** Runs one command with all the words, and ends the process. */
    public static void main(Command command, String[] args) {
        ByteArrayOutputStream complaints = new ByteArrayOutputStream();
        exit(run(command, System.out, new PrintStream(complaints, true, System.err.charset()), args), complaints.toString(System.err.charset()));
    }

    /** As {@link #main(List, String[])}, but returns; for tests. */
    public static int run(List<Command> commands, PrintStream out, PrintStream err, String... args) {
        List<Command> all = new ArrayList<>(commands);
        all.add(new HelpCommand(all, out));
        all.add(new CompletionCommand(all, out));
        all.add(new VersionCommand(out));
        if (args.length == 0) {
            err.print(Help.of(all));
            return WRONG_USAGE;
        }
        String word = switch (args[0]) {
            case "-h", "--help" -> HelpCommand.NAME;
            case "--version" -> VersionCommand.NAME;
            default -> args[0];
        };
        try {
            Command command = find(all, word, List.of(args));
            List<String> help = word.equals(HelpCommand.NAME) ? List.of(HelpCommand.NAME) : List.of(HelpCommand.NAME, command.name());
            return run(command, Invocation.of(help), out, err, List.of(args).subList(1, args.length));
        } catch (UsageException e) {
            return wrongUsage(err, e, Invocation.of(List.of(HelpCommand.NAME)));
        }
    }

    /** As {@link #main(Command, String[])}, but returns; for tests. */
    public static int run(Command command, PrintStream out, PrintStream err, String... args) {
        return run(command, "--help", out, err, List.of(args));
    }

    /** The version of this program, from the jar's manifest or the module; {@code development} when neither says. */
    public static String version() {
        String version = Launch.class.getPackage().getImplementationVersion();
        if (version == null && Launch.class.getModule().isNamed()) {
            version = Launch.class.getModule().getDescriptor().rawVersion().orElse(null);
        }
        return version == null ? "development" : version;
    }

    static Command find(List<Command> all, String word, List<String> words) throws UsageException {
        for (Command command : all) {
            if (command.name().equals(word)) {
                return command;
            }
        }
        if (word.startsWith("-")) {
            String option = word.indexOf('=') < 0 ? word : word.substring(0, word.indexOf('='));
            throw new UsageException("a command must come before option " + Printable.line(option));
        }
        String meant = all.stream().map(command -> command.meant(words)).filter(Objects::nonNull).findFirst().orElse(null);
        throw new UsageException("unknown command " + Printable.quoted(word)
                + (meant == null ? Suggestion.forMistyped(word, all.stream().map(Command::name).toList()) : didYouMean(meant)));
    }

    private static String didYouMean(String words) {
        return "; did you mean: " + words;
    }

    private static int run(Command command, String helpWords, PrintStream out, PrintStream err, List<String> args) {
        List<String> options = args.contains("--") ? args.subList(0, args.indexOf("--")) : args;
        if (options.contains("--help") || options.contains("-h")) {
            out.print(Help.of(command));
            return 0;
        }
        if (options.contains("--version")) {
            return new VersionCommand(out).print();
        }
        try {
            return command.run(parse(command, args));
        } catch (UsageException e) {
            return wrongUsage(err, e, helpWords);
        } catch (ExitException e) {
            complain(err, e.getMessage());
            return e.code();
        } catch (IOException e) {
            complain(err, describe(e));
            return FAILED;
        } catch (RuntimeException | Error e) {
            complain(err, "internal error, a bug in this program");
            e.printStackTrace(err);
            return FAILED;
        }
    }

    private static CommandLine parse(Command command, List<String> args) throws UsageException {
        try {
            return CommandLine.parse(command, args);
        } catch (UsageException e) {
            String meant = command.meant(Stream.concat(Stream.of(command.name()), args.stream()).toList());
            throw meant == null ? e : new UsageException(e.getMessage() + didYouMean(meant));
        }
    }

    private static int wrongUsage(PrintStream err, UsageException e, String helpWords) {
        complain(err, e.getMessage());
        err.println("try: " + helpWords);
        return WRONG_USAGE;
    }

    /** A message may quote a peer: each line is made printable, and none but the first can look like one of ours. */
    private static void complain(PrintStream err, String message) {
        String[] lines = String.valueOf(message).split("\n");
        err.println(PROGRAM + ": " + Printable.line(lines[0]));
        for (int i = 1; i < lines.length; i++) {
            err.println("  " + Printable.line(lines[i]));
        }
    }

    /** What went wrong, for a person: the JDK's messages for these are a bare file or host name. */
    public static String describe(IOException e) {
        String message = e.getMessage();
        return switch (e) {
            case NoSuchFileException file -> "no such file or directory: " + file.getFile();
            case AccessDeniedException file -> "permission denied: " + file.getFile();
            case FileAlreadyExistsException file -> "file exists already: " + file.getFile();
            case FileSystemException file when file.getReason() == null -> "cannot use file " + file.getFile();
            case UnknownHostException host -> "unknown host: " + message;
            default -> message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
        };
    }

    private static void exit(int code, String complaint) {
        int end = code;
        try {
            // What could not be printed was not done.
            end = System.out.checkError() && code == 0 ? FAILED : code;
            say(complaint);
        } finally {
            System.exit(end);
        }
    }

    /**
     * Prints a text with its line ends on stderr, for the person who started the program; what came from a peer in it is printable. A reader
     * that has stopped costs a second, and then the text.
     */
    public static void say(String text) {
        say(System.err, text);
    }

    /** The same on another stream. */
    public static void say(PrintStream to, String text) {
        if (text.isEmpty()) {
            return;
        }
        Thread printing = Thread.ofPlatform().daemon().name("printing").start(() -> {
            to.print(text);
            to.flush();
        });
        try {
            printing.join(SAY_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Ends the process with 1 because a task is dead without which the program only seems to run; whoever supervises it starts it again. The
     * shutdown hooks get five seconds.
     */
    public static void died(Throwable death) {
        died(death, DEATH_LIMIT);
    }

    static void died(Throwable death, Duration limit) {
        // Where a step fails for want of memory, the process ends at once.
        try {
            Thread.ofPlatform().daemon().name("last resort").start(() -> haltAfter(limit));
            exit(FAILED, PROGRAM + ": an essential task has died, the program ends: " + Printable.line(String.valueOf(death)) + System.lineSeparator());
        } finally {
            Runtime.getRuntime().halt(FAILED);
        }
    }

    private static void haltAfter(Duration limit) {
        try {
            Thread.sleep(limit);
        } catch (InterruptedException e) {
            // Nobody does that; if so, the end comes sooner.
        } finally {
            Runtime.getRuntime().halt(FAILED);
        }
    }
}
