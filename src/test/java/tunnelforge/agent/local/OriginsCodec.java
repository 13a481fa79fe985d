package tunnelforge.agent.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import tunnelforge.fuzz.Codec;
import tunnelforge.http.Fields;

/** The fields that name an address, both ways, where the local service has a Host of its own, for the fuzzer. */
public final class OriginsCodec {
    private static final String[] TO_SERVICE = {"Origin", "Referer", "If", "Destination", "Forwarded", "Referer"};
    private static final String[] TO_VISITOR = {"Location", "Content-Location", "Link", "Refresh", "Set-Cookie", "Access-Control-Allow-Origin"};

    private OriginsCodec() {
    }

    /** One value a line, in the order of the names; the same for both ways. */
    public static Codec<?> origins() {
        return Codec.<List<String>>ofOctetText("origins", text -> {
            String[] values = text.split("\n", TO_SERVICE.length);
            Fields request = new Fields();
            Fields response = new Fields();
            request.add("Host", "fox.example");
            for (int i = 0; i < values.length; i++) {
                if (!Fields.isValue(values[i])) {
                    return null;
                }
                request.add(TO_SERVICE[i], values[i]);
                response.add(TO_VISITOR[i], values[i]);
            }
            Origins origins = Origins.of(request, new HostHeader("localhost:3000"), new Target.Tcp("localhost", 3000, false));
            origins.toService(request);
            origins.toVisitor(response);
            origins.toVisitor(response);
            assertEquals("localhost:3000", request.get("Host"));
            return request.all("Forwarded");
        }).from("https://fox.example\nhttps://fox.example/a?b\n(<https://fox.example/x> [\"e\"])\nhttps://fox.example:443/\nfor=192.0.2.1;host=\"fox.example\";proto=https, for=\"x;host=a\"\nfox.example",
            "http://localhost:3000/x\n//localhost:3000\n</a>; rel=x, <http://127.0.0.1:3000/>\n0; URL='http://localhost:3000/'\na=b; Domain=localhost; Path=/\nhttp://localhost:3000")
            .spicedWith("http://", "https://",
                "localhost:3000", "fox.example", "//", "<", ">", "url=", "host=", ";", "\"", "\n", "Domain=.localhost").allocates(8 * 1024, 96).suchThat(forwarded -> {
                    for (String value : forwarded) {
                        // What is outside of quotes; an odd value stays odd.
                        String bare = value.replaceAll("\"(?:localhost:3000)\"", "").replaceAll("(?s)\".*", "");
                        assertFalse(bare.matches("(?is)(.*[,;])?[ \t]*host=[^,;]+.*"), value);
                    }
                });
    }
}
