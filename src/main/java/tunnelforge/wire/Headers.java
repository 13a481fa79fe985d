package tunnelforge.wire;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tunnelforge.http.Fields;
import tunnelforge.json.JsonArray;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonString;
import tunnelforge.json.JsonValue;
import tunnelforge.text.Printable;

/**
 * The {@code headers} of the JSON encoding.
 *
 * @param lines name, value, name, value, without the two fields that frame a body; unmodifiable
 * @param contentLength what {@code Content-Length} said, or -1 when it is absent or odd
 */
public record Headers(List<String> lines, long contentLength) {
    static Headers parse(JsonObject json) throws JsonException {
        List<String> lines = new ArrayList<>(2 * json.members().size());
        long contentLength = -1;
        int bytes = 0;
        for (Map.Entry<String, JsonValue> member : json.members().entrySet()) {
            String name = member.getKey();
            if (!Fields.isName(name)) {
                throw new JsonException("field 'headers' has a name that is not a token");
            }
            if (name.equalsIgnoreCase("content-length")) {
                contentLength = number(member.getValue());
                continue;
            }
            if (name.equalsIgnoreCase("transfer-encoding")) {
                continue;
            }
            for (JsonValue value : valuesOf(name, member.getValue())) {
                String text = fieldValue(name, value);
                lines.add(name);
                lines.add(text);
                bytes += name.length() + text.length() + ": \r\n".length();
            }
            if (lines.size() > 2 * Limits.MAX_HEADER_LINES) {
                throw new JsonException("field 'headers' has more than " + Limits.MAX_HEADER_LINES + " lines");
            }
            if (bytes > Limits.MAX_RESPONSE_HEAD) {
                throw new JsonException("field 'headers' is over the limit of " + Limits.MAX_RESPONSE_HEAD + " bytes");
            }
        }
        return new Headers(Collections.unmodifiableList(lines), contentLength);
    }

    /** Lines of one name, in whatever case, come together under the first one's spelling. */
    static JsonObject toJson(List<String> lines) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        Map<String, String> spelling = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i += 2) {
            String key = lines.get(i).toLowerCase(Locale.ROOT);
            if (!key.equals("transfer-encoding")) {
                spelling.putIfAbsent(key, lines.get(i));
                values.computeIfAbsent(key, k -> new ArrayList<>(1)).add(lines.get(i + 1));
            }
        }
        JsonObject.Builder json = JsonObject.builder();
        spelling.forEach((key, name) -> {
            List<String> all = values.get(key);
            json.put(name, all.size() == 1 ? new JsonString(all.get(0)) : JsonArray.ofStrings(all));
        });
        return json.build();
    }

    private static List<JsonValue> valuesOf(String name, JsonValue value) throws JsonException {
        return switch (value) {
            case JsonString string -> List.of(string);
            case JsonArray array -> array.values();
            default -> throw mustBe(name, "a string or an array of strings");
        };
    }

    /** A field value (RFC 9110 section 5.5), without the blanks around it. */
    private static String fieldValue(String name, JsonValue json) throws JsonException {
        if (!(json instanceof JsonString string)) {
            throw mustBe(name, "a string or an array of strings");
        }
        String text = string.value();
        int from = 0;
        int to = text.length();
        while (from < to && isBlank(text.charAt(from))) {
            from++;
        }
        while (from < to && isBlank(text.charAt(to - 1))) {
            to--;
        }
        String value = text.substring(from, to);
        if (!Fields.isValue(value)) {
            throw mustBe(name, "without control characters and characters above U+00FF");
        }
        return value;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private static long number(JsonValue value) {
        if (value instanceof JsonArray array && array.values().size() == 1) {
            return number(array.values().get(0));
        }
        if (!(value instanceof JsonString string)) {
            return -1;
        }
        String digits = string.value();
        if (digits.isEmpty() || digits.length() > 18 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        return Long.parseLong(digits);
    }

    private static JsonException mustBe(String name, String wanted) {
        return new JsonException("field " + Printable.quoted(name) + " of 'headers' must be " + wanted);
    }
}
