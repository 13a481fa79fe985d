package tunnelforge.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonReaderTest {
    private static final String DOCUMENT = """
            {"type":"register_tunnel","local_port":8080,"options":{"tags":["a\\n\\u00e9\\ud83d\\ude00",true,false,null]},\
            "x":-1.5e+3,"y":[[],{}]}""";

    @Test
    void everyKindOfValueIsRead() throws JsonException {
        JsonObject object = JsonReader.parseObject(DOCUMENT);
        assertEquals(List.of("type", "local_port", "options", "x", "y"), List.copyOf(object.members().keySet()));
        assertEquals("register_tunnel", object.string("type"));
        assertEquals(8080, object.integer("local_port", 0, 65535));
        assertEquals(new JsonNumber("-1.5e+3"), object.get("x"));
        assertEquals(List.of(new JsonString("a\n\u00e9\ud83d\ude00"), new JsonBoolean(true), new JsonBoolean(false),
                JsonNull.NULL), object.object("options").arrayOrEmpty("tags"));
        assertEquals(List.of(new JsonArray(List.of()), JsonObject.builder().build()), object.arrayOrEmpty("y"));
    }

    @Test
    void everyTruncationIsRefused() {
        for (int length = 0; length < DOCUMENT.length(); length++) {
            String text = DOCUMENT.substring(0, length);
            assertThrows(JsonException.class, () -> JsonReader.parse(text), text);
            assertThrows(JsonException.class, () -> JsonReader.parseConfig(text), text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0", "1", "-12", "0.0", "10.25", "1e5", "1E5", "1e+5", "1e-05", "-0.5E10", "true", "null",
        "\"\"", " \t\r\n[ ] ", "{\"\":\"\"}", "\"\\/\\b\\f\\n\\r\\t\\\"\\\\\"", "\"\u007f\u0080\u2028\ufeff\ufffe\"",
        "\"\\u0000\\uFfFf\"", "\"\\uD83D\\uDE00\"", "\"\ud83d\ude00\""})
    void validTextIsRead(String text) throws JsonException {
        JsonValue value = JsonReader.parse(text);
        assertEquals(value, JsonReader.parse(JsonWriter.write(value)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "01", "-", "+1", ".5", "1.", "1.e5", "1e", "1e+", "-01", "0x10", "NaN", "Infinity", "1 2",
        "tru", "True", "nullx", "nul", "'a'", "a", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{,}",
        "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1", "{\"a\" 1}", "{a:1}", "{1:1}", "{\"a\":1 \"b\":2}", "\"", "\"a",
        "\"\\\"", "\"\\", "\"\\x\"", "\"\\'\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u+123\"", "\"\\u\uff11\uff11\uff11\uff11\"",
        "\"\t\"", "\"\n\"", "\"\u0000\"", "\"\u001f\"", "\u00a01", "1\u00a0", "\ufeff{}", "1//a", "/**/1", "[1/**/]", "1\u0000"})
    void invalidTextIsRefused(String text) {
        assertThrows(JsonException.class, () -> JsonReader.parse(text), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud83d", "\\ude00", "\\ud83dx", "\\ud83d\\n", "\\ud83d\\ud83d", "\\ude00\\ud83d", "\ud83d", "\ude00",
        "\ud83dx", "x\ude00", "\\ud83d\ude00", "\ud83d" + "\\ude00"})
    void surrogateWithoutItsOtherHalfIsRefused(String inside) {
        JsonException e = assertThrows(JsonException.class, () -> JsonReader.parse("[\"" + inside + "\"]"));
        assertTrue(e.getMessage().endsWith("a surrogate without its other half"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"a\":1,\"a\":2}         | line 1, column 8: this member's name is there already",
        "{\"a\":null,\"\\u0061\":2}| line 1, column 11: this member's name is there already",
        "[1,;]                     | line 1, column 4: expected a value",
        "[1;]                      | line 1, column 3: expected ',' or ']'",
        "{\"secret\";1}            | line 1, column 10: expected ':'",
        "{\"a\":tr}                | line 1, column 6: expected a value",
        "[\"abc                    | line 1, column 2: a string that does not end",
        "[1]]                      | line 1, column 4: nothing may follow the value",
        "[1,                       | line 1, column 4: the text ends too early"})
    void messageNamesThePosition(String text, String message) {
        assertEquals(message, assertThrows(JsonException.class, () -> JsonReader.parse(text)).getMessage());
    }

    @Test
    void messageCountsLines() {
        JsonException e = assertThrows(JsonException.class, () -> JsonReader.parse("{\n  \"a\": 1,\n  \"b\" 2\n}"));
        assertEquals("line 3, column 7: expected ':'", e.getMessage());
    }

    @Test
    void objectIsAskedForAndGiven() {
        assertThrows(JsonException.class, () -> JsonReader.parseObject("[]"));
        assertThrows(JsonException.class, () -> JsonReader.parseConfig("1"));
    }

    @Test
    void depthAtTheLimitIsReadAndOneDeeperIsRefused() throws JsonException {
        JsonReader.parse("[".repeat(32) + "]".repeat(32));
        JsonReader.parse("{\"a\":[".repeat(16) + "]}".repeat(16));
        refused("[".repeat(33) + "]".repeat(33), "nested deeper than 32");
        refused("{\"a\":[".repeat(16) + "[" + "]" + "]}".repeat(16), "nested deeper than 32");
        refused("[".repeat(1_000_000), "nested deeper than 32");
    }

    @Test
    void numberOfValuesAtTheLimitIsReadAndOneMoreIsRefused() throws JsonException {
        JsonReader.parse("[" + "1,".repeat(9_998) + "1]");
        refused("[" + "1,".repeat(9_999) + "1]", "more than 10000 values");
        refused("[" + "[],".repeat(9_999) + "[]]", "more than 10000 values");
        refused("[" + "{},".repeat(1_000_000), "more than 10000 values");
    }

    @Test
    void numberAtTheLengthLimitIsReadAndOneLongerIsRefused() throws JsonException {
        assertEquals(new JsonNumber("1".repeat(40)), JsonReader.parse("1".repeat(40)));
        refused("1".repeat(41), "a number of 41 characters; at most 40 are allowed");
        refused("-0." + "0".repeat(38), "a number of 41 characters; at most 40 are allowed");
    }

    @Test
    void configMayHaveCommentsTrailingCommasAndAByteOrderMark() throws JsonException {
        JsonObject object = JsonReader.parseConfig("\ufeff// first\r\n/* * / { */ {\"a\"/**/:/* x\n */[1,2,/**/],// b\n"
                + "\"url\":\"http://x/*y*/\",\"o\":{\"b\":1 , },}//end");
        assertEquals("{\"a\":[1,2],\"url\":\"http://x/*y*/\",\"o\":{\"b\":1}}", JsonWriter.write(object));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{,}", "{\"a\":[,]}", "{\"a\":[1,,]}", "{\"a\":1,,}", "{}/", "{}/x", "{/*}", "{/*/}", "# x\n{}", "{'a':1}",
        "//{}", "{}\ufeff", "{a:1}"})
    void otherExtensionsAreRefusedInConfigToo(String text) {
        assertThrows(JsonException.class, () -> JsonReader.parseConfig(text), text);
    }

    @Test
    void mutationsAreEitherRefusedOrReadBackTheSame() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String alphabet = "{}[]:,\"\\/*u0aDdE+-.e \n\u0000\u00e9\ud83d\ude00";
        int read = 0;
        for (int round = 0; round < 30_000; round++) {
            StringBuilder text = new StringBuilder(DOCUMENT);
            for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
                int at = random.nextInt(text.length());
                text.replace(at, at + random.nextInt(3) % 2, "");
                text.insert(Math.min(at, text.length()), alphabet.charAt(random.nextInt(alphabet.length())));
            }
            try {
                JsonValue value = JsonReader.parse(text.toString());
                assertEquals(value, JsonReader.parse(JsonWriter.write(value)));
                assertEquals(value, JsonReader.parse(JsonWriter.writePretty(value)));
                assertEquals(value, JsonReader.parseConfig(text.toString()));
                read++;
            } catch (JsonException e) {
                assertTrue(e.getMessage().startsWith("line "), "seed " + seed + ", round " + round + ": " + e.getMessage());
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ", round " + round + ": " + text, e);
            }
        }
        assertTrue(read > 100, "seed " + seed + ": only " + read + " mutations were valid");
    }

    @Test
    void largeMessagesTakeTimeInProportion() {
        String base64 = "QUJD".repeat(512 * 1024);
        List<String> texts = new ArrayList<>();
        texts.add("{\"type\":\"response\",\"body\":\"" + base64 + "\"}");
        texts.add("{\"body\":\"" + base64.replace("Q", "\\/") + "\"}");
        texts.add("{\"body\":\"" + "\\u0041".repeat(350_000) + "\"}");
        texts.add("{\"body\":\"" + "\u20ac\\n\ud83d\ude00".repeat(350_000) + "\"}");
        texts.add(" ".repeat(1 << 21) + "{}" + "\n".repeat(1 << 21));
        assertTimeout(Duration.ofSeconds(30), () -> {
            for (String text : texts) {
                JsonObject object = JsonReader.parseObject(text);
                assertEquals(object, JsonReader.parseObject(JsonWriter.write(object)));
            }
        });
    }

    @Test
    void malformedLargeTextIsRefusedInTimeInProportion() {
        int size = 1 << 21;
        List<String> texts = List.of("\"" + "a".repeat(size), "1".repeat(size), "{" + "\n".repeat(size) + ";",
                "/*".repeat(size), "//\n".repeat(size), "\"" + "\\u00e9".repeat(size / 6) + "\\");
        assertTimeout(Duration.ofSeconds(30), () -> {
            for (String text : texts) {
                assertThrows(JsonException.class, () -> JsonReader.parse(text));
                assertThrows(JsonException.class, () -> JsonReader.parseConfig(text));
            }
        });
    }

    @Test
    void namesWithOneHashCodeTakeNoQuadraticTime() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < 9_999; i++) {
            text.append(i == 0 ? "\"" : ",\"");
            for (int bit = 0; bit < 14; bit++) {
                text.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            text.append("\":1");
        }
        assertTimeout(Duration.ofSeconds(30), () -> assertEquals(9_999, JsonReader.parseObject(text + "}").members().size()));
    }

    @Test
    void neitherMessagesNorToStringShowValues() throws JsonException {
        JsonObject object = JsonReader.parseObject("{\"auth_token\":\"tf_secret\",\"list\":[\"tf_secret\"]}");
        assertEquals("JsonObject[auth_token, list]", object.toString());
        assertFalse(object.members().toString().contains("secret"));
        refused("{\"auth_token\":\"tf_secret\" x", "expected ',' or '}'");
    }

    private static void refused(String text, String problem) {
        String message = assertThrows(JsonException.class, () -> JsonReader.parse(text)).getMessage();
        assertTrue(message.endsWith(": " + problem), message);
    }
}
