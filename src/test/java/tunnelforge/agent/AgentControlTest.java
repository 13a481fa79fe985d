package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.Peer;
import tunnelforge.ScriptedService;
import tunnelforge.TestProxy;
import tunnelforge.cli.ExitException;
import tunnelforge.json.JsonObject;
import tunnelforge.wire.FrameType;

/** What the agent does with the messages of a server (PROTOCOL.md sections 2 and 9). */
class AgentControlTest {
    private static final Duration LIMIT = Duration.ofSeconds(15);

    private static void serveOne(AgentFixture fixture, FramePeer data, int id) throws Exception {
        byte[] head = "GET / HTTP/1.1\r\nHost: x.test\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        data.send(frames -> {
            frames.frame(id, FrameType.REQUEST, head, 0, head.length);
            frames.end(id);
        });
        Peer local = fixture.local();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        assertEquals(id, data.next(FrameType.RESPONSE).id());
        data.next(FrameType.END);
    }

    @Test
    void unknownMessagesAndUnknownFieldsAreIgnored() throws Exception {
        try (AgentFixture fixture = new AgentFixture()) {
            fixture.control.send("{'type':'news','of':['the','world']}").send("{'type':'keep_alive','tunnel_id':'t','more':1}");
            serveOne(fixture, fixture.open(), 1);
        }
    }

    /** RFC 6455 section 4.1. */
    @ParameterizedTest
    @CsvSource({"Connection: Upgrade, Connection: close", "Upgrade: websocket, Upgrade: h2c", "Accept: , Accept: A", "tunnelforge.v1, tunnelforge.v2", "Upgrade: websocket, Upgrade: websocket~Sec-WebSocket-Extensions: permessage-deflate"})
    void noWebSocketIsSpokenWithWhoHasNotAgreedToIt(String agreed, String other) throws Exception {
        try (ManualServer server = new ManualServer()) {
            server.answers(answer -> answer.replace(agreed, other.replace("~", "\r\n")));
            try (TestAgent agent = server.startAgent(1)) {
                assertTrue(agent.log().await("server_unsuitable", LIMIT).fields().get("error").toString().contains("101"));
                agent.stop();
            }
        }
    }

    /** Too many wrong ones lock an account. */
    @Test
    void aLoginThatTheProxyRefusesIsShownOnceForADataConnection() throws Exception {
        try (ManualServer server = new ManualServer();
                TestProxy proxy = TestProxy.http("me:right");
                TestAgent agent = server.startAgent(1, new TestAgent.Options().proxy("http://me:right@127.0.0.1:" + proxy.port()))) {
            ManualServer.Control control = server.control();
            control.next("register_tunnel");
            control.registered("t");
            proxy.asksFor("me:another");
            control.send("{'type':'open_data_connection','tunnel_id':'t','connection_id':'refused'}");
            Eventually.await("it has asked", () -> proxy.asked().size() == 2);
            proxy.asksFor("me:right");
            assertFalse(server.hasData(1_000), "it has tried again");
            FramePeer data = control.openData();
            agent.stop();
            control.next("close_tunnel");
            control.close(1000);
            data.awaitEnd();
        }
    }

    @Test
    void aDrainMakesItRegisterAnewAndTheOldDataConnectionsServeOn() throws Exception {
        try (AgentFixture fixture = new AgentFixture()) {
            FramePeer data = fixture.open();
            serveOne(fixture, data, 1);
            fixture.control.send("{'type':'drain','reason':'reconnect'}");
            ManualServer.Control next = fixture.server.control();
            JsonObject register = next.next("register_tunnel");
            assertEquals("t", register.string("tunnel_id"));
            assertEquals("resume-t", register.string("resume_token"));
            next.registered("t");
            fixture.control.awaitEnd();
            serveOne(fixture, data, 2);
            FramePeer another = next.openData();
            serveOne(fixture, another, 1);
        }
    }

    @Test
    void aLostControlConnectionIsTakenUpAgainAndTheDataConnectionsServeOn() throws Exception {
        try (AgentFixture fixture = new AgentFixture()) {
            FramePeer data = fixture.open();
            fixture.control.peer().reset();
            ManualServer.Control next = fixture.server.control();
            JsonObject register = next.next("register_tunnel");
            assertEquals("t", register.string("tunnel_id"));
            serveOne(fixture, data, 1);
            next.registered("t");
            fixture.agent.log().await("control_lost", LIMIT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type':'error','code':401,'name':'TF-AUTH','message':'no','retry':false}",
        "{'type':'error','code':426,'name':'TF-VERSION','message':'no','retry':false}",
        "{'type':'error','code':999,'message':'no name'}"})
    void aRefusalThatLastsEndsTheAgent(String error) throws Exception {
        try (ManualServer server = new ManualServer(); TestAgent agent = server.startAgent(1)) {
            ManualServer.Control control = server.control();
            control.next("register_tunnel");
            control.send(error);
            ExitException end = agent.awaitEnd(LIMIT);
            assertEquals(3, end.code());
            assertTrue(end.getMessage().contains("no"), end.getMessage());
        }
    }

    private static TestAgent.Options askingEverything() {
        return new TestAgent.Options().visitors(List.of("eve:secret"), List.of("10.0.0.0/8"), List.of("10.0.0.1"));
    }

    /** Such as one of before, which ignores what it does not know. */
    @ParameterizedTest
    @ValueSource(strings = {"", "'auth'", "'auth','deny'", "'auth','ALLOW','deny'", "'allow','deny'"})
    void anAgentThatAsksWhoMayVisitIsNotServedByAServerThatDoesNotKnowOfIt(String enforced) throws Exception {
        try (ManualServer server = new ManualServer(); TestAgent agent = server.startAgent(1, askingEverything())) {
            ManualServer.Control control = server.control();
            JsonObject options = control.next("register_tunnel").object("options");
            assertEquals("eve:secret", options.string("auth"));
            assertEquals(List.of(List.of("10.0.0.0/8"), List.of("10.0.0.1")), List.of(options.strings("allow"), options.strings("deny")));
            control.registered("t", enforced);
            control.send("{'type':'open_data_connection','tunnel_id':'t','connection_id':'c'}");
            assertEquals("t", control.next("close_tunnel").string("tunnel_id"));
            ExitException end = agent.awaitEnd(LIMIT);
            assertEquals(3, end.code());
            assertTrue(end.getMessage().contains("would let everybody in"), end.getMessage());
            assertFalse(end.getMessage().contains("secret"), end.getMessage());
            assertEquals(1, server.accepted(), "no data connection");
        }
    }

    /** Also when the server is another one by now. */
    @Test
    void aTakenUpTunnelIsHeldToTheSame() throws Exception {
        try (ManualServer server = new ManualServer(); TestAgent agent = server.startAgent(1, askingEverything())) {
            ManualServer.Control control = server.control();
            control.next("register_tunnel");
            control.registered("t", "'deny','auth','allow','more'");
            agent.url();
            FramePeer data = control.openData();
            control.peer().reset();
            ManualServer.Control next = server.control();
            assertEquals("eve:secret", next.next("register_tunnel").object("options").string("auth"));
            next.registered("t", "");
            assertEquals(3, agent.awaitExit(LIMIT));
            data.awaitEnd();
        }
    }

    @Test
    void aRefusalThatMayPassIsTriedAgain() throws Exception {
        try (ManualServer server = new ManualServer(); TestAgent agent = server.startAgent(1)) {
            for (int i = 0; i < 3; i++) {
                ManualServer.Control control = server.control();
                control.next("register_tunnel");
                control.send("{'type':'error','code':429,'name':'TF-LIMIT','message':'later','retry':true}");
            }
            ManualServer.Control control = server.control();
            control.next("register_tunnel");
            control.registered("t");
            assertEquals("https://x.test", agent.url());
            assertEquals("later (TF-LIMIT)", agent.log().await("server_refused", LIMIT).fields().get("error"));
            assertTrue(agent.log().entries("server_unreachable").isEmpty(), "it was reached");
            agent.stop();
            control.next("close_tunnel");
            control.close(1000);
            assertEquals(0, agent.awaitExit(LIMIT));
        }
    }

    @Test
    void beingDisplacedEndsTheAgentAndOtherErrorsDoNot() throws Exception {
        try (AgentFixture fixture = new AgentFixture()) {
            fixture.control.send("{'type':'error','code':400,'name':'TF-PROTOCOL','message':'odd','retry':false}");
            fixture.control.send("{'type':'error','code':400,'message':'odd, and without a name'}");
            serveOne(fixture, fixture.open(), 1);
            fixture.control.send("{'type':'error','code':409,'name':'TF-NAME-TAKEN','message':'another one','retry':false}");
            assertEquals(3, fixture.agent.awaitExit(LIMIT));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{'type':'open_data_connection'}", "{'type':'tunnel_registered'}", "{'no':'type'}"})
    void aMessageThatCannotBeUnderstoodEndsTheConnectionAndTheAgentComesAgain(String message) throws Exception {
        try (AgentFixture fixture = new AgentFixture()) {
            fixture.control.send(message);
            ManualServer.Control next = fixture.server.control();
            next.next("register_tunnel");
            next.registered("t");
            serveOne(fixture, next.openData(), 1);
        }
    }

    @Test
    void aDataConnectionThatIsRefusedOrAnsweredWithNonsenseIsGivenUp() throws Exception {
        try (AgentFixture fixture = new AgentFixture()) {
            for (String answer : List.of("{\"type\":\"error\",\"code\":403,\"name\":\"TF-AUTH\",\"message\":\"late\",\"retry\":false}",
                    "{\"type\":\"news\"}", "nonsense", "{\"type\":\"data_connection_accepted\",\"limits\":{\"max_frame\":0}}")) {
                fixture.control.send("{'type':'open_data_connection','tunnel_id':'t','connection_id':'c'}");
                FramePeer data = fixture.server.data();
                data.next(FrameType.MESSAGE);
                data.send(frames -> frames.message(0, answer)).awaitEnd();
            }
            serveOne(fixture, fixture.open(), 1);
        }
    }

    @Test
    void noMoreDataConnectionsAreOpenedThanTheLimitHoweverFastTheyAreAskedFor() throws Exception {
        try (AgentFixture fixture = new AgentFixture()) {
            int before = fixture.server.accepted();
            for (int i = 0; i < 150; i++) {
                fixture.control.send("{'type':'open_data_connection','tunnel_id':'t','connection_id':'c" + i + "'}");
            }
            List<FramePeer> open = new ArrayList<>();
            for (int i = 0; i < TunnelKeeper.MAX_DATA_CONNECTIONS; i++) {
                open.add(fixture.server.data());
            }
            fixture.agent.log().await("data_limit", LIMIT);
            assertFalse(fixture.server.hasData(300), "one more than the limit");
            assertEquals(TunnelKeeper.MAX_DATA_CONNECTIONS, fixture.server.accepted() - before);
            for (FramePeer each : open) {
                each.close();
            }
            tunnelforge.Eventually.await("there is room again", () -> {
                try {
                    fixture.control.send("{'type':'open_data_connection','tunnel_id':'t','connection_id':'c'}");
                    return fixture.server.hasData(100);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    @Test
    void stoppingClosesTheTunnelAndServesWhatIsInFlight() throws Exception {
        try (AgentFixture fixture = new AgentFixture()) {
            FramePeer data = fixture.open();
            byte[] head = "GET / HTTP/1.1\r\nHost: x.test\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            data.send(frames -> {
                frames.frame(1, FrameType.REQUEST, head, 0, head.length);
                frames.end(1);
            });
            Peer local = fixture.local();
            local.readRequest();
            fixture.agent.stop();
            assertEquals("t", fixture.control.next("close_tunnel").string("tunnel_id"));
            ScriptedService.respond(local, "still served");
            data.next(FrameType.RESPONSE);
            assertEquals("still served", data.next(FrameType.DATA).text());
            data.next(FrameType.END);
            fixture.control.close(1000);
            assertEquals(0, fixture.agent.awaitExit(LIMIT));
        }
    }

    @Test
    void aDrainThatComesWhileTheAgentStopsCutsNothing() throws Exception {
        try (AgentFixture fixture = new AgentFixture()) {
            FramePeer data = fixture.open();
            byte[] head = "GET / HTTP/1.1\r\nHost: x.test\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            data.send(frames -> {
                frames.frame(1, FrameType.REQUEST, head, 0, head.length);
                frames.end(1);
            });
            Peer local = fixture.local();
            local.readRequest();
            fixture.agent.stop();
            fixture.control.next("close_tunnel");
            fixture.control.send("{'type':'drain','reason':'restart'}");
            data.assertAlive();
            ScriptedService.respond(local, "still served");
            data.next(FrameType.RESPONSE);
            assertEquals("still served", data.next(FrameType.DATA).text());
            data.next(FrameType.END);
            fixture.control.close(1000);
            assertEquals(0, fixture.agent.awaitExit(LIMIT));
            assertTrue(fixture.agent.log().entries("draining").isEmpty());
        }
    }
}
