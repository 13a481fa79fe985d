package tunnelforge.agent.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tunnelforge.http.Fields;

/** Tags of compressed responses, there and back. */
final class WeakenedTagsTest {
    private final WeakenedTags tags = new WeakenedTags();

    private static Fields fields(String name, String value) {
        Fields fields = new Fields();
        fields.add(name, value);
        return fields;
    }

    private String weakened(String tag) {
        Fields response = fields("ETag", tag);
        tags.weaken(response);
        return response.get("ETag");
    }

    private String restored(String name, String value) {
        Fields request = fields(name, value);
        tags.restore(request);
        return request.get(name);
    }

    @Test
    void aStrongTagIsGivenAsAWeakOne() {
        assertEquals("W/\"a\"", weakened("\"a\""));
        assertEquals("W/\"b\"", weakened("W/\"b\""));
        assertEquals("W/\"\"", weakened("\"\""));
        assertEquals(null, weakened("a"));
        assertEquals(null, weakened("\"a\"b\""));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', delimiter = '|', value = {"W/\"a\" | \"a\"", "W/\"x\", W/\"a\" ,\"a\",W/\"b\"|W/\"x\", \"a\" ,\"a\",W/\"b\"", "* | *", "W/\"a | W/\"a", "W/a | W/a",
        "\"W/\", W/\"a\" | \"W/\", \"a\"", "W/\"b\" | W/\"b\""})
    void aConditionNamesTheTagThatTheServiceHasGiven(String asked, String told) {
        weakened("\"a\"");
        weakened("W/\"b\"");
        assertEquals(told, restored("If-None-Match", asked));
        assertEquals(told, restored("if-match", asked));
    }

    /** Bytes of the content as it is behind some that were compressed: nobody could put them together. */
    @Test
    void aPartIsNeverAskedForByAStrongTag() {
        weakened("\"a\"");
        assertEquals("W/\"a\"", restored("If-Range", "W/\"a\""));
    }

    @Test
    void whatIsStillRightIsNamedAsTheVisitorKnowsIt() {
        Fields same = fields("ETag", "\"a\"");
        assertTrue(WeakenedTags.confirm(same, "\"b\", W/\"a\""));
        assertEquals("W/\"a\"", same.get("ETag"));
        for (String known : new String[] {"", "\"a\"", "W/\"b\"", "*"}) {
            Fields other = fields("ETag", "\"a\"");
            assertFalse(WeakenedTags.confirm(other, known));
            assertEquals("\"a\"", other.get("ETag"));
        }
        assertFalse(WeakenedTags.confirm(fields("Date", "now"), "W/\"a\""));
    }

    @Test
    void manyTagsTakeNoMoreMemoryAndMostAreKnown() {
        for (int i = 0; i < 1000; i++) {
            weakened("\"tag-" + i + "\"");
        }
        int known = 0;
        for (int i = 0; i < 1000; i++) {
            known += restored("If-None-Match", "W/\"tag-" + i + "\"").startsWith("W/") ? 0 : 1;
        }
        assertTrue(known > 800, known + " of 1,000");
        assertEquals("W/\"other\"", restored("If-None-Match", "W/\"other\""));
    }
}
