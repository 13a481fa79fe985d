package tunnelforge.cli;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One option that a command takes.
 *
 * @param name with its dashes, {@code --port}
 * @param argument what follows it, as the help shows it ({@code PORT}), or null for a flag
 * @param repeatable whether it may be given more than once; then {@link CommandLine#values} has them all
 * @param help one sentence for a person, wrapped by {@link Help}
 */
public record Option(String name, String argument, boolean repeatable, String help) {
    /** Checks the name. */
    public Option {
        if (!name.matches("--[a-z0-9]+(-[a-z0-9]+)*")) {
            throw new IllegalArgumentException("option name " + name);
        }
        if (argument != null && argument.isBlank()) {
            throw new IllegalArgumentException("option " + name + ": argument is blank");
        }
        Objects.requireNonNull(help);
    }

    /** An option without an argument. */
    public static Option flag(String name, String help) {
        return new Option(name, null, false, help);
    }

    /** An option with an argument, given at most once. */
    public static Option one(String name, String argument, String help) {
        return new Option(name, Objects.requireNonNull(argument), false, help);
    }

    /** An option with an argument, given any number of times. */
    public static Option many(String name, String argument, String help) {
        return new Option(name, Objects.requireNonNull(argument), true, help);
    }

    /** The values that the argument spells out: {@code rewrite} and {@code preserve} of {@code VALUE|rewrite|preserve}; none for {@code PORT}. */
    List<String> choices() {
        return argument == null || argument.indexOf('|') < 0 ? List.of()
                : Stream.of(argument.split("\\|")).filter(word -> word.matches("[a-z0-9-]+")).toList();
    }

    /** Whether a value names a file or a directory: of {@code FILE|-} all do but the dash. */
    boolean isPath(String value) {
        return argument != null && Stream.of(argument.split("\\|")).anyMatch(word -> word.equals("FILE") || word.equals("DIR")) && !choices().contains(value);
    }

    /** Also where it may be a word instead, as of {@code FILE|-}. */
    boolean takesFile() {
        return argument != null && (argument.equals("FILE") || argument.startsWith("FILE|"));
    }

    boolean takesDirectory() {
        return "DIR".equals(argument);
    }
}
