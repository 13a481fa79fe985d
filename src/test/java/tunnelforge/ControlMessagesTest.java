package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.json.JsonObject;
import tunnelforge.websocket.Role;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;

/** What the server makes of an agent's control messages, good and bad ones; tunnels of other agents are unharmed by any. */
final class ControlMessagesTest {
    private static TunnelFixture tunnel;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start();
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    private static String depth(int levels) {
        return "{\"type\":\"register_tunnel\",\"x\":" + "[".repeat(levels) + "]".repeat(levels) + "}";
    }

    private void assertOthersUnharmed() throws Exception {
        tunnel.service().serveText("unharmed");
        assertEquals("unharmed", tunnel.get("/").text());
    }

    private static void assertError(int code, String name, boolean retry, JsonObject message) throws Exception {
        assertEquals("error", message.string("type"), message::toString);
        assertEquals(code, message.integer("code", 0, 999));
        assertEquals(name, message.string("name"));
        assertEquals(retry, message.bool("retry", !retry));
        assertFalse(message.string("message").isBlank());
    }

    @Test
    void aMinimalRegistrationIsEnough() throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        JsonObject registered = agent.register();
        assertTrue(registered.string("url").matches("https://[a-z0-9-]+\\.tunnel\\.localhost:" + tunnel.server().port()));
        assertEquals("https", registered.string("protocol"));
        assertFalse(registered.string("resume_token").isEmpty());
        assertTrue(registered.integer("keep_alive_seconds", 1, 3600) > 0);
        assertEquals(3, registered.object("pool").integer("min", 0, 100));
        assertEquals(10, registered.object("pool").integer("max", 0, 100));
        assertEquals(65_536, registered.object("limits").integer("max_frame", 0, 1 << 24));
        assertEquals(65_536, registered.object("limits").integer("initial_window", 0, 1 << 24));
        Set<String> ids = new java.util.HashSet<>();
        for (int i = 0; i < 3; i++) {
            JsonObject ask = agent.next();
            assertEquals("open_data_connection", ask.string("type"));
            assertEquals(registered.string("tunnel_id"), ask.string("tunnel_id"));
            ids.add(ask.string("connection_id"));
        }
        assertEquals(3, ids.size());
    }

    @Test
    void unknownFieldsAreIgnored() throws Exception {
        new ScriptedAgent(tunnel).register("\"options\":{\"new\":{\"a\":[1,2]}},\"newer\":null,\"newest\":1e3");
    }

    static List<String> whatIsNoRegistration() {
        return List.of("", "x", "[]", "null", "{}", "{\"type\":1}", "{\"type\":\"register_tunnel\"}", "{\"type\":\"keep_alive\",\"tunnel_id\":\"x\"}",
                "{\"type\":\"close_tunnel\",\"tunnel_id\":\"x\"}", "{\"type\":\"unheard_of\"}", "{\"type\":\"register_tunnel\",\"auth_token\":7}",
                "{\"type\":\"register_tunnel\",\"auth_token\":\"t\",\"protocol\":\"http\",\"local_port\":65536}",
                "{\"type\":\"register_tunnel\",\"auth_token\":\"t\",\"protocol\":\"http\",\"local_port\":-1}",
                "{\"type\":\"register_tunnel\",\"auth_token\":\"t\",\"protocol\":\"http\",\"local_port\":\"8080\"}",
                "{\"type\":\"register_tunnel\",\"type\":\"register_tunnel\"}", "{\"type\":\"register_tunnel\"", "{'type':'register_tunnel'}",
                "{\"type\":\"register_tunnel\",}", depth(40), "[".repeat(60_000), "{\"type\":\"register_tunnel\",\"x\":[" + "1,".repeat(20_000) + "1]}",
                "{\"type\":\"register_tunnel\",\"local_port\":" + "9".repeat(1_000) + "}");
    }

    @ParameterizedTest
    @MethodSource("whatIsNoRegistration")
    void aFirstMessageThatIsNoRegistrationIsRefused(String message) throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        agent.send(message);
        assertError(400, "TF-PROTOCOL", false, agent.next());
        assertEquals(1008, agent.awaitClose());
        assertOthersUnharmed();
    }

    static List<String> whatIsNoMessage() {
        return List.of("x", "[]", "{}", "{\"type\":\"unheard_of\"}", "{\"type\":\"keep_alive\"}", "{\"type\":\"keep_alive\",\"tunnel_id\":\"another\"}",
                "{\"type\":\"close_tunnel\",\"tunnel_id\":\"another\"}", "{\"type\":\"close_tunnel\"}", depth(40), "\"" + "x".repeat(60_000),
                "{\"type\":\"tunnel_registered\"}");
    }

    @ParameterizedTest
    @MethodSource("whatIsNoMessage")
    void aLaterMessageThatIsWrongIsAnsweredAndTheConnectionGoesOn(String message) throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        String id = agent.register().string("tunnel_id");
        agent.send(message);
        assertError(400, "TF-PROTOCOL", false, agent.next("error"));
        agent.send("{\"type\":\"keep_alive\",\"tunnel_id\":\"" + id + "\",\"sent_at\":1767225600000}");
        JsonObject echo = agent.next("keep_alive");
        assertEquals(id, echo.string("tunnel_id"));
        assertEquals(1_767_225_600_000L, echo.integer("sent_at", 0, Long.MAX_VALUE));
    }

    @Test
    void keepAliveWithoutATimeIsEchoedWithout() throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        String id = agent.register().string("tunnel_id");
        agent.send("{\"type\":\"keep_alive\",\"tunnel_id\":\"" + id + "\"}");
        assertFalse(agent.next("keep_alive").has("sent_at"));
    }

    @Test
    void aSecondRegistrationIsRefusedAndTouchesNothing() throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        String host = URI.create(agent.register().string("url")).getHost();
        int before = tunnel.server().tunnels();
        agent.sendRegister("\"options\":{\"subdomain\":\"second\"}");
        assertError(400, "TF-PROTOCOL", false, agent.next("error"));
        assertEquals(before, tunnel.server().tunnels());
        assertTrue(tunnel.server().hasTunnel(host));
        assertFalse(tunnel.server().hasTunnel("second.tunnel.localhost"));
    }

    @Test
    void anothersTunnelCannotBeClosed() throws Exception {
        ScriptedAgent one = new ScriptedAgent(tunnel);
        JsonObject registered = one.register();
        ScriptedAgent two = new ScriptedAgent(tunnel);
        two.register();
        two.send("{\"type\":\"close_tunnel\",\"tunnel_id\":\"" + registered.string("tunnel_id") + "\"}");
        assertError(400, "TF-PROTOCOL", false, two.next("error"));
        assertTrue(tunnel.server().hasTunnel(URI.create(registered.string("url")).getHost()));
    }

    @Test
    void closingATunnelFreesItsNameAtOnce() throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        String id = agent.register("\"options\":{\"subdomain\":\"closing\"}").string("tunnel_id");
        agent.send("{\"type\":\"close_tunnel\",\"tunnel_id\":\"" + id + "\"}");
        assertEquals(1000, agent.awaitClose());
        assertFalse(tunnel.server().hasTunnel("closing.tunnel.localhost"));
        new ScriptedAgent(tunnel).register("\"options\":{\"subdomain\":\"closing\"}");
    }

    @Test
    void aWrongTokenIsRefused() throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        int before = tunnel.server().tunnels();
        agent.send("{\"type\":\"register_tunnel\",\"auth_token\":\"wrong\",\"protocol\":\"https\",\"local_port\":0}");
        assertError(401, "TF-AUTH", false, agent.next());
        assertEquals(1008, agent.awaitClose());
        assertEquals(before, tunnel.server().tunnels());
        assertFalse(tunnel.server().log().entries().toString().contains("wrong\""), "a token was logged");
    }

    @ParameterizedTest
    @ValueSource(strings = {"www", "-x", "x-", "a.b", "_x", "a b", "\u00e4", "xn--x", "", "admin", "tunnelforge",
        "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg"})
    void namesThatNobodyMayHaveAreRefused(String name) throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        agent.sendRegister("\"options\":{\"subdomain\":\"" + name + "\"}");
        assertError(400, "TF-NAME-INVALID", false, agent.next());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tunnel.localhost", "x.tunnel.localhost", "localhost", "127.0.0.1", "[::1]", "example", "*.example.com", "a..b", "example.com:1"})
    void hostNamesThatNobodyMayHaveAreRefused(String name) throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        agent.sendRegister("\"options\":{\"hostname\":\"" + name + "\"}");
        assertError(400, "TF-NAME-INVALID", false, agent.next());
    }

    @Test
    void aNameThatIsTakenIsRefusedInAnyCase() throws Exception {
        new ScriptedAgent(tunnel).register("\"options\":{\"subdomain\":\"mine\"}");
        for (String name : List.of("mine", "MINE")) {
            ScriptedAgent agent = new ScriptedAgent(tunnel);
            agent.sendRegister("\"options\":{\"subdomain\":\"" + name + "\"}");
            JsonObject error = agent.next();
            assertEquals("TF-NAME-TAKEN", error.string("name"));
            assertEquals(409, error.integer("code", 0, 999));
        }
    }

    @Test
    void aForgedResumeTokenTakesNothingUp() throws Exception {
        ScriptedAgent owner = new ScriptedAgent(tunnel);
        JsonObject registered = owner.register("\"options\":{\"subdomain\":\"forged\"}");
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        String token = registered.string("resume_token");
        String forged = token.substring(0, token.length() - 4) + (token.endsWith("AAAA") ? "BBBB" : "AAAA");
        agent.sendRegister("\"options\":{\"subdomain\":\"forged\"}", "\"tunnel_id\":\"" + registered.string("tunnel_id") + "\"",
                "\"resume_token\":\"" + forged + "\"");
        assertEquals("TF-NAME-TAKEN", agent.next().string("name"));
        owner.send("{\"type\":\"keep_alive\",\"tunnel_id\":\"" + registered.string("tunnel_id") + "\"}");
        owner.next("keep_alive");
    }

    @Test
    void theTokenOfOnesOwnTunnelTakesNoOtherUp() throws Exception {
        ScriptedAgent owner = new ScriptedAgent(tunnel);
        JsonObject registered = owner.register("\"options\":{\"subdomain\":\"coveted\"}");
        String own = new ScriptedAgent(tunnel).register().string("resume_token");
        String url = new ScriptedAgent(tunnel).register("\"tunnel_id\":\"" + registered.string("tunnel_id") + "\"", "\"resume_token\":\"" + own + "\"").string("url");
        assertFalse(url.contains("coveted"), url);
        owner.send("{\"type\":\"keep_alive\",\"tunnel_id\":\"" + registered.string("tunnel_id") + "\"}");
        owner.next("keep_alive");
    }

    /** "wpad" is a name that browsers ask of their own accord. */
    @Test
    void aResumedHostNameIsNoWayToAReservedName() throws Exception {
        ScriptedAgent owner = new ScriptedAgent(tunnel);
        JsonObject registered = owner.register("\"options\":{\"hostname\":\"wpad.example.net\"}");
        String id = "\"tunnel_id\":\"" + registered.string("tunnel_id") + "\"";
        owner.send("{\"type\":\"close_tunnel\"," + id + "}");
        Eventually.await("the tunnel has ended", () -> !tunnel.server().hasTunnel("wpad.example.net"));
        String url = new ScriptedAgent(tunnel).register(id, "\"resume_token\":\"" + registered.string("resume_token") + "\"").string("url");
        assertFalse(url.contains("wpad"), url);
    }

    /** It was no longer held to registering in time. */
    @Test
    void aBinaryMessageBeforeTheRegistrationEndsTheConnection() throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        agent.writer().binary(new byte[1], 0, 1);
        assertEquals("TF-PROTOCOL", agent.next().string("name"));
        agent.awaitClose();
    }

    @Test
    void binaryMessagesAreAnsweredWithAnError() throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        agent.register();
        agent.writer().binary(new byte[10], 0, 10);
        assertEquals("TF-PROTOCOL", agent.next("error").string("name"));
    }

    @Test
    void aMessageOver64KibClosesTheConnection() throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        agent.register();
        agent.send("{\"type\":\"" + "x".repeat(65_536) + "\"}");
        assertEquals(1009, agent.awaitClose());
        assertOthersUnharmed();
    }

    @Test
    void unmaskedFramesCloseTheConnection() throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        agent.connection().send(new byte[] {(byte) 0x81, 2, '{', '}'});
        assertEquals(1002, agent.awaitClose());
        assertOthersUnharmed();
    }

    @Test
    void textThatIsNoUtf8ClosesTheConnection() throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        agent.connection().send(new byte[] {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, (byte) 0xc3, 0x28});
        assertEquals(1007, agent.awaitClose());
    }

    @Test
    void pingsAreAnswered() throws Exception {
        ScriptedAgent agent = new ScriptedAgent(tunnel);
        agent.register();
        agent.writer().ping(new byte[] {1, 2, 3});
        WebSocketReader reader = new WebSocketReader(agent.connection().in(), 65_536, Role.CLIENT);
        WebSocketMessage message;
        do {
            message = reader.read();
        } while (!(message instanceof WebSocketMessage.Pong));
        assertArrayEquals(new byte[] {1, 2, 3}, ((WebSocketMessage.Pong) message).payload());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"426|Sec-WebSocket-Protocol: tunnelforge.v2", "426|X: no protocol", "400|Sec-WebSocket-Key: short", "400|Upgrade: h2c"})
    void aHandshakeOfAnotherKindIsRefused(int status, String line) throws Exception {
        StringBuilder head = new StringBuilder("GET /_tunnelforge/control HTTP/1.1\r\nHost: server\r\nConnection: Upgrade\r\n");
        for (String usual : List.of("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Protocol: tunnelforge.v1")) {
            String name = usual.substring(0, usual.indexOf(':'));
            boolean left = line.startsWith(name + ":") || line.startsWith("X") && name.endsWith("Protocol");
            head.append(left ? line : usual).append("\r\n");
        }
        Message answer = tunnel.visitor((String) null).send(head + "\r\n").readResponse();
        assertEquals(status, answer.status());
        assertEquals(status == 426 ? "TF-VERSION" : "TF-PROTOCOL", answer.get("TunnelForge-Error"));
    }
}
