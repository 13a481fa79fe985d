package tunnelforge.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tunnelforge.json.JsonException;

class JsonExchangeTest {
    private static JsonExchange.Response response(String rest) throws JsonException {
        return JsonExchange.parseResponse("{\"type\":\"response\",\"request_id\":\"r\",\"status_code\":200" + rest + "}");
    }

    private static void assertRefused(String messagePart, String rest) {
        String message = assertThrows(JsonException.class, () -> response(rest), rest).getMessage();
        assertTrue(message.contains(messagePart), message);
    }

    @Test
    void requestBothWays() throws JsonException {
        byte[] body = "xHello".getBytes(StandardCharsets.US_ASCII);
        String json = JsonExchange.request("r1", "POST", "/a?b=\u00e9", List.of("Host", "a.example", "Accept", "x", "X-Octet", "\u00ff",
                "accept", "y", "Transfer-Encoding", "chunked", "Content-Length", "5"), body, 1, 5, false);
        assertEquals("{\"type\":\"request\",\"request_id\":\"r1\",\"method\":\"POST\",\"path\":\"/a?b=\u00e9\",\"headers\":{"
                + "\"Host\":\"a.example\",\"Accept\":[\"x\",\"y\"],\"X-Octet\":\"\u00ff\",\"Content-Length\":\"5\"},\"body\":\"SGVsbG8=\"}", json);
        JsonExchange.Request read = JsonExchange.parseRequest(json);
        assertEquals("r1", read.requestId());
        assertEquals("POST", read.method());
        assertEquals("/a?b=\u00e9", read.path());
        assertEquals(List.of("Host", "a.example", "Accept", "x", "Accept", "y", "X-Octet", "\u00ff"), read.headers());
        assertEquals(5, read.contentLength());
        assertArrayEquals("Hello".getBytes(StandardCharsets.US_ASCII), read.body());
        assertEquals(false, read.bodyFollows());
    }

    @Test
    void responseBothWays() throws JsonException {
        String json = JsonExchange.response("r1", 404, List.of("Set-Cookie", "a=1", "Set-Cookie", "b=2"), null, 0, 0, true);
        assertEquals("{\"type\":\"response\",\"request_id\":\"r1\",\"status_code\":404,\"headers\":{\"Set-Cookie\":[\"a=1\",\"b=2\"]},"
                + "\"body_follows\":true}", json);
        JsonExchange.Response read = JsonExchange.parseResponse(json);
        assertEquals(404, read.status());
        assertEquals(List.of("Set-Cookie", "a=1", "Set-Cookie", "b=2"), read.headers());
        assertNull(read.body());
        assertTrue(read.bodyFollows());
        assertEquals(-1, read.contentLength());
    }

    @Test
    void withoutHeadersAndBodyThereAreNone() throws JsonException {
        JsonExchange.Response read = response(",\"body\":null,\"headers\":null");
        assertEquals(List.of(), read.headers());
        assertNull(read.body());
        assertEquals(false, read.bodyFollows());
        assertEquals(0, response(",\"body\":\"\"").body().length);
    }

    @Test
    void theFieldsThatFrameABodyAreIgnoredWhateverTheirForm() throws JsonException {
        JsonExchange.Response read = response(",\"headers\":{\"content-LENGTH\":[1,2],\"Transfer-Encoding\":{},\"A\":[]}");
        assertEquals(List.of(), read.headers());
        assertEquals(-1, read.contentLength());
        assertEquals(1234567, response(",\"headers\":{\"Content-Length\":\"1234567\"}").contentLength());
        for (String odd : new String[] {"", "-1", "+1", " 1", "1,1", "0x1", "9999999999999999999"}) {
            assertEquals(-1, response(",\"headers\":{\"Content-Length\":\"" + odd + "\"}").contentLength(), odd);
        }
    }

    @Test
    void blanksAroundValuesAreDroppedAndTabsWithinKept() throws JsonException {
        assertEquals(List.of("A", "b\tc", "D", ""), response(",\"headers\":{\"A\":\" \\tb\\tc \",\"D\":\" \"}").headers());
    }

    @Test
    void whatCouldBeReadAsAnotherHeadIsRefused() {
        for (String name : new String[] {"", "a b", "a:", "a\\r\\n", "\u00e9", "a\\u0000"}) {
            assertRefused("a name that is not a token", ",\"headers\":{\"" + name + "\":\"x\"}");
        }
        for (String value : new String[] {"x\\r\\ny: z", "x\\ny", "\\u0000", "x\\u007f", "\u0100"}) {
            assertRefused("field 'A' of 'headers' must be", ",\"headers\":{\"A\":\"" + value + "\"}");
        }
        for (String value : new String[] {"1", "true", "null", "{}", "[1]", "[[\"x\"]]"}) {
            assertRefused("field 'A' of 'headers' must be a string", ",\"headers\":{\"A\":" + value + "}");
        }
        for (String path : new String[] {"", "a b", "/\\n", "/\u0100", "/\\u007f"}) {
            assertThrows(JsonException.class, () -> JsonExchange.parseRequest(
                    "{\"type\":\"request\",\"request_id\":\"r\",\"method\":\"GET\",\"path\":\"" + path + "\"}"), path);
        }
        assertThrows(JsonException.class, () -> JsonExchange.parseRequest(
                "{\"type\":\"request\",\"request_id\":\"r\",\"method\":\"GE T\",\"path\":\"/\"}"));
    }

    @Test
    void headersAtTheirLimitsAreTakenAndOnePastRefused() throws JsonException {
        String line = "\"x\",";
        assertEquals(432, response(",\"headers\":{\"A\":[" + line.repeat(215) + "\"x\"]}").headers().size());
        assertRefused("more than 216 lines", ",\"headers\":{\"A\":[" + line.repeat(216) + "\"x\"]}");
        String most = "x".repeat(Limits.MAX_RESPONSE_HEAD - "A: \r\n".length());
        assertEquals(most, response(",\"headers\":{\"A\":\"" + most + "\"}").headers().get(1));
        assertRefused("over the limit of 131072 bytes", ",\"headers\":{\"A\":\"" + most + "x\"}");
    }

    @Test
    void statusAndIdsHaveTheirRange() {
        for (String json : new String[] {
            "{\"type\":\"response\",\"request_id\":\"r\",\"status_code\":199}",
            "{\"type\":\"response\",\"request_id\":\"r\",\"status_code\":1000}",
            "{\"type\":\"response\",\"request_id\":\"r\",\"status_code\":\"200\"}",
            "{\"type\":\"response\",\"request_id\":\"\",\"status_code\":200}",
            "{\"type\":\"response\",\"status_code\":200}",
            "{\"type\":\"request\",\"request_id\":\"r\",\"status_code\":200}"}) {
            assertThrows(JsonException.class, () -> JsonExchange.parseResponse(json), json);
        }
    }

    @Test
    void base64IsStrict() throws JsonException {
        assertArrayEquals(new byte[] {(byte) 0xfb, (byte) 0xff}, response(",\"body\":\"+/8=\"").body());
        for (String odd : new String[] {"A", "AA", "AAA", "AA==AA==", "A===", "====", "-_8=", "AA\\n==", "AAAA\\n", "AA =", "\u00e9AAA"}) {
            assertRefused("'body' must be base64", ",\"body\":\"" + odd + "\"");
        }
        assertRefused("'body' must be a string", ",\"body\":1");
        assertRefused("'body' cannot be there when the body follows", ",\"body\":\"\",\"body_follows\":true");
    }

    @Test
    void inlineBodyAtItsLimitIsTakenAndOnePastMustFollow() throws JsonException {
        byte[] most = new byte[Limits.JSON_INLINE_BODY];
        String json = JsonExchange.response("r", 200, List.of(), most, 0, most.length, false);
        assertTrue(json.length() < Limits.MAX_MESSAGE_JSON);
        assertArrayEquals(most, JsonExchange.parseResponse(json).body());
        for (int more = 1; more <= 4; more++) {
            byte[] tooMuch = new byte[most.length + more];
            assertThrows(IllegalArgumentException.class,
                    () -> JsonExchange.response("r", 200, List.of(), tooMuch, 0, tooMuch.length, false));
            assertRefused("over the limit of 1048576", ",\"body\":\"" + Base64.getEncoder().encodeToString(tooMuch) + "\"");
        }
        assertThrows(IllegalArgumentException.class, () -> JsonExchange.response("r", 200, List.of(), most, 0, 1, true));
    }

    @Test
    void anAnswerIsAResponseAnErrorOrUnknown() throws JsonException {
        JsonExchange.Answer answer = JsonExchange.parseAnswer("{\"type\":\"response\",\"request_id\":\"r\",\"status_code\":204}");
        assertEquals(204, assertInstanceOf(JsonExchange.Response.class, answer).status());
        answer = JsonExchange.parseAnswer("{\"type\":\"error\",\"code\":504,\"message\":\"slow\"}");
        assertEquals(ResetCode.UPSTREAM_TIMEOUT, assertInstanceOf(ServerMessage.Error.class, answer).asReset());
        answer = JsonExchange.parseAnswer("{\"type\":\"progress\"}");
        assertEquals(new JsonExchange.Unknown("progress"), answer);
        assertThrows(JsonException.class, () -> JsonExchange.parseAnswer("{\"type\":\"error\",\"code\":5,\"message\":\"\"}"));
    }

    @Test
    void randomExchangesComeOutAsTheyWentIn() throws JsonException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            List<String> headers = new ArrayList<>();
            for (int i = random.nextInt(6); i > 0; i--) {
                headers.add("X-" + i);
                StringBuilder value = new StringBuilder("v");
                for (int n = random.nextInt(20); n > 0; n--) {
                    int c = random.nextInt(256);
                    value.append(c < 32 || c == 127 ? 'x' : (char) c);
                }
                headers.add(value.append('v').toString());
            }
            byte[] body = new byte[random.nextInt(400)];
            random.nextBytes(body);
            JsonExchange.Response read = JsonExchange.parseResponse(
                    JsonExchange.response("r", random.nextInt(200, 1000), headers, body, 0, body.length, false));
            assertEquals(headers, read.headers(), "seed " + seed);
            assertArrayEquals(body, read.body(), "seed " + seed);
        }
    }

    @Test
    void mutatedAnswersAreReadOrRefusedWithAnExceptionOfOurs() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        String original = JsonExchange.response("r1", 200, List.of("A", "b", "Content-Length", "5", "C", "d", "C", "e"),
                new byte[] {1, 2, 3, 4}, 0, 4, false);
        String marks = "\"\\{}[]:,09-.=A+/n \r\u0000\u00ff\u0100";
        for (int round = 0; round < 10_000; round++) {
            StringBuilder text = new StringBuilder(original);
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                text.setCharAt(random.nextInt(text.length()), marks.charAt(random.nextInt(marks.length())));
            }
            try {
                JsonExchange.parseAnswer(text.toString());
            } catch (JsonException expected) {
                // What a broken peer leads to.
            } catch (RuntimeException e) {
                fail("seed " + seed + ", round " + round + ": " + text, e);
            }
        }
    }

    @Test
    void aRefusalShowsNoLongFieldName() {
        String message = assertThrows(JsonException.class, () -> response(",\"headers\":{\"" + "x".repeat(100_000) + "\":1}")).getMessage();
        assertTrue(message.length() < 250, message);
    }
}
