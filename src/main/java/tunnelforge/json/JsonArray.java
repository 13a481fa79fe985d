package tunnelforge.json;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * An array (RFC 8259, section 5).
 *
 * @param values the elements in order, unmodifiable
 */
public record JsonArray(List<JsonValue> values) implements JsonValue {
    /**
     * Copies the elements.
     *
     * @param values the elements in order, none of them null
     */
    public JsonArray {
        values = List.copyOf(values);
    }

    /**
     * An array of strings.
     *
     * @param strings the elements in order, none of them null
     */
    public static JsonArray ofStrings(Collection<String> strings) {
        List<JsonValue> values = new ArrayList<>(strings.size());
        for (String string : strings) {
            values.add(new JsonString(string));
        }
        return new JsonArray(values);
    }
}
