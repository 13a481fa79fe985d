package tunnelforge.json;

import java.util.Objects;

/**
 * A string (RFC 8259, section 7).
 *
 * @param value the characters, escapes undone
 */
public record JsonString(String value) implements JsonValue {
    /** Checks that there is a value. */
    public JsonString {
        Objects.requireNonNull(value, "value");
    }

    /** Names the length only: the characters may be a secret. */
    @Override
    public String toString() {
        return "JsonString[" + value.length() + " characters]";
    }
}
