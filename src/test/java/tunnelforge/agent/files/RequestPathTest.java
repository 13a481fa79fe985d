package tunnelforge.agent.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.http.HttpException;

class RequestPathTest {
    private static int refused(String target) {
        return assertThrows(HttpException.class, () -> RequestPath.parse(target)).status();
    }

    @Test
    void namesAreDecodedOnce() throws IOException {
        assertEquals(new RequestPath(List.of(), true, ""), RequestPath.parse("/"));
        assertEquals(new RequestPath(List.of("a", "b c"), false, ""), RequestPath.parse("/a/b%20c"));
        assertEquals(new RequestPath(List.of("a"), true, "?x=/../%zz"), RequestPath.parse("/a/?x=/../%zz"));
        assertEquals(List.of("100%", "%2e%2e", "é", "é", "+"), RequestPath.parse("/100%25/%252e%252e/%C3%a9/\u00c3\u00a9/+").segments());
        assertEquals(List.of("..a", "...", ".a", "a..", "a\nb"), RequestPath.parse("/..a/.../.a/a../a%0Ab").segments());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/..", "/../", "/a/../b", "/%2e%2e/", "/.%2E/x", "/%2e./x", "/.", "/./a", "/a/%2e", "//", "//a", "/a//b", "//host/.."})
    void noNameLeadsUpwards(String target) {
        assertThrows(NoSuchFileException.class, () -> RequestPath.parse(target));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "*", "a", "http://host/a", "/%", "/%4", "/%4g", "/a%", "/% 1", "/%-1", "/%+1", "/%00", "/a%00.html", "/..%2f..%2fetc", "/a%2Fb", "/a%5cb",
        "/..\\..\\etc", "/%5c..", "/%ff", "/%c0%af", "/%c0%ae%c0%ae/", "/%ed%a0%80", "/\u00ff"})
    void whatIsNoNameIsABadRequest(String target) {
        assertEquals(400, refused(target));
    }

    @Test
    void everyCharacterSurvivesALink() throws IOException {
        StringBuilder name = new StringBuilder("\uD83D\uDE00 \u202e");
        for (char c = 1; c < 0x180; c++) {
            name.append(c == '/' || c == '\\' ? "" : c);
        }
        assertEquals(List.of(name.toString()), RequestPath.parse("/" + RequestPath.encoded(name.toString())).segments());
        assertEquals("/a%20b/%3Cc%3E/", new RequestPath(List.of("a b", "<c>"), false, "?").asDirectory());
    }

    @Test
    void mutatedTargetsGiveNamesWithoutSeparatorsOrARefusal() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        String[] parts = {"/", "..", ".", "%2e", "%2E%2e", "%2f", "%5c", "\\", "%", "%00", "%25", "2e", "a", "?", "\u00e9", "%c3%a9", "%c3"};
        for (int round = 0; round < 50_000; round++) {
            StringBuilder target = new StringBuilder("/");
            for (int i = random.nextInt(8); i > 0; i--) {
                target.append(parts[random.nextInt(parts.length)]);
            }
            try {
                for (String name : RequestPath.parse(target.toString()).segments()) {
                    assertFalse(name.isEmpty() || name.equals(".") || name.equals("..") || name.matches("(?s).*[/\\\\\0].*"), "seed " + seed + ": " + target);
                }
            } catch (HttpException | NoSuchFileException expected) {
                // Refused.
            } catch (RuntimeException e) {
                fail("seed " + seed + ": " + target, e);
            }
        }
    }
}
