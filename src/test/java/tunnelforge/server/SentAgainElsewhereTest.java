package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.ResetCode;

/** A request that may have run is sent again only where that can be told: its visitor learns otherwise that nobody knows. */
class SentAgainElsewhereTest {
    private TunnelFixture fixture;
    private ManualAgent agent;

    @BeforeEach
    void start() throws Exception {
        fixture = TunnelFixture.start(new TunnelFixture.Options().withoutAgent());
        agent = ManualAgent.register(fixture);
    }

    @AfterEach
    void end() throws Exception {
        agent.end();
        fixture.settle();
        Eventually.await("the tunnel has ended", () -> fixture.server().tunnels() == 0);
        fixture.close();
    }

    /** A data connection that knows requests that are sent again. */
    private FramePeer openWithResend() throws Exception {
        FramePeer data = ManualAgent.openSilently(fixture);
        String invitation = agent.invitation();
        String tunnelId = agent.tunnelId();
        data.send(frames -> frames.message(0, "{\"type\":\"data_connection\",\"tunnel_id\":\"" + tunnelId + "\",\"connection_id\":\"" + invitation
                + "\",\"encoding\":\"binary\",\"resend\":true}"));
        assertEquals(FrameType.MESSAGE, data.next().type());
        return data;
    }

    private void lose(FramePeer data) throws IOException {
        data.peer().reset();
        Eventually.await("it is lost", () -> fixture.server().dataConnections() == 0);
    }

    private static void assertUnknown(Peer visitor) throws IOException {
        Message page = visitor.readResponse();
        assertEquals("TF-OUTCOME-UNKNOWN", page.get("TunnelForge-Error"), page.toString());
        assertEquals(502, page.status());
    }

    @Test
    void notInAnotherEncoding() throws Exception {
        FramePeer first = openWithResend();
        Peer visitor = agent.visit("GET /");
        first.nextRequest();
        lose(first);
        FramePeer second = agent.open("json");
        Thread reading = Thread.ofVirtual().start(() -> {
            try {
                FramePeer.Frame again = second.next(FrameType.MESSAGE);
                second.send(frames -> frames.message(again.id(), "{\"type\":\"response\",\"request_id\":\"r\",\"status_code\":200,\"body\":\"cnVuIGFnYWlu\"}"));
            } catch (IOException e) {
                // Nothing has come, as it should be.
            }
        });
        assertUnknown(visitor);
        second.close();
        reading.join();
    }

    /** What the visitor had got already came once more, and looked complete. */
    @ParameterizedTest
    @ValueSource(strings = {"json", "binary"})
    void aBodyIsNotBegunAnew(String encoding) throws Exception {
        FramePeer first = openWithResend();
        Peer visitor = agent.visit("GET /");
        int id = first.nextRequest();
        first.respond(id, "HTTP/1.1 200 OK", "Transfer-Encoding: chunked").data(id, "half");
        visitor.readResponseHead();
        assertEquals("half", new String(visitor.readChunk()));
        lose(first);
        FramePeer second = agent.open(encoding);
        Thread reading = Thread.ofVirtual().start(() -> {
            try {
                int again = second.next().id();
                if (encoding.equals("json")) {
                    second.send(frames -> frames.message(again, "{\"type\":\"response\",\"request_id\":\"r\",\"status_code\":200,\"body_follows\":true}"));
                } else {
                    second.respond(again, "HTTP/1.1 200 OK", "Transfer-Encoding: chunked");
                }
                second.data(again, "half whole").end(again);
            } catch (IOException e) {
                // Nothing has come, as it should be.
            }
        });
        assertThrows(IOException.class, visitor::readChunk);
        second.close();
        reading.join();
    }

    @Test
    void notOnAConnectionThatDoesNotKnowIt() throws Exception {
        FramePeer first = openWithResend();
        Peer visitor = agent.visit("GET /");
        first.nextRequest();
        lose(first);
        FramePeer second = agent.open();
        Thread reading = Thread.ofVirtual().start(() -> {
            try {
                second.answer(second.nextRequest(), "run again");
            } catch (IOException e) {
                // Nothing has come, as it should be.
            }
        });
        assertUnknown(visitor);
        second.close();
        reading.join();
    }

    @Test
    void thatTheAgentHasNoRoomForTheSecondSaysNothingOfTheFirst() throws Exception {
        FramePeer first = openWithResend();
        Peer visitor = agent.visit("GET /");
        first.nextRequest();
        lose(first);
        FramePeer second = openWithResend();
        for (int i = 0; i < 3; i++) {
            second.reset(second.nextRequest(), ResetCode.NOT_RUN, "busy");
        }
        assertUnknown(visitor);
        second.close();
    }

    @Test
    void anAgentWithoutRoomIsNotAskedForEver() throws Exception {
        Peer visitor = null;
        for (int i = 0; i < 3; i++) {
            FramePeer lost = openWithResend();
            visitor = visitor == null ? agent.visit("GET /") : visitor;
            lost.nextRequest();
            lose(lost);
        }
        FramePeer last = openWithResend();
        int[] asked = new int[1];
        Thread reading = Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    last.reset(last.nextRequest(), ResetCode.NOT_RUN, "busy");
                    asked[0]++;
                }
            } catch (IOException e) {
                // It has ended.
            }
        });
        assertUnknown(visitor);
        last.close();
        reading.join();
        assertEquals(3, asked[0]);
    }

    /** It had been collected for an agent in the JSON encoding, and all of it was sent at once: more than an initial window, which ends the connection. */
    @Test
    void aLargeBodyThatWasCollectedIsNotSentAgain() throws Exception {
        FramePeer json = agent.open("json");
        int length = 300_000;
        Peer visitor = agent.visit("POST /", "Content-Length: " + length).send(new byte[length]);
        int refused = json.next(FrameType.MESSAGE).id();
        json.send(frames -> {
            frames.drain();
            frames.reset(refused, ResetCode.NOT_RUN, "");
        });
        json.awaitEnd();
        Eventually.await("nobody is left", () -> fixture.server().dataConnections() == 0);
        FramePeer first = openWithResend();
        first.next(FrameType.REQUEST);
        lose(first);
        FramePeer second = openWithResend();
        assertUnknown(visitor);
        second.assertAlive();
        second.close();
    }
}
