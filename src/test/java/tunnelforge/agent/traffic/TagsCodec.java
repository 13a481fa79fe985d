package tunnelforge.agent.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tunnelforge.fuzz.Codec;
import tunnelforge.http.Fields;

/** The conditions of visitors where one tag has been weakened, for the fuzzer. */
public final class TagsCodec {
    private static final Pattern TAG = Pattern.compile("(W/)?(\"[^\"]*\")");

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
            assertEquals(TAG.matcher(text).replaceAll(found -> Matcher.quoteReplacement(found.group(2).equals("\"a\"") ? found.group(2) : found.group())), restored);
            return restored;
        }).from("W/\"a\"", "W/\"b\", W/\"a\",\"a\"", "*", "\"W/\", W/\"a\"", "W/\"a").spicedWith("W/\"a\"", "W/", "\"", ",", "W/\"b\"").allocates(64 * 1024, 256).suchThat(restored -> assertTrue(Fields.isValue(restored)));
    }
}
