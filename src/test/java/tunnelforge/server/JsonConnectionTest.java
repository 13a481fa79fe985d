package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.FramePeer.Frame;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.JsonExchange;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;

/** A data connection in the JSON encoding (PROTOCOL.md section 6): one exchange at a time. */
class JsonConnectionTest {
    private static TunnelFixture fixture;
    private ManualAgent agent;
    private FramePeer data;

    @BeforeAll
    static void start() throws Exception {
        fixture = TunnelFixture.start(new TunnelFixture.Options().withoutAgent());
    }

    @AfterAll
    static void stop() throws IOException {
        fixture.close();
    }

    @BeforeEach
    void register() throws Exception {
        agent = ManualAgent.register(fixture);
        data = agent.open("json");
    }

    @AfterEach
    void end() throws Exception {
        agent.end();
        fixture.settle();
        Eventually.await("the tunnel has ended", () -> fixture.server().tunnels() == 0);
    }

    private static JsonExchange.Request request(FramePeer from, int id) throws IOException {
        Frame frame = from.next(FrameType.MESSAGE);
        assertEquals(id, frame.id());
        return JsonExchange.parseRequest(frame.text());
    }

    private static void message(FramePeer to, int id, String json) throws IOException {
        to.send(frames -> frames.message(id, json.replace('\'', '"')));
    }

    private void respond(int id, String more) throws IOException {
        message(data, id, "{'type':'response','request_id':'r','status_code':200" + more + "}");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void aMessageIsChargedByWhatHasArrivedAndNotByTheLengthItAnnounces() throws Exception {
        byte[] message = ("{\"type\":\"unknown\",\"text\":\"" + "x".repeat(1_600_000) + "\"}").getBytes(StandardCharsets.ISO_8859_1);
        int begun = 1_500_000;
        FramePeer second = agent.open("json");
        data.sendRaw(0, FrameType.MESSAGE, message.length, new byte[0]);
        second.sendRaw(0, FrameType.MESSAGE, message.length, new byte[0]);
        assertEquals(0, fixture.server().budgetUsed());
        data.peer().send(Arrays.copyOf(message, begun));
        second.peer().send(Arrays.copyOf(message, begun));
        int each = message.length + Limits.FRAME_HEADER;
        Eventually.await("both are charged", () -> fixture.server().budgetUsed() == 2 * each);
        second.peer().reset();
        Eventually.await("one is given back", () -> fixture.server().budgetUsed() == each);
        data.peer().send(Arrays.copyOfRange(message, begun, message.length));
        Eventually.await("the other is given back", () -> fixture.server().budgetUsed() == 0);
        data.assertAlive();
    }

    /** Only the collected body was charged, and each visitor kept more than twice that. */
    @Test
    void aMessageIsChargedBesideTheBodyItIsMadeOfUntilItHasBeenSent() throws Exception {
        Peer first = agent.visit("GET /first");
        request(data, 1);
        byte[] body = new byte[300_000];
        int collected = 512 * 1024;
        int encoded = body.length / 3 * 4;
        long before = fixture.server().budgetUsed();
        Peer second = agent.visit("POST /second", "Content-Length: " + body.length).send(body);
        Eventually.await("it waits", () -> fixture.server().waiting() == 1);
        assertEquals(collected + encoded, fixture.server().budgetUsed() - before);
        respond(1, "");
        first.readResponse();
        assertEquals(body.length, request(data, 2).body().length);
        Eventually.await("the message is not charged any more", () -> fixture.server().budgetUsed() - before == collected);
        respond(2, "");
        second.readResponse();
        Eventually.await("nothing is charged", () -> fixture.server().budgetUsed() == 0);
    }

    @Test
    void aSmallBodyStandsInTheMessageBothWays() throws Exception {
        Peer visitor = agent.visit("POST /orders?dry=1", "Content-Length: 5").send("Hello");
        JsonExchange.Request request = request(data, 1);
        assertEquals("POST", request.method());
        assertEquals("/orders?dry=1", request.path());
        assertArrayEquals("Hello".getBytes(), request.body());
        respond(1, ",'headers':{'X-A':['1','2']},'body':'" + base64("answer") + "'");
        Message answer = visitor.readResponse();
        assertEquals("answer", answer.text());
        assertEquals(java.util.List.of("1", "2"), answer.all("X-A"));
    }

    @Test
    void aLargeBodyFollowsBothWays() throws Exception {
        byte[] body = new byte[3_000_000];
        new java.util.Random(5).nextBytes(body);
        Peer visitor = agent.visit("POST /", "Content-Length: " + body.length);
        Thread sending = Thread.ofVirtual().start(() -> {
            try {
                visitor.send(body);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        JsonExchange.Request request = request(data, 1);
        assertTrue(request.bodyFollows());
        assertNull(request.body());
        assertEquals(body.length, request.contentLength());
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        Frame frame;
        while ((frame = data.next()).type() == FrameType.DATA) {
            got.writeBytes(frame.text().getBytes(StandardCharsets.ISO_8859_1));
        }
        assertEquals(FrameType.END, frame.type());
        assertArrayEquals(body, got.toByteArray());
        sending.join();
        respond(1, ",'body_follows':true");
        data.send(frames -> {
            frames.data(1, body, 0, body.length);
            frames.end(1);
        });
        assertArrayEquals(body, visitor.readResponse().body());
    }

    @Test
    void oneExchangeAtATimeAndOthersWait() throws Exception {
        Peer first = agent.visit("GET /1");
        request(data, 1);
        Peer second = agent.visit("GET /2");
        data.assertAlive();
        respond(1, ",'body':'" + base64("one") + "'");
        assertEquals("one", first.readResponse().text());
        assertEquals("/2", request(data, 2).path());
        respond(2, ",'body':'" + base64("two") + "'");
        assertEquals("two", second.readResponse().text());
    }

    @Test
    void aSlowUploadTakesNoPlaceBeforeItIsHere() throws Exception {
        Peer slow = agent.visit("POST /slow", "Content-Length: 5").send("He");
        Peer other = agent.visit("GET /other");
        assertEquals("/other", request(data, 1).path());
        respond(1, ",'body':'" + base64("first") + "'");
        assertEquals("first", other.readResponse().text());
        slow.send("llo");
        assertArrayEquals("Hello".getBytes(), request(data, 2).body());
        respond(2, "");
        assertEquals(200, slow.readResponse().status());
    }

    @ParameterizedTest
    @CsvSource({"502, TF-UPSTREAM-REFUSED, 502", "504, TF-UPSTREAM-TIMEOUT, 504", "503, TF-OVERLOADED, 503", "413, TF-TOO-LARGE, 413",
        "500, TF-UPSTREAM-INVALID, 502"})
    void anErrorIsAPage(int code, String name, int status) throws Exception {
        Peer visitor = agent.visit("GET /");
        request(data, 1);
        message(data, 1, "{'type':'error','code':" + code + ",'message':'no luck today'}");
        Message page = visitor.readResponse();
        assertEquals(status, page.status());
        assertEquals(name, page.get("TunnelForge-Error"));
        assertTrue(page.text().contains("no luck today"));
        data.assertAlive();
    }

    @Test
    void aResetIsAPageAndFreesTheConnection() throws Exception {
        Peer visitor = agent.visit("GET /");
        request(data, 1);
        data.reset(1, ResetCode.UPSTREAM_TIMEOUT, "slow");
        assertEquals(504, visitor.readResponse().status());
        Peer next = agent.visit("GET /2");
        request(data, 2);
        respond(2, "");
        assertEquals(200, next.readResponse().status());
    }

    // ---- What is odd. ----

    @ParameterizedTest
    @ValueSource(strings = {"{'type':'error','code':500,'message':'x'}", "{'type':'response','request_id':'r','status_code':200}",
        "{'type':'hello'}"})
    void messagesOnIdZeroConcernNoExchange(String json) throws Exception {
        message(data, 0, json);
        message(data, 0, json);
        data.assertAlive();
        Peer first = agent.visit("GET /1");
        request(data, 1);
        message(data, 0, json);
        Peer second = agent.visit("GET /2");
        data.assertAlive();
        respond(1, "");
        assertEquals(200, first.readResponse().status());
        request(data, 2);
        respond(2, "");
        assertEquals(200, second.readResponse().status());
    }

    @Test
    void anAnswerForAnIdThatWasNeverOpenedEndsTheConnection() throws Exception {
        respond(1, "");
        data.awaitEnd();
        agent.open("json").assertAlive();
    }

    @Test
    void aSecondAnswerIsDropped() throws Exception {
        Peer visitor = agent.visit("GET /");
        request(data, 1);
        respond(1, ",'body':'" + base64("one") + "'");
        respond(1, ",'body':'" + base64("two") + "'");
        message(data, 1, "{'type':'error','code':500,'message':'x'}");
        assertEquals("one", visitor.readResponse().text());
        visitor.send("GET /2 HTTP/1.1\r\nHost: " + agent.host() + "\r\n\r\n");
        request(data, 2);
        respond(2, ",'body':'" + base64("three") + "'");
        assertEquals("three", visitor.readResponse().text());
    }

    /** A simple agent will do this; it must cost no more than its own exchange. */
    @ParameterizedTest
    @CsvSource({"HEAD, 200", "GET, 204", "GET, 304"})
    void aBodyWhereThereMayBeNoneHarmsNothing(String method, int status) throws Exception {
        Peer visitor = agent.visit(method + " /");
        request(data, 1);
        message(data, 1, "{'type':'response','request_id':'r','status_code':" + status + ",'body':'" + base64("body") + "'}");
        assertEquals(status, visitor.readResponse(method).status());
        data.assertAlive();
        Peer next = agent.visit("GET /2");
        request(data, 2);
        respond(2, "");
        assertEquals(200, next.readResponse().status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type':'response','request_id':'r','status_code':101}", "{'type':'response','request_id':'r'}", "[]", "{", "",
        "{'type':'response','request_id':'r','status_code':200,'body':'***'}"})
    void aMessageThatCannotBeUnderstoodEndsTheConnection(String json) throws Exception {
        Peer visitor = agent.visit("GET /");
        request(data, 1);
        message(data, 1, json);
        data.awaitEnd();
        assertEquals(502, visitor.readResponse().status());
    }

    @Test
    void aFieldThatHttpDoesNotAllowIsAPage() throws Exception {
        Peer visitor = agent.visit("GET /");
        request(data, 1);
        message(data, 1, "{'type':'response','request_id':'r','status_code':200,'headers':{'X':'a\\r\\nInjected: 1'}}");
        Message page = visitor.readResponse();
        assertEquals(502, page.status());
        assertNull(page.get("Injected"));
    }

    @Test
    void upgradesAre501AndExpectIsAnsweredByTheServer() throws Exception {
        Peer upgrading = agent.visit("GET /", "Connection: Upgrade", "Upgrade: websocket");
        assertEquals(501, upgrading.readResponse().status());
        Peer expecting = agent.visit("POST /", "Content-Length: 2", "Expect: 100-continue", "Connection: TE", "TE: trailers");
        assertEquals(100, expecting.readResponseHead().status());
        expecting.send("ok");
        JsonExchange.Request request = request(data, 1);
        assertTrue(request.headers().stream().noneMatch(each -> each.equalsIgnoreCase("Expect") || each.equalsIgnoreCase("TE")));
        assertArrayEquals("ok".getBytes(), request.body());
        respond(1, "");
        assertEquals(200, expecting.readResponse().status());
    }

    // ---- After the visitor has left. ----

    private void visitorLeavesDuringAnAnswer(int id) throws Exception {
        Peer visitor = agent.visit("GET /" + id);
        request(data, id);
        respond(id, ",'body_follows':true");
        data.data(id, "part");
        visitor.readResponseHead();
        visitor.reset();
        byte[] more = new byte[64 * 1024];
        AtomicBoolean noticed = new AtomicBoolean();
        Thread sending = Thread.ofVirtual().start(() -> {
            try {
                while (!noticed.get()) {
                    data.send(frames -> frames.data(id, more, 0, more.length));
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertEquals(id, data.next(FrameType.RESET).id());
        noticed.set(true);
        sending.join();
    }

    @ParameterizedTest
    @ValueSource(strings = {"END", "RESET", "error"})
    void theConnectionIsFreeAgainWhenTheAgentHasEndedWhatWasReset(String how) throws Exception {
        for (int id = 1; id <= 5; id++) {
            int now = id;
            visitorLeavesDuringAnAnswer(id);
            data.data(id, "still under way");
            switch (how) {
                case "END" -> data.end(id);
                case "RESET" -> data.reset(id, ResetCode.CANCELLED, "");
                default -> message(data, now, "{'type':'error','code':500,'message':'x'}");
            }
        }
        Peer next = agent.visit("GET /next");
        request(data, 6);
        respond(6, "");
        assertEquals(200, next.readResponse().status());
    }

    @Test
    void whileTheAgentHasNotEndedWhatWasResetNothingNewComes() throws Exception {
        visitorLeavesDuringAnAnswer(1);
        Peer next = agent.visit("GET /next");
        FramePeer another = agent.open("json");
        assertEquals("/next", request(another, 1).path());
        data.assertAlive();
        message(another, 1, "{'type':'response','request_id':'r','status_code':200}");
        assertEquals(200, next.readResponse().status());
        data.end(1);
    }

    /** Visitors of a pool with both encodings once looked for a place without end, and two of them hung the whole server. */
    @Test
    void twoEncodingsInOnePoolHungTheServer() throws Exception {
        Peer busy = agent.visit("GET /busy");
        request(data, 1);
        FramePeer binary = ManualAgent.openSilently(fixture);
        binary.hello(agent.tunnelId(), agent.invitation(), "binary");
        String refusal = binary.next(FrameType.MESSAGE).text();
        assertTrue(refusal.contains("\"code\":400") && refusal.contains("'json'") && refusal.contains("'binary'"), refusal);
        binary.awaitEnd();
        Peer second = agent.visit("GET /2");
        Peer third = agent.visit("GET /3");
        ManualAgent another = ManualAgent.register(fixture);
        try (FramePeer elsewhere = another.open()) {
            Peer visitor = another.visit("GET /");
            elsewhere.answer(elsewhere.nextRequest(), "served");
            assertEquals("served", visitor.readResponse().text());
        }
        another.end();
        respond(1, "");
        assertEquals(200, busy.readResponse().status());
        for (int id = 2; id <= 3; id++) {
            request(data, id);
            respond(id, "");
        }
        assertEquals(200, second.readResponse().status());
        assertEquals(200, third.readResponse().status());
    }
}
