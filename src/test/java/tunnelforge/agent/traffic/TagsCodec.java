package tunnelforge.agent.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import tunnelforge.fuzz.Codec;
import tunnelforge.http.Fields;

/** The conditions of visitors where one tag has been weakened, for the fuzzer. */
public final class TagsCodec {
    private TagsCodec() {
    }

    public static Codec<?> tags() {
        return Codec.<String>ofOctetText("entity-tags", text -> {
            if (!Fields.isValue(text)) {
                return null;
            }
            WeakenedTags tags = new WeakenedTags();
            Fields response = new Fields();
            response.add("ETag", "\"a\"");
            tags.weaken(response);
            Fields request = new Fields();
            request.add("If-None-Match", text);
            tags.restore(request);
            String restored = request.get("If-None-Match");
            assertEquals(text.replace("W/", ""), restored.replace("W/", ""));
            return restored;
        }).from("W/\"a\"", "W/\"b\", W/\"a\",\"a\"", "*", "\"W/\", W/\"a\"", "W/\"a").spicedWith("W/\"a\"", "W/", "\"", ",", "W/\"b\"").allocates(64 * 1024, 64).suchThat(restored -> {
            assertTrue(Fields.isValue(restored));
            assertFalse(restored.matches("W/\"a\"(, .*)?"), restored);
        });
    }
}
