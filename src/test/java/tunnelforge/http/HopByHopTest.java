package tunnelforge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** RFC 9110 section 7.6.1 and 7.8, RFC 9112 section 9.3. */
class HopByHopTest {
    private static Fields of(String... namesAndValues) {
        Fields fields = new Fields();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }

    private static String stripped(String... namesAndValues) {
        Fields fields = of(namesAndValues);
        HopByHop.strip(fields);
        StringBuilder out = new StringBuilder();
        Transcript.fields(fields, out);
        return out.toString();
    }

    @Test
    void fieldsOfTheHopAreRemovedAndOthersStay() {
        assertEquals(" [Host=a] [Trailer=Sum] [X=y]", stripped("Host", "a", "connection", "close", "Keep-Alive", "timeout=5", "Trailer", "Sum",
            "Proxy-Connection", "keep-alive", "Transfer-Encoding", "chunked", "UPGRADE", "websocket", "TE", "gzip", "X", "y"));
    }

    @Test
    void whatConnectionNamesIsRemoved() {
        assertEquals(" [Host=a]", stripped("X-One", "1", "Host", "a", "Connection", "close, x-one", "HTTP2-Settings", "x", "x-ONE", "2",
            "Connection", "HTTP2-Settings,,", "Forwarded", "for=x", "connection", "forwarded"));
    }

    @Test
    void connectionCannotNameAwayRoutingFramingOrCredentials() {
        assertEquals(" [Host=a] [Content-Length=5] [Authorization=x] [Cookie=y] [Cache-Control=no-store] [Trailer=Sum]",
            stripped("Host", "a", "Content-Length", "5", "Authorization", "x", "Cookie", "y", "Cache-Control", "no-store", "Trailer", "Sum",
                "Connection", "host, content-length, authorization, cookie, cache-control, trailer, transfer-encoding"));
    }

    @Test
    void aConnectionOfManyNamesCostsLittle() {
        String[] lines = new String[2 * Heads.MAX_FIELD_LINES];
        for (int i = 0; i < lines.length; i += 2) {
            lines[i] = "b";
            lines[i + 1] = "x";
        }
        Fields fields = of(lines);
        fields.set("Connection", "a,".repeat(1_000_000));
        assertTimeout(Duration.ofSeconds(30), () -> HopByHop.strip(fields));
        assertEquals(Heads.MAX_FIELD_LINES, fields.size());
    }

    @Test
    void imitationsEndHereToo() {
        assertEquals(" [Host=a] [Content-Length=5] [X-Content_Length=y]", stripped("Host", "a", "Content-Length", "5", "Content_Length", "6", "content.length", "7",
            "Transfer_Encoding", "chunked", "Transfer.Encoding", "chunked", "Keep_Alive", "x", "Proxy_Connection", "x", "X-Content_Length", "y",
            "X_Forwarded_For", "1.2.3.4", "Tunnelforge_Request_Id", "x", "Proxy", "http://evil"));
        assertEquals(" [Content-Length=5]", stripped("Content-Length", "5", "Content_Length", "6", "Connection", "Content_Length, X_Real_IP", "X_Real_IP", "1.2.3.4"));
    }

    /** RFC 9110 section 10.1.4. */
    @Test
    void teIsOfThisConnectionAndSaysMoreOnlyTogetherWithConnection() {
        assertEquals("", stripped("Connection", "TE", "te", "gzip;q=0.5, Trailers"));
        assertTrue(HopByHop.takesTrailers(of("Connection", "keep-alive, te", "te", "gzip;q=0.5, Trailers")));
        assertFalse(HopByHop.takesTrailers(of("TE", "trailers")));
        assertFalse(HopByHop.takesTrailers(of("Connection", "TE", "TE", "deflate")));
        assertFalse(HopByHop.takesTrailers(of("Connection", "TE")));
    }

    @Test
    void trailersLoseWhatMayNotBeOne() {
        Fields trailers = of("Sum", "1", "Host", "a", "content-length", "5", "Transfer-Encoding", "chunked", "Set-Cookie", "x", "TE", "trailers",
            "Trailer", "x", "Connection", "y", "Y", "2", "Content_Length", "6", "Transfer.Encoding", "x", "Authorization", "z", "Content-Type", "w", "Grpc-Status", "0");
        HopByHop.stripTrailers(trailers);
        assertEquals(2, trailers.size());
        assertEquals("1", trailers.get("Sum"));
        assertEquals("0", trailers.get("grpc-status"));
    }

    @Test
    void requestsThatPersist() {
        assertTrue(HopByHop.persists(new RequestHead("GET", "/", 1, of())));
        assertFalse(HopByHop.persists(new RequestHead("GET", "/", 1, of("Connection", "Close"))));
        assertFalse(HopByHop.persists(new RequestHead("GET", "/", 0, of())));
        assertTrue(HopByHop.persists(new RequestHead("GET", "/", 0, of("Connection", "Keep-Alive"))));
        assertFalse(HopByHop.persists(new RequestHead("GET", "/", 0, of("Connection", "keep-alive, close"))));
    }

    @Test
    void responsesThatPersist() {
        assertTrue(persists(200, 1, new Framing.Length(1)));
        assertTrue(persists(200, 1, Framing.CHUNKED));
        assertFalse(persists(200, 1, Framing.UNTIL_CLOSE));
        assertFalse(persists(200, 0, new Framing.Length(1)));
        assertTrue(persists(200, 0, new Framing.Length(1), "Connection", "keep-alive"));
        assertFalse(persists(200, 1, Framing.CHUNKED, "Connection", "close"));
        assertFalse(persists(101, 1, Framing.NONE));
        assertFalse(persists(304, 1, Framing.NONE, "Content-Length", "5"));
        assertTrue(persists(304, 1, Framing.NONE));
        assertFalse(persists(200, 1, Framing.NONE), "to HEAD");
        assertFalse(persists(304, 1, Framing.NONE, "Transfer-Encoding", "chunked"));
        assertFalse(persists(200, 1, Framing.NONE, "Content-Length", "5"), "to HEAD");
        assertTrue(persists(204, 1, Framing.NONE, "Content-Length", "0"));
        assertFalse(persists(204, 1, Framing.NONE, "Content-Length", "5"));
        assertFalse(persists(204, 1, Framing.NONE, "Transfer-Encoding", "chunked"));
    }

    private static boolean persists(int status, int minorVersion, Framing framing, String... namesAndValues) {
        return HopByHop.persists(new ResponseHead(status, "", minorVersion, of(namesAndValues)), framing, true);
    }
}
