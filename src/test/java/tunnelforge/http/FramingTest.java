package tunnelforge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9112 section 6.3. */
class FramingTest {
    private static final Framing LENGTH_5 = new Framing.Length(5);

    private static Fields fields(String... namesAndValues) {
        Fields fields = new Fields();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }

    private static Framing request(int minorVersion, String... namesAndValues) throws HttpException {
        return Framing.ofRequest(new RequestHead("POST", "/", minorVersion, fields(namesAndValues)));
    }

    private static Framing response(int status, int minorVersion, String... namesAndValues) throws HttpException {
        return Framing.ofResponse(new ResponseHead(status, "", minorVersion, fields(namesAndValues)), "GET");
    }

    private static void requestRefused(int status, String... namesAndValues) {
        assertEquals(status, assertThrows(HttpException.class, () -> request(1, namesAndValues)).status());
        assertEquals(502, assertThrows(HttpException.class, () -> response(200, 1, namesAndValues)).status());
    }

    @ParameterizedTest
    @CsvSource({"'5,5'", "'5, 05 ,005'", "05", "'5,'", "'5,6'", "'+5,+5'", "''"})
    void aServiceMaySayOneLengthSeveralTimes(String value) throws Exception {
        boolean one = !value.contains("6") && !value.contains("+") && !value.isEmpty() && !value.endsWith(",");
        ResponseHead head = new ResponseHead(200, "", 1, fields("Content-Length", value, "Content-Length", value));
        if (one) {
            assertEquals(LENGTH_5, Framing.ofService(head, "GET"));
            assertEquals(List.of("5"), head.fields().all("Content-Length"));
        } else {
            assertEquals(502, assertThrows(HttpException.class, () -> Framing.ofService(head, "GET")).status());
        }
        requestRefused(400, "Content-Length", value, "Content-Length", value);
    }

    @Test
    void requestWithNeitherFieldHasNoBody() throws HttpException {
        assertEquals(Framing.NONE, request(1));
        assertEquals(Framing.NONE, request(0));
    }

    @Test
    void lengthsFromZeroToTheLargest() throws HttpException {
        assertEquals(LENGTH_5, request(1, "content-length", "5"));
        assertEquals(LENGTH_5, request(0, "Content-Length", "5"));
        assertEquals(new Framing.Length(0), request(1, "Content-Length", "0"));
        assertEquals(new Framing.Length(Long.MAX_VALUE), request(1, "Content-Length", "9223372036854775807"));
    }

    @Test
    void oddLengthsAreRefused() {
        for (String odd : new String[] {"", "+5", "-5", "5 5", "5,5", "5, 5", "0x5", "5.0", "5;", "05", "00", "five", "\u00b2",
            "9223372036854775808", "9999999999999999999", "18446744073709551621", "100000000000000000005"}) {
            requestRefused(400, "Content-Length", odd);
        }
    }

    @Test
    void repeatedLengthsAreRefusedEvenWhenTheyAgree() {
        requestRefused(400, "Content-Length", "5", "Content-Length", "5");
        requestRefused(400, "Content-Length", "5", "CONTENT-LENGTH", "6");
    }

    @Test
    void bothLengthAndTransferEncodingAreRefused() {
        requestRefused(400, "Content-Length", "5", "Transfer-Encoding", "chunked");
        requestRefused(400, "Transfer-Encoding", "identity", "Content-Length", "5");
        requestRefused(400, "Transfer-Encoding", "", "Content-Length", "5");
    }

    @Test
    void onlyPlainChunkedIsUnderstood() throws HttpException {
        assertEquals(Framing.CHUNKED, request(1, "Transfer-Encoding", "chunked"));
        assertEquals(Framing.CHUNKED, request(1, "transfer-encoding", "CHUNKED"));
        requestRefused(501, "Transfer-Encoding", "gzip, chunked");
        for (String odd : new String[] {"", "identity", "gzip", "chunked, chunked", "chunked, gzip", "xchunked", "chunkedx", "\"chunked\"",
            "chunked;q=1", "chunked x", "chunked;q=1, chunked"}) {
            requestRefused(400, "Transfer-Encoding", odd);
        }
        requestRefused(400, "Transfer-Encoding", "chunked", "Transfer-Encoding", "chunked");
        requestRefused(400, "Transfer-Encoding", "gzip", "Transfer-Encoding", "chunked");
    }

    @Test
    void transferEncodingInHttp10IsRefused() {
        assertEquals(400, assertThrows(HttpException.class, () -> request(0, "Transfer-Encoding", "chunked")).status());
        assertEquals(502, assertThrows(HttpException.class, () -> response(200, 0, "Transfer-Encoding", "chunked")).status());
    }

    @Test
    void responsesWithoutABodyWhateverTheirFieldsSay() throws HttpException {
        for (int status : new int[] {100, 101, 103, 204, 304}) {
            assertEquals(Framing.NONE, response(status, 1, "Content-Length", "5"));
            assertEquals(Framing.NONE, response(status, 1, "Transfer-Encoding", "chunked"));
            assertEquals(Framing.NONE, response(status, 1));
        }
        assertEquals(Framing.NONE, Framing.ofResponse(new ResponseHead(200, "", 1, fields("Content-Length", "5")), "HEAD"));
    }

    @Test
    void otherResponses() throws HttpException {
        assertEquals(LENGTH_5, response(200, 1, "Content-Length", "5"));
        assertEquals(LENGTH_5, response(500, 0, "Content-Length", "5"));
        assertEquals(Framing.CHUNKED, response(200, 1, "Transfer-Encoding", "chunked"));
        assertEquals(Framing.UNTIL_CLOSE, response(200, 1));
        assertEquals(Framing.UNTIL_CLOSE, response(205, 0));
    }

    @Test
    void negativeLengthIsABug() {
        assertThrows(IllegalArgumentException.class, () -> new Framing.Length(-1));
    }
}
