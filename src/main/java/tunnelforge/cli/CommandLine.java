package tunnelforge.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tunnelforge.text.Printable;

/**
 * The words after a command's name, parted into options and operands; or what {@link OptionsFile a file} has in their place. Immutable.
 *
 * <p>{@code --name value} and {@code --name=value} are the same; options and operands may be mixed; {@code --} ends
 * the options. A value that begins with two dashes must be written with {@code =}, so that a forgotten value never
 * swallows the next option. Values are never empty: an unset shell variable is an error here, not a surprise later.
 *
 * <p>Asking for an option that was not declared, or for a list as if it were one value, is a bug of the caller and
 * throws {@link IllegalArgumentException}. Messages about wrong values quote only numbers, times, choices and
 * addresses, so that no secret is shown. They name the option by its whole name: by that its {@link Places place} in a file is found.
 */
public final class CommandLine {
    private static final Duration MAX_DURATION = Duration.ofDays(365);

    /** Makes something of options; {@code X}: why it may fail beside wrong ones. */
    public interface Reading<T, X extends Exception> {
        /** Reads what it needs. */
        T of(CommandLine line) throws UsageException, X;
    }

    private final Map<String, Option> declared;
    /** By an option's name; an empty list where a file says that it is not given. */
    private final Map<String, List<String>> given;
    private final List<String> operands;
    private final Places places;

    private CommandLine(Map<String, Option> declared, Map<String, List<String>> given, List<String> operands) {
        this(declared, given, operands, Places.NONE);
    }

    CommandLine(Map<String, Option> declared, Map<String, List<String>> given, List<String> operands, Places places) {
        this.declared = declared;
        this.given = given;
        this.operands = List.copyOf(operands);
        this.places = places;
    }

    /**
     * Parts the words.
     *
     * @param maxOperands how many words may be no options
     * @throws UsageException for an unknown option, one too often, a missing or unwanted value, one operand too many
     */
    public static CommandLine parse(List<Option> options, int maxOperands, List<String> args) throws UsageException {
        return parse(options, first -> maxOperands, args);
    }

    /** The same for what a command takes. */
    public static CommandLine parse(Command command, List<String> args) throws UsageException {
        return parse(command.options(), command::maxOperands, args);
    }

    private static CommandLine parse(List<Option> options, ToIntFunction<String> maxOperands, List<String> args) throws UsageException {
        Map<String, Option> declared = declared(options);
        Map<String, List<String>> given = new HashMap<>();
        List<String> operands = new ArrayList<>();
        boolean optionsEnded = false;
        for (int i = 0; i < args.size(); i++) {
            String word = args.get(i);
            if (optionsEnded || !word.startsWith("-") || word.equals("-")) {
                if (operands.size() == maxOperands.applyAsInt(operands.isEmpty() ? word : operands.getFirst())) {
                    throw new UsageException("unexpected argument " + Printable.quoted(word));
                }
                operands.add(word);
            } else if (word.equals("--")) {
                optionsEnded = true;
            } else {
                int equals = word.indexOf('=');
                String name = equals < 0 ? word : word.substring(0, equals);
                Option option = find(declared, options, name);
                String value = equals < 0 ? null : word.substring(equals + 1);
                if (option.argument() == null) {
                    if (value != null) {
                        throw new UsageException("option " + name + " takes no value");
                    }
                    value = "";
                } else if (value == null) {
                    value = following(option, args, ++i);
                } else if (value.isEmpty()) {
                    throw missing(option);
                }
                List<String> values = given.computeIfAbsent(name, absent -> new ArrayList<>());
                if (!values.isEmpty() && !option.repeatable()) {
                    throw new UsageException("option " + name + " is given twice");
                }
                values.add(value);
            }
        }
        return new CommandLine(declared, given, operands);
    }

    static Map<String, Option> declared(List<Option> options) {
        Map<String, Option> declared = new HashMap<>();
        for (Option option : options) {
            if (declared.put(option.name(), option) != null) {
                throw new IllegalArgumentException("option " + option.name() + " is declared twice");
            }
        }
        return declared;
    }

    /** What is given here, and from {@code others} what is not; operands too. A list is the one or the other, never both. */
    public CommandLine over(CommandLine others) {
        Map<String, Option> allDeclared = new HashMap<>(others.declared);
        allDeclared.putAll(declared);
        Map<String, List<String>> allGiven = new HashMap<>(others.given);
        allGiven.putAll(given);
        return new CommandLine(allDeclared, allGiven, operands.isEmpty() ? others.operands : operands, places.over(others.places, given::containsKey));
    }

    /** The same options with other operands. */
    public CommandLine withOperands(List<String> others) {
        return new CommandLine(declared, given, others, places);
    }

    /** The same without these options. */
    public CommandLine without(List<String> names) {
        Map<String, List<String>> left = new HashMap<>(given);
        left.keySet().removeAll(names);
        return new CommandLine(declared, left, operands, Places.NONE.over(places, names::contains));
    }

    /** Whether an option is given, be it declared or not. */
    public boolean isGiven(String name) {
        return has(given, name);
    }

    /** Whether the same is given here for each of these options. */
    public boolean agreesWith(CommandLine other, List<Option> options) {
        return options.stream().map(Option::name).allMatch(name -> given.getOrDefault(name, List.of()).equals(other.given.getOrDefault(name, List.of())));
    }

    /** Whether a file has this option, and not the command line itself. */
    public boolean isFromFile(String name) {
        return places.options().containsKey(name);
    }

    /**
     * Has it read by whoever knows what the options mean.
     *
     * @throws UsageException when something is wrong; where a file says it, with the place there
     */
    public <T, X extends Exception> T read(Reading<T, X> reading) throws UsageException, X {
        try {
            return reading.of(this);
        } catch (UsageException e) {
            throw places.located(e, name -> has(given, name));
        }
    }

    private static boolean has(Map<String, List<String>> given, String name) {
        return !given.getOrDefault(name, List.of()).isEmpty();
    }

    private static Option find(Map<String, Option> declared, List<Option> options, String name) throws UsageException {
        Option option = declared.get(name);
        if (option == null) {
            throw new UsageException("unknown option " + Printable.line(name)
                    + Suggestion.forMistyped(name, options.stream().map(Option::name).toList()));
        }
        return option;
    }

    private static String following(Option option, List<String> args, int at) throws UsageException {
        if (at == args.size() || args.get(at).isEmpty()) {
            throw missing(option);
        }
        if (args.get(at).startsWith("--")) {
            throw new UsageException("option %s needs %s before the next option".formatted(option.name(), option.argument()));
        }
        return args.get(at);
    }

    private static UsageException missing(Option option) {
        return new UsageException("option %s needs %s".formatted(option.name(), option.argument()));
    }

    /** The value, never empty, of an option that has an argument and is not repeatable; null when it was not given. */
    public String value(String name) {
        return value(name, null);
    }

    /** As {@link #value(String)}; {@code otherwise} when it was not given. */
    public String value(String name, String otherwise) {
        if (declared(name, true).repeatable()) {
            throw new IllegalArgumentException("option " + name + " is a list");
        }
        return has(given, name) ? given.get(name).getFirst() : otherwise;
    }

    /** Every value of an option that has an argument, in the order given. */
    public List<String> values(String name) {
        declared(name, true);
        return List.copyOf(given.getOrDefault(name, List.of()));
    }

    /**
     * Every value of an option that has an argument, as {@code parser} understands it.
     *
     * @param parser throws {@link IllegalArgumentException}, whose message shows no secret
     */
    public <T> List<T> values(String name, Function<String, T> parser) throws UsageException {
        List<T> parsed = new ArrayList<>();
        for (String text : values(name)) {
            try {
                parsed.add(parser.apply(text));
            } catch (IllegalArgumentException e) {
                throw new UsageException(name + ": " + e.getMessage());
            }
        }
        return parsed;
    }

    /** Whether a flag or an option was given. */
    public boolean has(String name) {
        return has(given, declared(name, false).name());
    }

    /** The words that are no options. */
    public List<String> operands() {
        return operands;
    }

    /**
     * An option's value as a whole number.
     *
     * @param otherwise what to return when it was not given; not held to the range
     * @throws UsageException when it is no whole number in the range
     */
    public int integer(String name, int min, int max, int otherwise) throws UsageException {
        return (int) integer(name, (long) min, max, otherwise);
    }

    /** The same, for what may be larger. */
    public long integer(String name, long min, long max, long otherwise) throws UsageException {
        String value = value(name);
        if (value == null) {
            return otherwise;
        }
        // Few enough digits for the long not to overflow.
        if (value.matches("-?[0-9]{1,18}")) {
            long number = Long.parseLong(value);
            if (number >= min && number <= max) {
                return number;
            }
        }
        throw new UsageException("option %s must be a whole number from %d to %d, not %s"
                .formatted(name, min, max, Printable.quoted(value)));
    }

    /**
     * An option's value as a time: {@code 250ms}, {@code 30s}, {@code 5m}, {@code 1h}, {@code 7d} or plain seconds.
     *
     * @return from zero to 365 days
     */
    public Duration duration(String name, Duration otherwise) throws UsageException {
        String value = value(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.matches("[0-9]{1,12}(ms|s|m|h|d)?")) {
            throw new UsageException("option %s must be a time such as 30s, 5m or 1h, not %s"
                    .formatted(name, Printable.quoted(value)));
        }
        String unit = value.replaceAll("[0-9]", "");
        long amount = Long.parseLong(value.substring(0, value.length() - unit.length()));
        Duration duration = switch (unit) {
            case "ms" -> Duration.ofMillis(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            case "d" -> Duration.ofDays(amount);
            default -> Duration.ofSeconds(amount);
        };
        if (duration.compareTo(MAX_DURATION) > 0) {
            throw new UsageException("option %s must be at most %dd, not %s"
                    .formatted(name, MAX_DURATION.toDays(), Printable.quoted(value)));
        }
        return duration;
    }

    /**
     * An option's value as one of an enum's constants, written in lower case with hyphens.
     *
     * @param otherwise what to return when it was not given; also says which enum
     */
    public <E extends Enum<E>> E choice(String name, E otherwise) throws UsageException {
        String value = value(name);
        if (value == null) {
            return otherwise;
        }
        E[] all = otherwise.getDeclaringClass().getEnumConstants();
        for (E constant : all) {
            if (word(constant).equals(value)) {
                return constant;
            }
        }
        throw new UsageException("option %s must be %s, not %s".formatted(name,
                Stream.of(all).map(CommandLine::word).collect(Collectors.joining(" or ")), Printable.quoted(value)));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private Option declared(String name, boolean withArgument) {
        Option option = declared.get(name);
        if (option == null || withArgument && option.argument() == null) {
            throw new IllegalArgumentException(
                    "option " + name + (option == null ? " is not declared" : " is a flag"));
        }
        return option;
    }
}
