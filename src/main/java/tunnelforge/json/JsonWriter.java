package tunnelforge.json;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Writes values as JSON text (RFC 8259) that {@link JsonReader} reads back as the same value.
 *
 * <p>Control characters of every kind (C0, DEL, C1) and the line separators U+2028 and U+2029 are escaped; what else is
 * not ASCII stays as it is. A surrogate without its other half has no UTF-8 form and is written as U+FFFD.
 */
public final class JsonWriter {
    private static final String HEX = "0123456789abcdef";
    private static final int INDENT = 2;
    private static final int SHORT_REST = 64;

    private final StringBuilder out = new StringBuilder();
    private final boolean pretty;

    private JsonWriter(boolean pretty) {
        this.pretty = pretty;
    }

    /**
     * The shortest text, on one line.
     *
     * @throws IllegalArgumentException if it is nested deeper than {@link JsonReader#MAX_DEPTH}
     */
    public static String write(JsonValue value) {
        return write(value, false);
    }

    /**
     * Text for a file that people read: one member or element a line, indented by two spaces, no line end after the last line.
     *
     * @throws IllegalArgumentException if it is nested deeper than {@link JsonReader#MAX_DEPTH}
     */
    public static String writePretty(JsonValue value) {
        return write(value, true);
    }

    private static String write(JsonValue value, boolean pretty) {
        JsonWriter writer = new JsonWriter(pretty);
        writer.value(value, 0);
        return writer.out.toString();
    }

    private void value(JsonValue value, int depth) {
        switch (value) {
            case JsonObject object -> members(object.members(), depth + 1);
            case JsonArray array -> elements(array.values(), depth + 1);
            case JsonString string -> string(string.value());
            case JsonNumber number -> out.append(number.text());
            case JsonBoolean bool -> out.append(bool.value());
            case JsonNull nothing -> out.append("null");
        }
    }

    private void members(Map<String, JsonValue> members, int depth) {
        checkDepth(depth);
        out.append('{');
        Iterator<Map.Entry<String, JsonValue>> entries = members.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<String, JsonValue> entry = entries.next();
            line(depth);
            string(entry.getKey());
            out.append(pretty ? ": " : ":");
            value(entry.getValue(), depth);
            if (entries.hasNext()) {
                out.append(',');
            }
        }
        if (!members.isEmpty()) {
            line(depth - 1);
        }
        out.append('}');
    }

    private void elements(List<JsonValue> elements, int depth) {
        checkDepth(depth);
        out.append('[');
        for (int i = 0; i < elements.size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            line(depth);
            value(elements.get(i), depth);
        }
        if (!elements.isEmpty()) {
            line(depth - 1);
        }
        out.append(']');
    }

    private static void checkDepth(int depth) {
        if (depth > JsonReader.MAX_DEPTH) {
            throw new IllegalArgumentException("nested deeper than " + JsonReader.MAX_DEPTH);
        }
    }

    private void line(int depth) {
        if (pretty) {
            out.append('\n').repeat(' ', depth * INDENT);
        }
    }

    private void string(String value) {
        // A body in base64 may be most of the text: without this its buffer would double to hold it.
        out.ensureCapacity(out.length() + value.length() + SHORT_REST);
        out.append('"');
        int from = 0;
        for (int at = 0; at < value.length(); at++) {
            char c = value.charAt(at);
            if (isPlain(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c) && at + 1 < value.length()
                    && Character.isLowSurrogate(value.charAt(at + 1))) {
                at++;
                continue;
            }
            out.append(value, from, at);
            escape(c);
            from = at + 1;
        }
        out.append(value, from, value.length()).append('"');
    }

    private static boolean isPlain(char c) {
        if (c < 0x7F) {
            return c >= ' ' && c != '"' && c != '\\';
        }
        return c > 0x9F && c != '\u2028' && c != '\u2029' && !Character.isSurrogate(c);
    }

    private void escape(char c) {
        switch (c) {
            case '"', '\\' -> out.append('\\').append(c);
            case '\b' -> out.append("\\b");
            case '\f' -> out.append("\\f");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                int code = Character.isSurrogate(c) ? 0xFFFD : c;
                out.append("\\u");
                for (int shift = 12; shift >= 0; shift -= 4) {
                    out.append(HEX.charAt(code >> shift & 0xF));
                }
            }
        }
    }
}
