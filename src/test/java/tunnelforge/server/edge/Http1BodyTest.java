package tunnelforge.server.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import tunnelforge.http.Framing;
import tunnelforge.http.HttpReader;
import tunnelforge.http.Room;
import tunnelforge.net.Clock;
import tunnelforge.server.access.Figures;
import tunnelforge.wire.Limits;

final class Http1BodyTest {
    private static final String HEAD = "POST / HTTP/1.1\r\nHost: example\r\nTransfer-Encoding: chunked\r\n\r\n";

    /** The task that sends a body on asked the reader for its trailers when that was in the next request already. */
    @Test
    void theTrailersAreThoseOfThisRequestWhenTheNextOneIsBeingRead() throws Exception {
        byte[] both = (HEAD + "2\r\nab\r\n0\r\nFirst: 1\r\n\r\n" + HEAD + "0\r\nSecond: 2\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        HttpReader reader = new HttpReader(new ByteArrayInputStream(both), 1024, Room.UNLIMITED);
        Http1Body first = begin(reader);
        readToEnd(first);
        Http1Body second = begin(reader);
        assertEquals("1", first.trailers().get("First"));
        assertTrue(first.ready());
        readToEnd(second);
        assertEquals(1, first.trailers().size());
        assertEquals("2", second.trailers().get("Second"));
    }

    private static Http1Body begin(HttpReader reader) throws Exception {
        reader.readRequest(Limits.MAX_VISITOR_HEAD);
        reader.startBody(Framing.CHUNKED);
        return new Http1Body(reader, () -> () -> { }, Long.MAX_VALUE, new RequestNotes(Figures.begin(Clock.SYSTEM), null, null, false));
    }

    private static void readToEnd(Http1Body body) throws Exception {
        byte[] piece = new byte[100];
        while (!body.ended()) {
            body.read(piece, 0, piece.length);
        }
    }
}
