package tunnelforge.cli;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tunnelforge.json.JsonArray;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonNull;
import tunnelforge.json.JsonNumber;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonString;
import tunnelforge.json.JsonValue;

/**
 * A file that has options, each under its name without the dashes: they become a {@link CommandLine}, so that whoever reads options need not know where they
 * were written. A flag is true or false, a value a string or a number, what may be repeated also an array of them; a file is looked for beside this one.
 *
 * <p>What is wrong is collected, so that a person is told all of it at once. One task.
 */
public final class OptionsFile {
    private static final String DASHES = "--";
    /** Enough for a person to mend before the next look. */
    private static final int MOST_TOLD = 20;

    private final Path path;
    private final JsonObject content;
    private final List<String> problems = new ArrayList<>();
    private int untold;

    private OptionsFile(Path path, JsonObject content) {
        this.path = path;
        this.content = content;
    }

    /**
     * Reads a file.
     *
     * @throws UsageException when it is not there, or no such file; with the place of what is wrong
     */
    public static OptionsFile read(Path path) throws UsageException {
        try {
            return new OptionsFile(path, ConfigFile.read(path, json -> json));
        } catch (IOException e) {
            throw new UsageException(Launch.describe(e));
        }
    }

    /** All that is in it. */
    public JsonObject content() {
        return content;
    }

    /**
     * The options of the file itself.
     *
     * @param more keys that are no options
     * @param misplaced what to say of keys that do not belong there
     */
    public CommandLine options(List<Option> options, List<String> more, Map<String, String> misplaced) {
        return new Section(content, CommandLine.declared(options), more, misplaced).options(null);
    }

    /**
     * The options of an object in the file.
     *
     * @param parent has it as {@code name}
     * @param operand the key of what is an operand on a command line; required
     * @param misplaced what to say of keys that do not belong there
     * @return without operand when that is wrong
     */
    public CommandLine options(JsonObject parent, String name, List<Option> options, String operand, Map<String, String> misplaced) {
        CommandLine found = new CommandLine(CommandLine.declared(options), Map.of(), List.of(), Places.NONE);
        try {
            JsonObject object = parent.object(name);
            found = new Section(object, CommandLine.declared(options), List.of(operand), misplaced).options(problem -> object.at(operand, problem).in(path));
            return found.withOperands(List.of(text(object, operand, object.get(operand), "a string or a number")));
        } catch (JsonException e) {
            wrong(e);
            return found;
        }
    }

    /** Something else is wrong. */
    public void wrong(JsonException problem) {
        tell(problem.in(path));
    }

    /** The same, told already with its place. */
    public void wrong(UsageException problem) {
        tell(problem.getMessage());
    }

    private void tell(String problem) {
        if (problems.size() < MOST_TOLD) {
            problems.add(problem);
        } else {
            untold++;
        }
    }

    /** Throws UsageException with all that is wrong, each on a line. */
    public void requireRight() throws UsageException {
        if (!problems.isEmpty()) {
            throw new UsageException(String.join("\n", problems) + (untold == 0 ? "" : "\nand " + untold + " more"));
        }
    }

    /** The key of an option. */
    static String key(String option) {
        return option.substring(DASHES.length());
    }

    /** As a command line would have it. */
    private static String text(JsonObject object, String key, JsonValue value, String wanted) throws JsonException {
        String text = switch (value) {
            case null -> throw object.error(key, "is missing");
            case JsonString string -> string.value();
            case JsonNumber number -> number.text();
            default -> throw object.error(key, "must be " + wanted);
        };
        if (text.isEmpty() || text.indexOf('\0') >= 0) {
            throw object.error(key, text.isEmpty() ? "must not be empty" : "must not have the character U+0000");
        }
        return text;
    }

    /** One object of the file. */
    private final class Section {
        private final JsonObject object;
        private final Map<String, Option> declared;
        private final List<String> more;
        private final Map<String, String> misplaced;

        Section(JsonObject object, Map<String, Option> declared, List<String> more, Map<String, String> misplaced) {
            this.object = object;
            this.declared = declared;
            this.more = more;
            this.misplaced = misplaced;
        }

        CommandLine options(Places.Place whole) {
            Map<String, List<String>> given = new HashMap<>();
            Map<String, Places.Place> places = new HashMap<>();
            object.members().forEach((key, value) -> {
                try {
                    requireKnown(key);
                    Option option = declared.get(DASHES + key);
                    if (option != null && value != JsonNull.NULL) {
                        given.put(option.name(), values(option, key, value));
                        places.put(option.name(), problem -> object.at(key, problem).in(path));
                    }
                } catch (JsonException e) {
                    wrong(e);
                }
            });
            return new CommandLine(declared, given, List.of(), new Places(places, whole));
        }

        private void requireKnown(String key) throws JsonException {
            if (misplaced.containsKey(key)) {
                throw object.error(key, misplaced.get(key));
            }
            if (!more.contains(key) && !declared.containsKey(DASHES + key)) {
                List<String> known = Stream.concat(more.stream(), declared.keySet().stream().map(OptionsFile::key).sorted()).toList();
                throw object.error(key, "is not known" + Suggestion.forMistyped(key, known));
            }
        }

        private List<String> values(Option option, String key, JsonValue value) throws JsonException {
            if (option.argument() == null) {
                return object.bool(key, false) ? List.of("") : List.of();
            }
            List<String> values = new ArrayList<>();
            String wanted = "a string or a number" + (option.repeatable() ? ", or an array of them" : "");
            for (JsonValue each : option.repeatable() && value instanceof JsonArray several ? several.values() : List.of(value)) {
                String text = text(object, key, each, wanted);
                values.add(option.isPath(text) ? beside(key, text) : text);
            }
            return values;
        }

        private String beside(String key, String text) throws JsonException {
            try {
                return path.resolveSibling(text).toString();
            } catch (InvalidPathException e) {
                throw object.error(key, "cannot be the name of a file");
            }
        }
    }
}
