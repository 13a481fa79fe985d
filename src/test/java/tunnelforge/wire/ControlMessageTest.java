package tunnelforge.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tunnelforge.json.JsonException;
import tunnelforge.text.AddressRange;

class ControlMessageTest {
    private static final TunnelLimits LIMITS = new TunnelLimits(65_536, 65_536, 100, 1000);
    private static final String LIMITS_JSON =
            "{\"max_frame\":65536,\"initial_window\":65536,\"max_exchanges_per_connection\":100,\"max_exchanges\":1000}";
    private static final String REGISTER =
            "{\"type\":\"register_tunnel\",\"auth_token\":\"tf_1\",\"protocol\":\"http\",\"local_port\":8080}";
    private static final String REGISTER_ALL = "{\"type\":\"register_tunnel\",\"auth_token\":\"tf_1\",\"protocol\":\"tcp\","
            + "\"local_port\":0,\"options\":{\"subdomain\":\"fox\",\"hostname\":\"a.example\",\"allow\":[\"10.0.0.0/8\"],"
            + "\"remote_port\":65535,\"compression\":false},\"agent_id\":\"a1\",\"agent_version\":\"1.0\",\"tunnel_id\":\"t1\","
            + "\"resume_token\":\"r1\"}";
    private static final String REGISTERED = "{\"type\":\"tunnel_registered\",\"tunnel_id\":\"t1\",\"url\":\"https://fox.example\","
            + "\"protocol\":\"http\",\"resume_token\":\"r1\",\"keep_alive_seconds\":20,\"pool\":{\"min\":3,\"max\":10},"
            + "\"limits\":" + LIMITS_JSON + "}";

    private static void assertAgent(String json, AgentMessage message) throws JsonException {
        assertEquals(message, AgentMessage.parse(json));
        assertEquals(json, message.toJson());
    }

    private static void assertServer(String json, ServerMessage message) throws JsonException {
        assertEquals(message, ServerMessage.parse(json));
        assertEquals(json, message.toJson());
    }

    private static void assertRefused(String messagePart, String agentJson) {
        String message = assertThrows(JsonException.class, () -> AgentMessage.parse(agentJson)).getMessage();
        assertTrue(message.contains(messagePart), message);
    }

    @Test
    void agentMessagesBothWays() throws JsonException {
        assertAgent(REGISTER, new AgentMessage.RegisterTunnel("tf_1", TunnelProtocol.HTTP, 8080, TunnelOptions.NONE, null, null, null, null));
        assertAgent(REGISTER_ALL, new AgentMessage.RegisterTunnel("tf_1", TunnelProtocol.TCP, 0,
                new TunnelOptions("fox", "a.example", new VisitorAccess(List.of(), List.of(AddressRange.parse("10.0.0.0/8")), List.of()), 65_535, false), "a1", "1.0", "t1", "r1"));
        assertAgent("{\"type\":\"keep_alive\",\"tunnel_id\":\"t1\"}", new AgentMessage.KeepAlive("t1", null));
        assertAgent("{\"type\":\"keep_alive\",\"tunnel_id\":\"t1\",\"sent_at\":-9223372036854775808}",
                new AgentMessage.KeepAlive("t1", Long.MIN_VALUE));
        assertAgent("{\"type\":\"close_tunnel\",\"tunnel_id\":\"t1\"}", new AgentMessage.CloseTunnel("t1"));
        assertAgent("{\"type\":\"dance\"}", new AgentMessage.Unknown("dance"));
    }

    private static AgentMessage asks(VisitorAccess visitors) {
        return new AgentMessage.RegisterTunnel("tf_1", TunnelProtocol.HTTP, 8080, new TunnelOptions(null, null, visitors, null, null), null, null, null, null);
    }

    private static String options(String members) {
        return REGISTER.replace("}", ",\"options\":{" + members + "}}");
    }

    @Test
    void whoMayVisitBothWays() throws JsonException {
        assertAgent(options("\"auth\":\"u:p:q\""), asks(new VisitorAccess(List.of("u:p:q"), List.of(), List.of())));
        assertAgent(options("\"auth\":[\"u:p\",\":q\"],\"allow\":[\"10.0.0.0/8\",\"2001:db8::/32\"],\"deny\":[\"10.0.0.1\"]"),
                asks(new VisitorAccess(List.of("u:p", ":q"), List.of(AddressRange.parse("10.0.0.0/8"), AddressRange.parse("2001:db8::/32")), List.of(AddressRange.parse("10.0.0.1")))));
        assertEquals(AgentMessage.parse(REGISTER), AgentMessage.parse(options("\"auth\":null,\"allow\":[],\"deny\":null")));
        assertEquals(List.of("auth", "deny"), new VisitorAccess(List.of("u:p"), List.of(), List.of(AddressRange.parse("::/0"))).fields());
        assertEquals(List.of(), VisitorAccess.ANYBODY.fields());
    }

    @Test
    void whoMayVisitHasLimits() throws JsonException {
        String most = "x".repeat(Limits.MAX_TEXT - 2) + ":p";
        AgentMessage.parse(options("\"auth\":\"" + most + "\""));
        assertRefused("'auth' has 513 characters; the limit is 512", options("\"auth\":\"x" + most + "\""));
        AgentMessage.parse(options("\"auth\":" + array("u:p", 100)));
        assertRefused("'auth' has 101 elements; the limit is 100", options("\"auth\":" + array("u:p", 101)));
        AgentMessage.parse(options("\"auth\":" + array(most, 48)));
        assertRefused("'auth' has 25088 bytes in all; the limit is 24576", options("\"auth\":" + array(most, 49)));
        AgentMessage.parse(options("\"allow\":" + array("::1", 100) + ",\"deny\":" + array("::1", 100)));
        assertRefused("'allow' has 101 elements; the limit is 100", options("\"allow\":" + array("::1", 101)));
        assertRefused("'deny' has 101 elements; the limit is 100", options("\"deny\":" + array("::1", 101)));
        assertRefused("'deny' is wrong: addresses are written", options("\"deny\":[\"example.com\"]"));
        assertRefused("'allow' must be an array", options("\"allow\":\"10.0.0.0/8\""));
        assertRefused("'auth' must be an array of strings", options("\"auth\":[1]"));
        assertRefused("'auth' must be user:password", options("\"auth\":[\"u:p\",\"secret\"]"));
        assertRefused("'auth' must be user:password", options("\"auth\":\"u:\""));
        assertRefused("'auth' has a control character", options("\"auth\":\"u:p\\n\""));
        for (String protocol : List.of("tcp", "tls")) {
            assertRefused("visitors of a " + protocol + " tunnel cannot be asked for a password", options("\"auth\":\"u:p\"").replace("\"http\"", '"' + protocol + '"'));
            AgentMessage.parse(options("\"deny\":[\"::1\"]").replace("\"http\"", '"' + protocol + '"'));
        }
    }

    /** At the limits the message is one that a control connection takes. */
    @Test
    void whoMayVisitFitsIntoAMessage() {
        String user = "\"".repeat(243) + ":p";
        AddressRange longest = AddressRange.parse("1111:1111:1111:1111:1111:1111:1111:1111/128");
        AgentMessage message = asks(new VisitorAccess(Collections.nCopies(100, user), Collections.nCopies(100, longest), Collections.nCopies(100, longest)));
        int rest = 2 * Limits.MAX_TOKEN + 2 * Limits.MAX_ID + 3 * Limits.MAX_TEXT;
        assertTrue(message.toJson().length() + rest <= Limits.CONTROL_MESSAGE, () -> "" + message.toJson().length());
    }

    private static String array(String element, int times) {
        return "[" + String.join(",", Collections.nCopies(times, '"' + element + '"')) + "]";
    }

    @Test
    void serverMessagesBothWays() throws JsonException {
        assertServer(REGISTERED, new ServerMessage.TunnelRegistered("t1", "https://fox.example", TunnelProtocol.HTTP, "r1", 20,
                new PoolSize(3, 10), LIMITS, List.of()));
        assertServer(REGISTERED.replaceFirst("}$", ",\"enforced\":[\"auth\",\"deny\"]}"), new ServerMessage.TunnelRegistered("t1", "https://fox.example", TunnelProtocol.HTTP,
                "r1", 20, new PoolSize(3, 10), LIMITS, List.of("auth", "deny")));
        assertServer("{\"type\":\"open_data_connection\",\"tunnel_id\":\"t1\",\"connection_id\":\"c1\"}",
                new ServerMessage.OpenDataConnection("t1", "c1"));
        assertServer("{\"type\":\"keep_alive\",\"tunnel_id\":\"t1\",\"sent_at\":5}", new ServerMessage.KeepAlive("t1", 5L));
        assertServer("{\"type\":\"error\",\"code\":409,\"name\":\"TF-NAME-TAKEN\",\"message\":\"taken\",\"retry\":true}",
                ServerMessage.Error.of(TunnelError.NAME_TAKEN, "taken", true));
        assertServer("{\"type\":\"drain\",\"reason\":\"shutdown\"}", new ServerMessage.Drain("shutdown"));
        assertServer("{\"type\":\"dance\"}", new ServerMessage.Unknown("dance"));
    }

    @Test
    void dataConnectionMessagesBothWays() throws JsonException {
        String hello = "{\"type\":\"data_connection\",\"tunnel_id\":\"t1\",\"connection_id\":\"c1\",\"encoding\":\"binary\",\"resend\":true}";
        assertEquals(new DataConnectionHello("t1", "c1", DataEncoding.BINARY, true, List.of()), DataConnectionHello.parse(hello));
        assertEquals(hello, new DataConnectionHello("t1", "c1", DataEncoding.BINARY, true, List.of()).toJson());
        assertEquals(new DataConnectionHello("t1", "c1", DataEncoding.JSON, false, List.of()),
                DataConnectionHello.parse("{\"tunnel_id\":\"t1\",\"type\":\"data_connection\",\"connection_id\":\"c1\"}"));
        String knowing = "{\"type\":\"data_connection\",\"tunnel_id\":\"t1\",\"connection_id\":\"c1\",\"encoding\":\"json\",\"features\":[\"done\",\"new\"]}";
        DataConnectionHello knows = new DataConnectionHello("t1", "c1", DataEncoding.JSON, false, List.of("done", "new"));
        assertEquals(knows, DataConnectionHello.parse(knowing));
        assertEquals(knowing, knows.toJson());
        assertEquals(List.of("done"), Features.common(knows));
        String accepted = "{\"type\":\"data_connection_accepted\",\"features\":[\"resend\",\"new\"],\"limits\":" + LIMITS_JSON + "}";
        DataConnectionAccepted read = new DataConnectionAccepted(List.of("resend", "new"), LIMITS);
        assertEquals(read, DataConnectionAccepted.parse(accepted));
        assertEquals(accepted, read.toJson());
        String open = "{\"visitor_address\":\"::1\",\"visitor_port\":1,\"public_address\":\"::2\",\"public_port\":65535,\"sni\":\"a.b\"}";
        assertEquals(new SessionOpen("::1", 1, "::2", 65_535, "a.b"), SessionOpen.parse(open));
        assertEquals(open, new SessionOpen("::1", 1, "::2", 65_535, "a.b").toJson());
        assertEquals("data_connection", DataMessage.typeOf(hello));
        assertThrows(JsonException.class, () -> DataMessage.typeOf("{}"));
        assertThrows(JsonException.class, () -> DataConnectionHello.parse(accepted));
        assertThrows(JsonException.class, () -> DataConnectionHello.parse(hello.replace("binary", "Binary")));
        assertThrows(JsonException.class, () -> DataConnectionAccepted.parse(hello));
    }

    @Test
    void unknownFieldsAndNullsAreAsIfAbsent() throws JsonException {
        assertEquals(AgentMessage.parse(REGISTER), AgentMessage.parse(REGISTER.replace("}",
                ",\"new\":{\"a\":[1]},\"options\":{\"newer\":true,\"subdomain\":null},\"agent_id\":null,\"tunnel_id\":null}")));
    }

    @Test
    void limitsThatAServerDoesNotNameAreTheWiresOwn() throws JsonException {
        int any = Integer.MAX_VALUE;
        assertEquals(new TunnelLimits(65_536, 65_536, any, any), DataConnectionAccepted.parse("{\"type\":\"data_connection_accepted\"}").limits());
    }

    @Test
    void whatIsMissingOddOrTooLargeIsNamed() {
        assertRefused("'type' is missing", "{}");
        assertRefused("'auth_token' is missing", REGISTER.replace("auth_token", "token"));
        assertRefused("'auth_token' must be a string", REGISTER.replace("\"tf_1\"", "1"));
        assertRefused("'auth_token' has 1025 characters; the limit is 1024", REGISTER.replace("tf_1", "x".repeat(1025)));
        assertRefused("'protocol' must be http, https, tcp or tls", REGISTER.replace("\"http\"", "\"HTTP\""));
        assertRefused("'local_port'", REGISTER.replace("8080", "65536"));
        assertRefused("'local_port'", REGISTER.replace("8080", "-1"));
        assertRefused("'resume_token'", REGISTER.replace("}", ",\"tunnel_id\":\"t1\"}"));
        assertRefused("'resume_token'", REGISTER.replace("}", ",\"resume_token\":\"r1\"}"));
        assertRefused("'agent_id' has 129 characters; the limit is 128", REGISTER.replace("}", ",\"agent_id\":\"" + "x".repeat(129) + "\"}"));
        assertRefused("'options' must be an object", REGISTER.replace("}", ",\"options\":[]}"));
        assertRefused("'auth' must be user:password", REGISTER.replace("}", ",\"options\":{\"auth\":\"secret\"}}"));
        assertRefused("'remote_port'", REGISTER.replace("}", ",\"options\":{\"remote_port\":0}}"));
        assertRefused("'tunnel_id' is empty", "{\"type\":\"close_tunnel\",\"tunnel_id\":\"\"}");
        assertRefused("'sent_at'", "{\"type\":\"keep_alive\",\"tunnel_id\":\"t1\",\"sent_at\":1.5}");
        for (String field : new String[] {"\"max\":10", "\"keep_alive_seconds\":20", "\"initial_window\":65536", "\"max_frame\":65536",
            "\"max_exchanges\":1000"}) {
            String odd = field.substring(0, field.indexOf(':')) + ":0";
            assertThrows(JsonException.class, () -> ServerMessage.parse(REGISTERED.replace(field, odd)), odd);
        }
        assertThrows(JsonException.class, () -> ServerMessage.parse(REGISTERED.replace("\"max_frame\":65536", "\"max_frame\":65537")));
        assertThrows(JsonException.class, () -> ServerMessage.parse(REGISTERED.replace("\"max\":10", "\"max\":2")));
    }

    @Test
    void atTheLimitIsTaken() throws JsonException {
        AgentMessage.parse(REGISTER.replace("tf_1", "x".repeat(Limits.MAX_TOKEN)).replace("8080", "65535"));
        ServerMessage.parse(REGISTERED.replace("\"initial_window\":65536", "\"initial_window\":" + Limits.MAX_WINDOW));
    }

    @Test
    void secretsStayOutOfToString() throws JsonException {
        String shown = AgentMessage.parse(REGISTER_ALL).toString() + AgentMessage.parse(options("\"auth\":\"u:p:q\"")) + ServerMessage.parse(REGISTERED);
        for (String secret : new String[] {"tf_1", "a1", "r1", "u:p:q"}) {
            assertFalse(shown.contains(secret), shown);
        }
        assertTrue(shown.contains("t1") && shown.contains("fox"), shown);
    }

    @Test
    void anErrorOfAnAgentNeedsOnlyCodeAndMessageAndIsCut() throws JsonException {
        ServerMessage.Error error = ServerMessage.Error.parse("{\"type\":\"error\",\"code\":502,\"message\":\"no\"}");
        assertEquals(new ServerMessage.Error(502, null, "no", false), error);
        assertEquals("{\"type\":\"error\",\"code\":502,\"message\":\"no\",\"retry\":false}", error.toJson());
        assertEquals("x".repeat(Limits.MAX_REASON), new ServerMessage.Error(500, null, "x".repeat(5000), true).message());
        assertEquals("x".repeat(Limits.MAX_REASON - 1),
                new ServerMessage.Error(500, null, "x".repeat(Limits.MAX_REASON - 1) + "😀", true).message());
        assertThrows(JsonException.class, () -> ServerMessage.Error.parse("{\"type\":\"drain\"}"));
        assertThrows(JsonException.class, () -> ServerMessage.Error.parse("{\"type\":\"error\",\"code\":99,\"message\":\"no\"}"));
    }

    @Test
    void anErrorAndAResetMeanTheSame() {
        assertEquals(ResetCode.UPSTREAM_REFUSED, new ServerMessage.Error(502, null, "", false).asReset());
        assertEquals(ResetCode.UPSTREAM_TIMEOUT, new ServerMessage.Error(504, null, "", false).asReset());
        assertEquals(ResetCode.OVERLOADED, new ServerMessage.Error(503, "unknown", "", false).asReset());
        assertEquals(ResetCode.TOO_LARGE, new ServerMessage.Error(413, null, "", false).asReset());
        assertEquals(ResetCode.UPSTREAM_INVALID, new ServerMessage.Error(500, null, "", false).asReset());
        assertEquals(ResetCode.OUTCOME_UNKNOWN, new ServerMessage.Error(502, "TF-OUTCOME-UNKNOWN", "", false).asReset());
        assertEquals(ResetCode.UPSTREAM_INVALID, new ServerMessage.Error(502, "TF-UPSTREAM-INVALID", "", false).asReset());
    }

    @Test
    void errorsAndResetCodesHaveTheWiresNumbers() {
        assertEquals("TF-NAME-TAKEN", TunnelError.NAME_TAKEN.wireName());
        for (TunnelError error : TunnelError.values()) {
            assertEquals(error, TunnelError.of(error.wireName()));
        }
        assertEquals(null, TunnelError.of("TF-NEW"));
        assertEquals(null, TunnelError.of(null));
        assertEquals(5, ResetCode.NOT_RUN.code());
        for (ResetCode code : ResetCode.values()) {
            assertEquals(code, ResetCode.of(code.code()));
        }
        for (int unknown : new int[] {-1, 10, 65_535}) {
            assertEquals(ResetCode.BROKEN_OFF, ResetCode.of(unknown));
        }
    }

    @Test
    void mutatedMessagesAreReadOrRefusedWithAnExceptionOfOurs() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        String marks = "\"\\{}[]:,0-9.eEtfn ü\u0000😀";
        for (int round = 0; round < 5000; round++) {
            StringBuilder text = new StringBuilder(round % 2 == 0 ? REGISTER_ALL : REGISTERED);
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.insert(at, marks.charAt(random.nextInt(marks.length())));
                    default -> text.setCharAt(at, marks.charAt(random.nextInt(marks.length())));
                }
            }
            try {
                AgentMessage.parse(text.toString());
                ServerMessage.parse(text.toString());
            } catch (JsonException expected) {
                // What a broken peer leads to.
            } catch (RuntimeException e) {
                fail("seed " + seed + ", round " + round + ": " + text, e);
            }
        }
    }
}
