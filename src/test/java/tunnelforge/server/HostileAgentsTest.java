package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tunnelforge.FramePeer;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;

/**
 * Whatever an agent does that breaks the protocol, or means others harm, costs it its own connection at most: a tunnel beside it serves meanwhile without one failed request, and the
 * server keeps nothing of it. What exactly is answered is {@link FrameRulesTest}'s and its siblings'.
 */
final class HostileAgentsTest {
    private static final byte[] NONE = {};
    private static final String LINE = "X-Line: x\r\n";
    private static SharedServer server;
    private static TunnelFixture fixture;

    @BeforeAll
    static void start() throws Exception {
        server = new SharedServer();
        fixture = server.fixture();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    /** What an agent does, with a data connection on which a visitor's request, id 1, waits for its answer. */
    private interface Deed {
        void on(ManualAgent agent, FramePeer data) throws Exception;
    }

    /** A deed; {@code ends} the data connection, in the encoding given. */
    record Attack(String name, String encoding, boolean ends, Deed deed) {
        @Override
        public String toString() {
            return encoding + ": " + name;
        }
    }

    private static Attack ends(String name, Deed deed) {
        return new Attack(name, "binary", true, deed);
    }

    private static Attack endsJson(String name, String message) {
        return new Attack(name, "json", true, (agent, data) -> message(data, 1, message));
    }

    private static Attack harmless(String name, Deed deed) {
        return new Attack(name, "binary", false, deed);
    }

    private static Attack raw(String name, long id, int type, int length, byte[] payload) {
        return ends(name, (agent, data) -> data.sendRaw(id, type, length, payload));
    }

    private static void message(FramePeer data, int id, String json) throws IOException {
        byte[] text = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        data.sendRaw(id, FrameType.MESSAGE, text.length, text);
    }

    // ---- On a data connection. ----

    static Stream<Attack> attacks() {
        return Stream.of(ids(), windows(), order(), lengths(), floods(), json()).flatMap(each -> each);
    }

    private static Stream<Attack> ids() {
        Stream<Attack> never = Stream.of(FrameType.REQUEST, FrameType.RESPONSE, FrameType.DATA, FrameType.END, FrameType.RESET, FrameType.WINDOW)
                .map(type -> raw(FrameType.name(type) + " of an id that was never opened", 2, type, 0, NONE));
        Stream<Attack> zero = Stream.of(FrameType.RESPONSE, FrameType.DATA, FrameType.END, FrameType.RESET, FrameType.WINDOW)
                .map(type -> raw(FrameType.name(type) + " of id 0", 0, type, 0, NONE));
        return Stream.concat(Stream.concat(never, zero), Stream.of(
                raw("DATA of the highest id", Limits.MAX_REQUEST_ID, FrameType.DATA, 1, new byte[1]),
                raw("an id above the highest", 0x8000_0001L, FrameType.DATA, 1, new byte[1]),
                raw("a session's frame where there are none", 1, FrameType.OPEN, 2, "{}".getBytes(StandardCharsets.US_ASCII)),
                harmless("DONE of no session", (agent, data) -> data.sendRaw(1, FrameType.DONE, 0, NONE)),
                raw("type 128", 0, 128, 0, NONE), raw("type 255", 0, 255, 4, new byte[4])));
    }

    private static Stream<Attack> windows() {
        byte[] most = {0x7f, -1, -1, -1};
        return Stream.of(raw("WINDOW of 0", 1, FrameType.WINDOW, 4, new byte[4]),
                raw("WINDOW above 2^31", 1, FrameType.WINDOW, 4, new byte[] {-128, 0, 0, 0}),
                raw("WINDOW that makes more than there may be", 1, FrameType.WINDOW, 4, most),
                raw("WINDOW of three bytes", 1, FrameType.WINDOW, 3, new byte[3]),
                ends("DATA beyond the credit", (agent, data) -> {
                    data.respond(1, "HTTP/1.1 200 OK", "Transfer-Encoding: chunked");
                    byte[] piece = new byte[Limits.MAX_DATA];
                    // The visitor reads nothing: what is granted is what its streams take.
                    for (int i = 0; i < 2_000; i++) {
                        data.sendRaw(1, FrameType.DATA, piece.length, piece);
                    }
                }));
    }

    private static Stream<Attack> order() {
        return Stream.of(
                ends("DATA before RESPONSE", (agent, data) -> data.data(1, "x")),
                ends("END before RESPONSE", (agent, data) -> data.end(1)),
                ends("RESPONSE twice", (agent, data) -> data.respond(1, "HTTP/1.1 200 OK", "Content-Length: 5").respond(1, "HTTP/1.1 200 OK")),
                ends("seventeen informational heads", (agent, data) -> {
                    for (int i = 0; i < 17; i++) {
                        data.respond(1, "HTTP/1.1 103 Early Hints");
                    }
                }),
                ends("an informational head behind the final one", (agent, data) -> data.respond(1, "HTTP/1.1 200 OK", "Content-Length: 5").respond(1, "HTTP/1.1 103 E")),
                harmless("DATA and END again when the exchange is over", (agent, data) -> data.answer(1, "x").data(1, "x").end(1).end(1)),
                harmless("RESPONSE again when the exchange is over", (agent, data) -> data.answer(1, "x").respond(1, "HTTP/1.1 200 OK").answer(1, "y")),
                harmless("RESET again and again", (agent, data) -> {
                    for (int i = 0; i < 1_000; i++) {
                        data.sendRaw(1, FrameType.RESET, 2, new byte[2]);
                    }
                }),
                harmless("more DATA than its length", (agent, data) -> data.respond(1, "HTTP/1.1 200 OK", "Content-Length: 1").data(1, "xyz")),
                harmless("END before its length", (agent, data) -> data.respond(1, "HTTP/1.1 200 OK", "Content-Length: 9").data(1, "x").end(1)),
                harmless("a head that is none", (agent, data) -> data.respond(1, "SSH-2.0-x")),
                harmless("a head with a length and chunks", (agent, data) -> data.respond(1, "HTTP/1.1 200 OK", "Content-Length: 1", "Transfer-Encoding: chunked")),
                harmless("a head of thousands of lines", (agent, data) -> data.respond(1, "HTTP/1.1 200 OK", LINE.repeat(10_000).strip())),
                harmless("a head with NUL", (agent, data) -> data.respond(1, "HTTP/1.1 200 OK", "X: \0")),
                ends("a 101 to what nobody asked for", (agent, data) -> data.respond(1, "HTTP/1.1 101 S", "Connection: Upgrade", "Upgrade: x")),
                harmless("trailers that are none", (agent, data) -> {
                    byte[] trailers = "x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
                    data.respond(1, "HTTP/1.1 200 OK").sendRaw(1, FrameType.END, trailers.length, trailers);
                }));
    }

    private static Stream<Attack> lengths() {
        return Stream.of(new int[] {FrameType.MESSAGE, 64 * 1024}, new int[] {FrameType.RESPONSE, 128 * 1024}, new int[] {FrameType.DATA, 64 * 1024},
                new int[] {FrameType.END, 128 * 1024}, new int[] {FrameType.RESET, 1024}, new int[] {FrameType.WINDOW, 4}, new int[] {FrameType.PING, 8},
                new int[] {FrameType.PONG, 8}, new int[] {FrameType.DRAIN, 0}, new int[] {127, 64 * 1024})
                .flatMap(limit -> Stream.of(raw(FrameType.name(limit[0]) + " one over its limit", 1, limit[0], limit[1] + 1, NONE),
                        raw(FrameType.name(limit[0]) + " of 16 MiB", 1, limit[0], 0xff_ffff, NONE)));
    }

    private static Stream<Attack> floods() {
        return Stream.of(
                ends("PING without end, and no PONG is read", (agent, data) -> untilBroken(data, frames -> frames.ping(1))),
                harmless("PONGs that nobody asked for", (agent, data) -> many(data, frames -> frames.pong(1))),
                harmless("unknown types", (agent, data) -> many(data, frames -> frames.frame(0, 99, new byte[1_000], 0, 1_000))),
                harmless("messages of an unknown type", (agent, data) -> many(data, frames -> frames.message(0, "{\"type\":\"unheard_of\"}"))),
                harmless("messages that are none", (agent, data) -> many(data, frames -> frames.message(0, "{"))),
                harmless("large informational heads", (agent, data) -> {
                    for (int i = 0; i < 16; i++) {
                        data.respond(1, "HTTP/1.1 103 Early Hints", "Link: " + "x".repeat(120_000));
                    }
                }));
    }

    private static void many(FramePeer data, FramePeer.Frames what) throws IOException {
        try {
            for (int i = 0; i < 5_000; i++) {
                data.send(what);
            }
        } catch (IOException e) {
            // It has been ended meanwhile.
        }
    }

    /** Frames by the thousand, of which the answers are not read. */
    private static void untilBroken(FramePeer data, FramePeer.Frames what) {
        FramePeer.Frames thousand = frames -> {
            for (int i = 0; i < 1_000; i++) {
                what.into(frames);
            }
        };
        try {
            for (long end = System.nanoTime() + Peer.LIMIT.toNanos(); System.nanoTime() - end < 0;) {
                data.send(thousand);
            }
        } catch (IOException e) {
            return;
        }
        throw new AssertionError("the server takes all of it");
    }

    private static Stream<Attack> json() {
        String respond = "{'type':'response','request_id':'r','status_code':200";
        return Stream.of(
                new Attack("a message of one byte too many", "json", true, (agent, data) -> data.sendRaw(1, FrameType.MESSAGE, Limits.MAX_MESSAGE_JSON + 1, NONE)),
                new Attack("a message of 2 MiB of nothing", "json", true, (agent, data) -> message(data, 1, " ".repeat(Limits.MAX_MESSAGE_JSON))),
                endsJson("deep JSON", "{'type':'response','x':" + "[".repeat(100_000) + "]".repeat(100_000) + "}"),
                endsJson("no JSON", "{"), endsJson("an array", "[]"), new Attack("no UTF-8", "json", true, (agent, data) -> data.sendRaw(1, FrameType.MESSAGE, 2, new byte[] {'"', -1})),
                endsJson("two members of one name", respond + ",'status_code':204}"),
                endsJson("a number of thousands of digits", "{'type':'response','request_id':'r','status_code':" + "9".repeat(5_000) + "}"),
                endsJson("a status that is none", "{'type':'response','request_id':'r','status_code':20}"),
                endsJson("no base64", respond + ",'body':'***'}"),
                endsJson("a body above the limit", respond + ",'body':'" + "A".repeat(1_500_000) + "'}"),
                new Attack("an answer for an id that was never opened", "json", true, (agent, data) -> message(data, 9, respond + "}")),
                new Attack("DATA of the highest id", "json", true, (agent, data) -> data.sendRaw(Limits.MAX_REQUEST_ID, FrameType.DATA, 1, new byte[1])),
                new Attack("RESPONSE", "json", true, (agent, data) -> data.respond(1, "HTTP/1.1 200 OK")),
                new Attack("many headers", "json", true, (agent, data) -> {
                    StringBuilder headers = new StringBuilder();
                    for (int i = 0; i < 10_000; i++) {
                        headers.append(i == 0 ? "" : ",").append("'x").append(i).append("':'1'");
                    }
                    message(data, 1, respond + ",'headers':{" + headers + "}}");
                }),
                new Attack("an injected line", "json", true, (agent, data) -> message(data, 1, respond + ",'headers':{'X':'a\\r\\nY: 1'}}")),
                new Attack("the answer twice", "json", false, (agent, data) -> {
                    message(data, 1, respond + "}");
                    message(data, 1, respond + "}");
                }));
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void onADataConnectionItLosesThatAndNothingElse(Attack attack) throws Exception {
        try (SharedServer.Beside beside = server.beside(); ManualAgent agent = ManualAgent.register(fixture)) {
            FramePeer data = agent.open(attack.encoding());
            int refused = refused();
            Peer visitor = agent.visit("GET /");
            if (attack.encoding().equals("json")) {
                data.next(FrameType.MESSAGE);
            } else {
                data.nextRequest();
            }
            try {
                attack.deed().on(agent, data);
            } catch (IOException e) {
                assertTrue(attack.ends(), () -> "the data connection has ended: " + e);
            }
            if (attack.ends()) {
                data.awaitEnd();
                assertEquals(refused + 1, refused(), "it ended for another reason");
            } else {
                data.assertAlive();
            }
            visitor.close();
            // Its control connection stands, and so does what is beside it.
            agent.sync();
            beside.awaitServed();
            data.close();
            agent.end();
        }
        server.assertNothingIsKept();
    }

    private static int refused() {
        return fixture.server().log().entries("data_refused").size();
    }

}
