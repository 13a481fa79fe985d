package tunnelforge.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonObjectTest {
    private final JsonObject object = JsonObject.builder()
            .put("s", "text").put("i", 42).put("b", true).put("n", JsonNull.NULL)
            .put("o", JsonObject.builder().put("x", 1).build())
            .put("a", JsonArray.ofStrings(List.of("p", "q")))
            .put("mixed", new JsonArray(List.of(new JsonString("p"), JsonNumber.of(1))))
            .build();

    @Test
    void presentMembersAreReturned() throws JsonException {
        assertEquals("text", object.string("s"));
        assertEquals("text", object.string("s", "other"));
        assertEquals(42, object.integer("i", 42, 42));
        assertEquals(42, object.integer("i", 0, 100, 7));
        assertTrue(object.bool("b", false));
        assertEquals(1, object.object("o").integer("x", 0, 1));
        assertEquals(1, object.objectOrEmpty("o").integer("x", 0, 1));
        assertEquals(List.of("p", "q"), object.strings("a"));
        assertEquals(2, object.arrayOrEmpty("mixed").size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"n", "absent"})
    void nullCountsAsAbsent(String name) throws JsonException {
        assertFalse(object.has(name));
        assertEquals("other", object.string(name, "other"));
        assertNull(object.string(name, null));
        assertEquals(-7, object.integer(name, 0, 1, -7));
        assertTrue(object.bool(name, true));
        assertTrue(object.objectOrEmpty(name).members().isEmpty());
        assertTrue(object.arrayOrEmpty(name).isEmpty());
        assertTrue(object.strings(name).isEmpty());
        fails("field '" + name + "' is missing", () -> object.string(name));
        fails("field '" + name + "' is missing", () -> object.integer(name, 0, 1));
        fails("field '" + name + "' is missing", () -> object.object(name));
    }

    @Test
    void onlyGetTellsNullFromAbsent() {
        assertEquals(JsonNull.NULL, object.get("n"));
        assertNull(object.get("absent"));
        assertTrue(object.has("s"));
    }

    @Test
    void otherTypesAreRefused() {
        fails("field 'i' must be a string", () -> object.string("i"));
        fails("field 'i' must be a string", () -> object.string("i", "other"));
        fails("field 's' must be an integer from 0 to 9", () -> object.integer("s", 0, 9));
        fails("field 's' must be an integer from 0 to 9", () -> object.integer("s", 0, 9, 1));
        fails("field 's' must be true or false", () -> object.bool("s", true));
        fails("field 'a' must be an object", () -> object.object("a"));
        fails("field 'a' must be an object", () -> object.objectOrEmpty("a"));
        fails("field 'o' must be an array", () -> object.arrayOrEmpty("o"));
        fails("field 'mixed' must be an array of strings", () -> object.strings("mixed"));
    }

    @Test
    void integerOutOfRangeIsRefusedWithLimitAndValue() {
        fails("field 'i' must be an integer from 0 to 41, not 42", () -> object.integer("i", 0, 41));
        fails("field 'i' must be an integer from 43 to 50, not 42", () -> object.integer("i", 43, 50, 45));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "-0,0", "5.0,5", "5e2,500", "0.5e1,5", "50E-1,5", "0e999999999,0", "9223372036854775807,9223372036854775807",
        "-9223372036854775808,-9223372036854775808"})
    void numbersThatAreIntegersAreTaken(String text, long value) throws JsonException {
        assertEquals(value, new JsonNumber(text).toLong());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.5", "5e-1", "9223372036854775808", "-9223372036854775809", "1e19", "1e999999999", "1e-999999999",
        "1e99999999999", "1e-99999999999", "-1e2147483647"})
    void numbersThatAreNoIntegersAreRefusedWithoutComputingTheirDigits(String text) {
        JsonObject one = JsonObject.builder().put("x", new JsonNumber(text)).build();
        fails("field 'x' must be an integer from -9223372036854775808 to 9223372036854775807, not " + text,
                () -> one.integer("x", Long.MIN_VALUE, Long.MAX_VALUE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "1 ", "01", "1111111111111111111111111111111111111111x", "NaN"})
    void textThatIsNoNumberMakesNone(String text) {
        assertThrows(IllegalArgumentException.class, () -> new JsonNumber(text));
    }

    @Test
    void builderRefusesARepeatedNameAndNull() {
        JsonObject.Builder builder = JsonObject.builder().put("a", 1);
        assertThrows(IllegalArgumentException.class, () -> builder.put("a", true));
        assertThrows(NullPointerException.class, () -> builder.put("b", (String) null));
        assertThrows(NullPointerException.class, () -> builder.put("b", (JsonValue) null));
        assertEquals("{\"a\":1,\"c\":\"x\"}", JsonWriter.write(builder.putIfPresent("b", null).putIfPresent("c", "x").build()));
    }

    @Test
    void builtObjectDoesNotChangeAnyMore() {
        JsonObject.Builder builder = JsonObject.builder().put("a", 1);
        JsonObject first = builder.build();
        builder.put("b", 2);
        assertEquals(1, first.members().size());
        assertThrows(UnsupportedOperationException.class, () -> first.members().put("c", JsonNull.NULL));
    }

    private static void fails(String message, Executable call) {
        assertEquals(message, assertThrows(JsonException.class, call).getMessage());
    }

    @Test
    void aNameIsShownEscapedAndNotAtLength() throws JsonException {
        JsonObject object = JsonReader.parseConfig("{\"a\\u001b\\n\": 1}");
        assertEquals("line 1, column 2: field 'a\\u001b\\n' is not known", object.error("a\u001b\n", "is not known").getMessage());
        assertEquals("field '" + "x".repeat(80) + "...' is odd", JsonObject.builder().build().error("x".repeat(5000), "is odd").getMessage());
    }
}
