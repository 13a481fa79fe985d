package tunnelforge.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

final class JsonWriterTest {
    private final JsonObject object = JsonObject.builder()
            .put("text", "x").put("number", -5).put("flag", false).put("nothing", JsonNull.NULL)
            .put("list", new JsonArray(List.of(JsonNumber.of(1), new JsonArray(List.of()), JsonObject.builder().build())))
            .put("inner", JsonObject.builder().put("a", 1).put("b", 2).build())
            .build();

    @Test
    void compactTextIsOnOneLine() {
        assertEquals("{\"text\":\"x\",\"number\":-5,\"flag\":false,\"nothing\":null,\"list\":[1,[],{}],"
                + "\"inner\":{\"a\":1,\"b\":2}}", JsonWriter.write(object));
    }

    @Test
    void prettyTextHasOneMemberALine() {
        assertEquals("""
                {
                  "text": "x",
                  "number": -5,
                  "flag": false,
                  "nothing": null,
                  "list": [
                    1,
                    [],
                    {}
                  ],
                  "inner": {
                    "a": 1,
                    "b": 2
                  }
                }""", JsonWriter.writePretty(object));
    }

    @Test
    void charactersThatControlSomethingAreEscaped() {
        assertEquals("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001b\\u001f\\u007f\\u0080\\u009f\\u2028\\u2029 ~\u00a0\u00e9\u2027\u202a\"",
                string("\"\\/\b\f\n\r\t\u0000\u001b\u001f\u007f\u0080\u009f\u2028\u2029 ~\u00a0\u00e9\u2027\u202a"));
        assertEquals("{\"a\\u0000\\\"\":1}", JsonWriter.write(JsonObject.builder().put("a\u0000\"", 1).build()));
    }

    @Test
    void everyCharacterComesBack() throws JsonException {
        StringBuilder all = new StringBuilder();
        for (int code = 0; code <= 0x10FFFF; code = code == 0xD7FF ? 0xE000 : code + (code < 0x10000 ? 1 : 0xFFF)) {
            all.appendCodePoint(code);
        }
        assertEquals(all.toString(), ((JsonString) JsonReader.parse(string(all.toString()))).value());
    }

    @Test
    void surrogateWithoutItsOtherHalfBecomesTheReplacementCharacter() {
        assertEquals("\"\\ufffd\"", string("\ud83d"));
        assertEquals("\"a\\ufffdb\"", string("a\ude00b"));
        assertEquals("\"\\ufffd\ud83d\ude00\\ufffd\"", string("\ud83d\ud83d\ude00\ude00"));
    }

    @Test
    void depthOverTheLimitIsRefused() {
        JsonValue value = new JsonArray(List.of());
        for (int depth = 1; depth < JsonReader.MAX_DEPTH; depth++) {
            value = new JsonArray(List.of(value));
        }
        JsonValue atTheLimit = value;
        assertEquals("[".repeat(32) + "]".repeat(32), JsonWriter.write(atTheLimit));
        assertThrows(IllegalArgumentException.class, () -> JsonWriter.write(new JsonArray(List.of(atTheLimit))));
    }

    private static String string(String value) {
        return JsonWriter.write(new JsonString(value));
    }
}
