package tunnelforge.json;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON text (RFC 8259) strictly and within limits; one reader per text, used by one task.
 *
 * <p>Refused beyond the grammar: repeated member names (two parsers could read them differently), surrogates that are
 * not in pairs, raw or escaped (they have no UTF-8 form), and what exceeds a limit. Time and memory are proportional to
 * the text; the caller bounds the length of the text before it reads one.
 */
public final class JsonReader {
    /** How deep arrays and objects may nest. */
    public static final int MAX_DEPTH = 32;
    /** How many values one text may hold, arrays and objects counted too. */
    public static final int MAX_VALUES = 10_000;
    /** How many a file may hold that a person wrote. */
    static final int MAX_CONFIG_VALUES = 100_000;

    private final JsonScanner scanner;
    private final boolean config;
    private int values;

    private JsonReader(String text, boolean config) {
        this.scanner = new JsonScanner(text, config);
        this.config = config;
    }

    /**
     * Reads one value.
     *
     * @param text the whole text: the value and blanks around it
     * @throws JsonException if the text is not valid or exceeds a limit; the message names line and column
     */
    public static JsonValue parse(String text) throws JsonException {
        return new JsonReader(text, false).document();
    }

    /**
     * Reads one object.
     *
     * @param text the whole text: the object and blanks around it
     * @throws JsonException if the text is not valid, exceeds a limit, or is another value
     */
    public static JsonObject parseObject(String text) throws JsonException {
        return object(parse(text));
    }

    /**
     * Reads one object from a file that a person wrote: the same, but line comments from {@code //}, block comments, a comma
     * after the last member or element, and a byte order mark at the start are allowed. What its objects say about wrong members names line and
     * column too.
     *
     * @throws JsonException if the text is not valid, exceeds a limit, or is another value
     */
    public static JsonObject parseConfig(String text) throws JsonException {
        return object(new JsonReader(text, true).document());
    }

    private static JsonObject object(JsonValue value) throws JsonException {
        if (value instanceof JsonObject object) {
            return object;
        }
        throw new JsonException("the text must be an object");
    }

    private JsonValue document() throws JsonException {
        scanner.skipMark();
        scanner.skipBlanks();
        JsonValue value = value(0);
        scanner.skipBlanks();
        if (scanner.peek() != JsonScanner.END) {
            throw scanner.error("nothing may follow the value");
        }
        return value;
    }

    private JsonValue value(int depth) throws JsonException {
        int most = config ? MAX_CONFIG_VALUES : MAX_VALUES;
        if (++values > most) {
            throw scanner.error("more than " + most + " values");
        }
        switch (scanner.peek()) {
            case '{':
                return objectAt(depth + 1);
            case '[':
                return arrayAt(depth + 1);
            case '"':
                return new JsonString(scanner.string());
            case 't':
                scanner.literal("true");
                return new JsonBoolean(true);
            case 'f':
                scanner.literal("false");
                return new JsonBoolean(false);
            case 'n':
                scanner.literal("null");
                return JsonNull.NULL;
            default:
                return scanner.number();
        }
    }

    private JsonObject objectAt(int depth) throws JsonException {
        checkDepth(depth);
        LinkedHashMap<String, JsonValue> members = new LinkedHashMap<>();
        Map<String, Integer> places = config ? new HashMap<>() : null;
        int start = scanner.position();
        scanner.take('{');
        scanner.skipBlanks();
        boolean more = scanner.peek() != '}';
        while (more) {
            int nameAt = scanner.position();
            String name = scanner.string();
            scanner.skipBlanks();
            scanner.take(':');
            scanner.skipBlanks();
            if (members.putIfAbsent(name, value(depth)) != null) {
                throw scanner.errorAt(nameAt, "this member's name is there already");
            }
            if (config) {
                places.put(name, nameAt);
            }
            more = another('}');
        }
        scanner.take('}');
        return config ? new JsonObject(members, (name, problem) -> scanner.errorAt(places.getOrDefault(name, start), problem)) : new JsonObject(members);
    }

    private JsonArray arrayAt(int depth) throws JsonException {
        checkDepth(depth);
        List<JsonValue> elements = new ArrayList<>();
        scanner.take('[');
        scanner.skipBlanks();
        boolean more = scanner.peek() != ']';
        while (more) {
            elements.add(value(depth));
            more = another(']');
        }
        scanner.take(']');
        return new JsonArray(elements);
    }

    private void checkDepth(int depth) throws JsonException {
        if (depth > MAX_DEPTH) {
            throw scanner.error("nested deeper than " + MAX_DEPTH);
        }
    }

    /** Whether another element follows the one just read; takes the comma. */
    private boolean another(char end) throws JsonException {
        scanner.skipBlanks();
        if (scanner.peek() == end) {
            return false;
        }
        if (scanner.peek() != ',') {
            throw scanner.error("expected ',' or '" + end + "'");
        }
        scanner.take(',');
        scanner.skipBlanks();
        return !(config && scanner.peek() == end);
    }
}
