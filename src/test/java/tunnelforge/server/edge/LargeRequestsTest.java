package tunnelforge.server.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.http.CountedRoom;
import tunnelforge.http.Fields;
import tunnelforge.http.RequestHead;
import tunnelforge.http.Room;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.Ledger;
import tunnelforge.net.Listener;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.Figures;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.Shares;
import tunnelforge.server.access.TurnedAway;
import tunnelforge.server.tunnel.LocalTunnels;
import tunnelforge.server.tunnel.PublicAddresses;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.TunnelError;

/** Many visitors with large heads ended a server: what they make it keep is charged, given back, and refused with an answer when there is no memory for it. */
final class LargeRequestsTest {
    private static final int HEAD = 60 * 1024;
    private static final String DOMAIN = "tunnel.example";

    private final RecordingLog log = new RecordingLog();
    private final Tasks tasks = new Tasks(log.log());
    private Ticker ticker;
    private Listener listener;
    private Callers callers;

    @BeforeEach
    void start() throws IOException {
        ticker = new Ticker(log.log());
        listener = new Listener("visitor", InetAddress.getLoopbackAddress(), 0, 10, tasks, ticker, new Ledger(Long.MAX_VALUE), log.log());
    }

    @AfterEach
    void stop() throws InterruptedException {
        listener.close();
        assertTrue(tasks.awaitNone(Eventually.LIMIT));
        ticker.close();
    }

    private Peer visit(Room room) throws IOException {
        PublicAddresses addresses = new PublicAddresses(DOMAIN, 443, 80);
        TurnedAway turnedAway = new TurnedAway("visitors_refused", "visitors", ticker, log.log());
        Edge edge = new Edge(new Router(new LocalTunnels(ticker), addresses), null, null, null, addresses, List.of(), null, Long.MAX_VALUE, room, Figures.begin(ticker.clock()), tasks, turnedAway, null, log.log());
        callers = new Callers(new Shares(), 10, new Ledger(Long.MAX_VALUE), new Ledger(Long.MAX_VALUE), 0, ticker, turnedAway);
        listener.start(connection -> callers.serve(connection, caller -> new Http1Connection(caller, edge).run()));
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port());
        return new Peer(socket, socket);
    }

    private static String head(int bytes) {
        String lines = "GET / HTTP/1.1\r\nHost: nobody." + DOMAIN + "\r\nLarge: ";
        return lines + "x".repeat(bytes - lines.length() - 4) + "\r\n\r\n";
    }

    @Test
    void aHeadForWhichThereIsNoMemoryIsAnswered() throws Exception {
        try (Peer visitor = visit(Room.NONE)) {
            Message answer = visitor.send(head(HEAD)).readResponse();
            assertEquals(503, answer.status());
            assertEquals("TF-OVERLOADED", answer.get("TunnelForge-Error"));
            assertEquals("close", answer.get("Connection"));
        }
    }

    @Test
    void aSmallHeadNeedsNone() throws Exception {
        try (Peer visitor = visit(Room.NONE)) {
            assertEquals(404, visitor.send(head(8 * 1024)).readResponse().status());
        }
    }

    @Test
    void aLargeHeadIsGivenBackWhenItHasBeenRead() throws Exception {
        CountedRoom room = new CountedRoom(1024 * 1024);
        try (Peer visitor = visit(room)) {
            assertEquals(404, visitor.send(head(HEAD)).readResponse().status());
            assertEquals(404, visitor.send(head(100)).readResponse().status());
            assertTrue(room.most() >= HEAD, "most: " + room.most());
            assertEquals(0, room.used());
        }
    }

    @Test
    void halfALargeHeadIsGivenBackWhenItsVisitorLeaves() throws Exception {
        CountedRoom room = new CountedRoom(1024 * 1024);
        try (Peer visitor = visit(room)) {
            visitor.send(head(HEAD).substring(0, HEAD / 2));
            visitor.socket().shutdownOutput();
            visitor.awaitClosed();
        }
        // The last thing that the connection's task does is to close it.
        listener.close();
        assertTrue(tasks.awaitNone(Eventually.LIMIT));
        assertTrue(room.most() >= HEAD / 2, "most: " + room.most());
        assertEquals(0, room.used());
    }

    @Test
    void aSecondLargeHeadBehindTheFirstIsChargedUntilItIsRead() throws Exception {
        CountedRoom room = new CountedRoom(1024 * 1024);
        try (Peer visitor = visit(room)) {
            visitor.send(head(HEAD) + head(HEAD) + head(HEAD) + head(100));
            for (int i = 0; i < 4; i++) {
                assertEquals(404, visitor.readResponse().status());
            }
            assertEquals(0, room.used());
        }
    }

    private static RequestHead request(int bytes) {
        Fields fields = new Fields();
        fields.add("Host", "a");
        fields.add("tunnelforge-request-id", "id");
        fields.add("Large", "x".repeat(bytes));
        return new RequestHead("POST", "/path", 1, fields);
    }

    @Test
    void anEncodedRequestIsChargedUntilItIsClosed() throws Exception {
        CountedRoom room = new CountedRoom(1024 * 1024);
        RequestFrames frames = RequestFrames.encode(request(HEAD), RequestContent.NONE, false, room);
        assertTrue(room.used() >= frames.frames().array().length && room.used() >= HEAD);
        assertEquals(HEAD, frames.head().fields().get("Large").length());
        assertEquals("/path", frames.head().target());
        frames.close();
        frames.close();
        assertEquals(0, room.used());
        RequestFrames.encode(request(100), RequestContent.NONE, false, room);
        assertEquals(0, room.used());
    }

    @Test
    void anEncodedRequestForWhichThereIsNoMemoryIsRefused() {
        Refusal refusal = assertThrows(Refusal.class, () -> RequestFrames.encode(request(HEAD), RequestContent.NONE, false, Room.NONE));
        assertEquals(TunnelError.OVERLOADED, refusal.error());
    }

    @Test
    void aBodyThatIsHereLeavesWithItsHead() throws Exception {
        byte[] body = "the body".getBytes(StandardCharsets.US_ASCII);
        RequestFrames frames = RequestFrames.encode(request(1), new RequestContent.Whole(body), false, Room.NONE);
        assertTrue(frames.ended());
        assertEquals(body.length, frames.dataBytes());
        FrameBuffer tail = new FrameBuffer(64);
        tail.data(0, body, 0, body.length);
        tail.end(0);
        FrameBuffer sent = frames.frames();
        assertEquals(sent.length(), sent.array().length);
        assertEquals(-1, Arrays.mismatch(sent.array(), sent.length() - tail.length(), sent.length(), tail.array(), 0, tail.length()));
    }
}
