package tunnelforge.agent.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import tunnelforge.fuzz.Codec;
import tunnelforge.http.Fields;
import tunnelforge.http.HttpException;

/** The paths of a served directory, for the fuzzer. */
public final class RequestPathCodec {
    private RequestPathCodec() {
    }

    public static Codec<?> paths() {
        return Codec.<RequestPath>ofOctetText("request-paths", RequestPath::parse).from("/", "/a/b%20c", "/a/?x=/../%zz", "/100%25/%252e%252e/%C3%a9/\u00c3\u00a9/+",
                "/..a/.../.a/a../a%0Ab", "/%2e%2e/", "//a", "/%2F", "/%5c",
            "/%00", "/%c0%af", "/%ed%a0%80", "*", "http://a/b")
            .spicedWith("/", "..", "%2e", "%2f", "%5c", "\\", "%00", "%25", "?", "%c3%a9")
            .refusesBy(HttpException.class, NoSuchFileException.class)
            .allocates(32 * 1024, 224).suchThat(path -> {
                assertEquals(path.segments(), RequestPath.parse(path.asDirectory()).segments());
                assertTrue(Fields.isValue(path.asDirectory()));
                Path root = Path.of("/srv/www");
                Path file = root;
                for (String segment : path.segments()) {
                    file = file.resolve(segment);
                }
                assertEquals(root.getNameCount() + path.segments().size(), file.normalize().getNameCount());
                assertTrue(file.normalize().startsWith(root), file::toString);
            });
    }
}
