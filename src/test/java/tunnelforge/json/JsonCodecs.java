package tunnelforge.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import tunnelforge.fuzz.Codec;

/** JSON as it comes over the wire, and as people write it into files, for the fuzzer. */
public final class JsonCodecs {
    /** A value of two or three octets, such as {@code 1,} or {@code {},}, becomes up to five objects. */
    private static final int PER_OCTET = 64;
    private static final String[] TEXTS = {"{}", "[]", "null", " [1, -0, 0.5e-3, 1E+2, 12345678901234567890] ",
            "{\"a\":{\"b\":[true,false,null,\"\\u00e9\\ud83d\\ude00\\n\\/\"]},\"c\":\"\u00c3\u00a9\"}",
        "{\"a\":1,\"a\":2}", "\"\\ud83d\"", "\"\\ude00\\ud83d\"", "[" + "1,".repeat(500) + "1]", "[".repeat(32) + "]".repeat(32), "[".repeat(33) + "]".repeat(33), "{\"\":\"\"}",
        "\u00ef\u00bb\u00bf{}",
        "01", "1.", ".5", "+1", "1e", "tru", "nul", "\"\t\"", "\"\\x\"", "[1,]", "{\"a\":1,}", "// x\n{\"a\": /* y */ 1,}", "/*", "{} x"};
    private static final String[] SPICE = {"\"a\":", "[", "]", "{", "}", ",", "\"", "\\u", "\\ud83d", "\\ude00", "1e400", "true", "null", "// x\n", "/* x */", "\u00ef\u00bb\u00bf",
            "\u00e2\u0080\u00a8"};

    private JsonCodecs() {
    }

    public static List<Codec<?>> all() {
        return List.of(
            Codec.ofText("json", JsonReader::parse).from(TEXTS)
                    .spicedWith(SPICE)
                    .refusesBy(JsonException.class).upTo(64 * 1024).allocates(0, PER_OCTET).suchThat(JsonCodecs::checkWritten),
            Codec.<JsonObject>ofText("json-config", JsonReader::parseConfig).from(TEXTS)
                    .spicedWith(SPICE)
                    .refusesBy(JsonException.class).upTo(64 * 1024).allocates(0, PER_OCTET)
                    .suchThat(JsonCodecs::checkConfig));
    }

    /** As one of the readers reads it: a file may hold more values than a message. */
    private interface Reader {
        JsonValue read(String text) throws JsonException;
    }

    private static void checkWritten(JsonValue value) throws JsonException {
        checkWritten(value, JsonReader::parse);
    }

    private static void checkWritten(JsonValue value, Reader reader) throws JsonException {
        String text = JsonWriter.write(value);
        assertEquals(value, reader.read(text));
        assertEquals(text, JsonWriter.write(reader.read(JsonWriter.writePretty(value))));
        assertTrue(text.chars().noneMatch(c -> c < ' ' || c >= 0x7f && c < 0xa0), text);
    }

    private static void checkConfig(JsonObject value) throws JsonException {
        checkWritten(value, JsonReader::parseConfig);
        for (String name : value.members().keySet()) {
            assertTrue(value.error(name, "is wrong").getMessage().startsWith("line "));
            try {
                value.integer(name, Long.MIN_VALUE, Long.MAX_VALUE);
            } catch (JsonException e) {
                assertTrue(e.getMessage().startsWith("line "), e::getMessage);
            }
        }
    }
}
