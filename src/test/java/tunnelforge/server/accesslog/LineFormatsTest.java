package tunnelforge.server.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tunnelforge.json.JsonNull;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.server.edge.Served;

/** What a line says, and that nothing that a visitor says makes another line, or another field, of it. */
final class LineFormatsTest {
    private static final int ROUNDS = 20_000;
    private static final Pattern ESCAPED = Pattern.compile("\\\\x([0-9A-F]{2})");

    private final CombinedFormat combined = new CombinedFormat(ZoneId.of("America/St_Johns"));
    private final JsonFormat json = new JsonFormat();

    private static String line(LineFormat format, Served served) {
        LineBytes bytes = new LineBytes();
        format.write(served, bytes);
        String line = StandardCharsets.UTF_8.decode(bytes.written()).toString();
        assertTrue(line.endsWith("\n"), line);
        String text = line.substring(0, line.length() - 1);
        assertTrue(text.chars().allMatch(c -> c >= ' ' && c <= '~'), text);
        return text;
    }

    private static String octets(int from, int to) {
        StringBuilder octets = new StringBuilder();
        for (int i = from; i <= to; i++) {
            octets.append((char) i);
        }
        return octets.toString();
    }

    /** What a program reads that undoes what nginx has escaped. */
    private static String unescaped(String field) {
        return ESCAPED.matcher(field).replaceAll(found -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(found.group(1), 16))));
    }

    private JsonObject object(Served served) throws Exception {
        return JsonReader.parseObject(line(json, served));
    }

    @Test
    void aCombinedLineIsThatOfApacheAndNginx() {
        assertEquals("127.0.0.1 - - [26/Dec/2026:08:30:00 -0330] \"GET /a?b=c HTTP/1.1\" 200 2 \"-\" \"-\"", line(combined, ServedSamples.get("/a?b=c")));
        assertEquals("127.0.0.1 - eve [26/Dec/2026:08:30:00 -0330] \"PUT /a HTTP/1.0\" 200 2 \"http://r/\" \"curl\"",
                line(combined, ServedSamples.request(new Served.Asked(null, "PUT", "/a", 0, "http://r/", "curl"), "eve")));
    }

    @Test
    void whatNginxEscapesIsEscapedAsByNginx() {
        String line = line(combined, ServedSamples.request(new Served.Asked(null, "GET", "/\u00e9", 1, "a\"b\\c", "\t\u007f~ "), null));
        assertTrue(line.endsWith("\"GET /\\xE9 HTTP/1.1\" 200 2 \"a\\x22b\\x5Cc\" \"\\x09\\x7F~ \""), line);
    }

    @Test
    void aLineThatCouldNotBeReadStandsWhereTheRequestLineWould() {
        assertTrue(line(combined, ServedSamples.request(new Served.Asked("\u0016\u0003\u0001 \"", null, null, 1, null, null), null)).contains("] \"\\x16\\x03\\x01 \\x22\" 200"));
        assertTrue(line(combined, ServedSamples.request(new Served.Asked("", null, null, 1, null, null), null)).contains("] \"\" 200"));
    }

    @Test
    void aSessionHasNoCombinedLine() {
        assertFalse(combined.tells(ServedSamples.session()));
        assertTrue(json.tells(ServedSamples.session()));
    }

    @Test
    void aNameCannotEndItsField() {
        Matcher fields = ServedSamples.combined(line(combined, ServedSamples.request(new Served.Asked(null, "GET", "/", 1, null, null), "a [b] \"c\" zo\u00eb\n")));
        assertEquals("a\\x20\\x5Bb\\x5D\\x20\\x22c\\x22\\x20zo\\xC3\\xAB\\x0A", fields.group(2));
    }

    @Test
    void everyOctetComesBackFromEveryField() throws Exception {
        String all = octets(0, 255);
        Served served = ServedSamples.request(new Served.Asked(null, "GET", all, 1, all, all), all);
        Matcher fields = ServedSamples.combined(line(combined, served));
        assertEquals("GET " + all + " HTTP/1.1", unescaped(fields.group(4)));
        assertEquals(all, unescaped(fields.group(7)));
        assertEquals(all, unescaped(fields.group(8)));
        JsonObject object = object(served);
        assertEquals(all, object.string("target"));
        assertEquals(all, object.string("referer"));
        assertEquals(all, object.string("user_agent"));
        assertEquals(all, object.string("user"));
    }

    @Test
    void nothingThatIsSaidMakesAnotherFieldOrLine() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        String liked = "\"\\ []-\r\n\t\u0000\u007f\u0085\u00ff{}:,'xu0a";
        for (int round = 0; round < ROUNDS; round++) {
            String[] said = new String[3];
            for (int i = 0; i < said.length; i++) {
                StringBuilder text = new StringBuilder();
                for (int length = random.nextInt(12); length > 0; length--) {
                    text.append(random.nextBoolean() ? liked.charAt(random.nextInt(liked.length())) : (char) random.nextInt(256));
                }
                said[i] = text.toString();
            }
            Served served = ServedSamples.request(new Served.Asked(null, "GET", said[0], 1, said[1], said[2]), said[0]);
            Matcher fields = ServedSamples.combined(line(combined, served));
            String where = "seed " + seed + ", round " + round;
            assertEquals("200", fields.group(5), where);
            assertEquals(said[1], unescaped(fields.group(7)), where);
            JsonObject object = object(served);
            assertEquals(said[0], object.string("target"), where);
            assertEquals(said[2], object.string("user_agent"), where);
        }
    }

    @Test
    void jsonHasAllThatIsKnown() throws Exception {
        assertEquals("{\"time\":\"2026-12-26T12:00:00.123Z\",\"protocol\":\"https\",\"visitor\":\"127.0.0.1\",\"user\":\"eve\",\"host\":\"a.example\",\"account\":\"default\","
                + "\"method\":\"PUT\",\"target\":\"/a?b\",\"unread\":null,\"status\":200,\"error\":null,\"complete\":true,\"bytes_in\":1,\"bytes_out\":2,\"duration_ms\":12.345,"
                + "\"wait_ms\":0.001,\"agent_ms\":2.000,\"resent\":0,\"request_id\":\"id\",\"referer\":\"r\",\"user_agent\":\"u\"}",
                line(json, ServedSamples.request(new Served.Asked(null, "PUT", "/a?b", 1, "r", "u"), "eve")));
    }

    @Test
    void aSessionHasTheSameNamesInJson() throws Exception {
        JsonObject session = object(ServedSamples.session());
        assertEquals(object(ServedSamples.get("/")).members().keySet(), session.members().keySet());
        assertEquals("tcp", session.string("protocol"));
        assertEquals("a.example:20000", session.string("host"));
        assertEquals(10, session.integer("bytes_in", 0, 100));
        assertEquals(JsonNull.NULL, session.get("method"));
    }
}
