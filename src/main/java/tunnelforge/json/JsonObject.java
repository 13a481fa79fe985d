package tunnelforge.json;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An object (RFC 8259, section 4): members in order, each name once, and typed access to them. A member that is
 * {@code null} counts as absent everywhere but in {@link #get} and {@link #members}.
 */
public final class JsonObject implements JsonValue {
    private static final int MAX_NAME_SHOWN = 80;
    private static final JsonObject EMPTY = new JsonObject(new LinkedHashMap<>());

    /** Knows where in a text the members are. */
    interface Places {
        /** The problem with a member, and its place; that of the object for one that is not there. */
        JsonException error(String name, String problem);
    }

    private final Map<String, JsonValue> members;
    private final Places places;

    /** Takes the map over: nobody else may change it. */
    JsonObject(LinkedHashMap<String, JsonValue> members) {
        this(members, (name, problem) -> new JsonException(problem));
    }

    JsonObject(LinkedHashMap<String, JsonValue> members, Places places) {
        this.members = Collections.unmodifiableMap(members);
        this.places = places;
    }

    /** A builder without members. */
    public static Builder builder() {
        return new Builder();
    }

    /** All members: names and values in order, unmodifiable. */
    public Map<String, JsonValue> members() {
        return members;
    }

    /**
     * A member's value.
     *
     * @return the value, {@link JsonNull} included; null when absent
     */
    public JsonValue get(String name) {
        return members.get(name);
    }

    /** Whether a member is present and not {@code null}. */
    public boolean has(String name) {
        return valueOrNull(name) != null;
    }

    /**
     * A required string.
     *
     * @throws JsonException if it is missing or of another type
     */
    public String string(String name) throws JsonException {
        return asString(name, required(name));
    }

    /**
     * An optional string.
     *
     * @param otherwise what to return when it is absent; may be null
     */
    public String string(String name, String otherwise) throws JsonException {
        JsonValue value = valueOrNull(name);
        return value == null ? otherwise : asString(name, value);
    }

    /**
     * A required integer.
     *
     * @throws JsonException if it is missing, not an integer, or out of range
     */
    public long integer(String name, long min, long max) throws JsonException {
        return asInteger(name, required(name), min, max);
    }

    /**
     * An optional integer.
     *
     * @param otherwise what to return when it is absent; need not be in range
     * @throws JsonException if it is not an integer or out of range
     */
    public long integer(String name, long min, long max, long otherwise) throws JsonException {
        JsonValue value = valueOrNull(name);
        return value == null ? otherwise : asInteger(name, value, min, max);
    }

    /**
     * An optional boolean.
     *
     * @param otherwise what to return when it is absent
     */
    public boolean bool(String name, boolean otherwise) throws JsonException {
        JsonValue value = valueOrNull(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof JsonBoolean bool) {
            return bool.value();
        }
        throw mustBe(name, "true or false");
    }

    /**
     * A required object.
     *
     * @throws JsonException if it is missing or of another type
     */
    public JsonObject object(String name) throws JsonException {
        return asObject(name, required(name));
    }

    /**
     * An optional object.
     *
     * @return its value; an object without members when absent
     */
    public JsonObject objectOrEmpty(String name) throws JsonException {
        JsonValue value = valueOrNull(name);
        return value == null ? EMPTY : asObject(name, value);
    }

    /** The elements of an optional array, unmodifiable; none when absent. */
    public List<JsonValue> arrayOrEmpty(String name) throws JsonException {
        JsonValue value = valueOrNull(name);
        if (value == null) {
            return List.of();
        }
        if (value instanceof JsonArray array) {
            return array.values();
        }
        throw mustBe(name, "an array");
    }

    /**
     * The elements of an optional array of strings, unmodifiable; none when absent.
     *
     * @throws JsonException if it is of another type, or one of its elements is
     */
    public List<String> strings(String name) throws JsonException {
        List<String> strings = new ArrayList<>();
        for (JsonValue value : arrayOrEmpty(name)) {
            if (!(value instanceof JsonString string)) {
                throw mustBe(name, "an array of strings");
            }
            strings.add(string.value());
        }
        return Collections.unmodifiableList(strings);
    }

    private JsonValue valueOrNull(String name) {
        JsonValue value = members.get(name);
        return value == JsonNull.NULL ? null : value;
    }

    /**
     * What is wrong with a member, to be thrown; in an object of {@link JsonReader#parseConfig} with line and column.
     *
     * @param problem what comes after the member's name, such as {@code must be a string}
     */
    public JsonException error(String name, String problem) {
        return at(name, "field '" + shown(name) + "' " + problem);
    }

    /** The same with a message that does not begin with the member's name. */
    public JsonException at(String name, String problem) {
        return places.error(name, problem);
    }

    /** A name may be anything, and as long as the text. */
    private static String shown(String name) {
        String quoted = JsonWriter.write(new JsonString(name.length() > MAX_NAME_SHOWN ? name.substring(0, MAX_NAME_SHOWN) + "..." : name));
        return quoted.substring(1, quoted.length() - 1);
    }

    private JsonValue required(String name) throws JsonException {
        JsonValue value = valueOrNull(name);
        if (value == null) {
            throw error(name, "is missing");
        }
        return value;
    }

    private String asString(String name, JsonValue value) throws JsonException {
        if (value instanceof JsonString string) {
            return string.value();
        }
        throw mustBe(name, "a string");
    }

    private long asInteger(String name, JsonValue value, long min, long max) throws JsonException {
        String wanted = "an integer from " + min + " to " + max;
        if (!(value instanceof JsonNumber number)) {
            throw mustBe(name, wanted);
        }
        long integer;
        try {
            integer = number.toLong();
        } catch (JsonException e) {
            throw mustBe(name, wanted + ", not " + number.text());
        }
        if (integer < min || integer > max) {
            throw mustBe(name, wanted + ", not " + number.text());
        }
        return integer;
    }

    private JsonObject asObject(String name, JsonValue value) throws JsonException {
        if (value instanceof JsonObject object) {
            return object;
        }
        throw mustBe(name, "an object");
    }

    private JsonException mustBe(String name, String wanted) {
        return error(name, "must be " + wanted);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonObject object && members.equals(object.members);
    }

    @Override
    public int hashCode() {
        return members.hashCode();
    }

    /** Names the members only: a value may be a secret. */
    @Override
    public String toString() {
        return "JsonObject" + members.keySet();
    }

    /** Collects the members of one object in order. Not thread safe. */
    public static final class Builder {
        private LinkedHashMap<String, JsonValue> members = new LinkedHashMap<>();

        private Builder() {
        }

        /** Adds a string. */
        public Builder put(String name, String value) {
            return put(name, new JsonString(value));
        }

        /** Adds an integer. */
        public Builder put(String name, long value) {
            return put(name, JsonNumber.of(value));
        }

        /** Adds a boolean. */
        public Builder put(String name, boolean value) {
            return put(name, new JsonBoolean(value));
        }

        /** Adds any value. */
        public Builder put(String name, JsonValue value) {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, name);
            if (members.putIfAbsent(name, value) != null) {
                throw new IllegalArgumentException("member '" + name + "' is there already");
            }
            return this;
        }

        /**
         * Adds a string unless it is null.
         *
         * @param valueOrNull its value, or null to add nothing
         * @throws IllegalArgumentException if the name is there already and the value is not null
         */
        public Builder putIfPresent(String name, String valueOrNull) {
            return valueOrNull == null ? this : put(name, valueOrNull);
        }

        /** Ends the object; the builder starts the next one without members. */
        public JsonObject build() {
            JsonObject object = new JsonObject(members);
            members = new LinkedHashMap<>();
            return object;
        }
    }
}
