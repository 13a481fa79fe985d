package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameType;

/** Data connections that are not what was asked for, or break the protocol, end with an answer and harm nobody. */
final class DataConnectionRefusalsTest {
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

    private ScriptedAgent agent;
    private JsonObject registered;

    /** The {@code connection_id} of the next invitation. */
    private String invited() throws Exception {
        if (agent == null) {
            agent = new ScriptedAgent(tunnel);
            registered = agent.register();
        }
        JsonObject ask = agent.next();
        assertEquals("open_data_connection", ask.string("type"));
        return ask.string("connection_id");
    }

    private ScriptedAgent.Data accepted(String encoding) throws Exception {
        String connectionId = invited();
        ScriptedAgent.Data data = agent.openData().hello(registered.string("tunnel_id"), connectionId, encoding);
        assertEquals("data_connection_accepted", data.nextMessage().string("type"));
        return data;
    }

    private void assertOthersUnharmed() throws Exception {
        tunnel.service().serveText("unharmed");
        assertEquals("unharmed", tunnel.get("/").text());
    }

    private void assertRefused(ScriptedAgent.Data data, int code, String name) throws Exception {
        JsonObject error = data.nextMessage();
        assertEquals("error", error.string("type"));
        assertEquals(code, error.integer("code", 0, 999), error::toString);
        assertEquals(name, error.string("name"));
        assertTrue(data.connection().awaitClosed());
        assertOthersUnharmed();
    }

    @Test
    void aConnectionIdIsGoodForOneUseByItsTunnel() throws Exception {
        String connectionId = invited();
        String tunnelId = registered.string("tunnel_id");
        assertRefused(ScriptedAgent.openData(tunnel).hello(tunnelId, "0123456789abcdef0123456789abcdef", "binary"), 403, "TF-AUTH");
        assertRefused(ScriptedAgent.openData(tunnel).hello("another", connectionId, "binary"), 403, "TF-AUTH");
        ScriptedAgent other = new ScriptedAgent(tunnel);
        String otherId = other.register().string("tunnel_id");
        assertRefused(ScriptedAgent.openData(tunnel).hello(otherId, connectionId, "binary"), 403, "TF-AUTH");
        ScriptedAgent.Data data = agent.openData().hello(tunnelId, connectionId, "binary");
        JsonObject answer = data.nextMessage();
        assertEquals("data_connection_accepted", answer.string("type"));
        assertEquals(65_536, answer.object("limits").integer("max_frame", 0, 1 << 24));
        assertRefused(agent.openData().hello(tunnelId, connectionId, "binary"), 403, "TF-AUTH");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "{}", "{\"type\":\"data_connection\"}", "{\"type\":\"other\",\"tunnel_id\":\"t\",\"connection_id\":\"c\"}",
        "{\"type\":\"data_connection\",\"tunnel_id\":\"t\",\"connection_id\":\"c\",\"encoding\":\"xml\"}"})
    void aFirstMessageThatIsWrongIsAnswered(String message) throws Exception {
        assertRefused(ScriptedAgent.openData(tunnel).message(0, message), 400, "TF-PROTOCOL");
    }

    /** The server says so, and ends the connection without taking more. */
    private static void assertEnds(ScriptedAgent.Data data) throws IOException {
        do {
            assertTrue(data.frames().next());
        } while (data.frames().type() != FrameType.MESSAGE);
        JsonObject error = JsonReader.parseObject(FrameBuffer.text(data.frames().array(), data.frames().offset(), data.frames().length()));
        assertEquals(400, error.integer("code", 0, 999), error::toString);
        assertEquals("TF-PROTOCOL", error.string("name"));
        assertTrue(data.connection().awaitClosed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000000000001001", "0000000001000001", "00000000ff000000", "0000000003000001", "0000000000ffffff", "8000000000000001"})
    void aFirstFrameThatIsWrongEndsTheConnection(String header) throws Exception {
        ScriptedAgent.Data data = ScriptedAgent.openData(tunnel);
        data.connection().send(java.util.HexFormat.of().parseHex(header)).send("x");
        assertEnds(data);
        assertOthersUnharmed();
    }

    /** Header fields: id, type, length; then too little of the payload to know more. */
    @ParameterizedTest
    @ValueSource(strings = {"0000000003010001", "0000000103010001", "0000000102020001", "0000000104020001", "0000000105000401", "0000000106000005", "0000000007000009",
        "0000000000010001", "00000000ff000000", "0000000080000000", "8000000103000001"})
    void aFrameOverItsLimitEndsTheConnection(String header) throws Exception {
        ScriptedAgent.Data data = accepted("binary");
        data.connection().send(java.util.HexFormat.of().parseHex(header));
        assertEnds(data);
        assertOthersUnharmed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"000000010300000178", "000000010200000178", "0000000104000000", "00000001060000040000ffff", "0000000105000002ffff", "000000000600000400000001",
        "000000010100000178", "0000000106000003000001"})
    void aFrameForAnExchangeThatWasNeverOpenedEndsTheConnection(String frame) throws Exception {
        ScriptedAgent.Data data = accepted("binary");
        data.connection().send(java.util.HexFormat.of().parseHex(frame));
        assertEnds(data);
        assertOthersUnharmed();
    }

    @Test
    void unknownTypesBelow128AreIgnored() throws Exception {
        ScriptedAgent.Data data = accepted("binary");
        data.connection().send(java.util.HexFormat.of().parseHex("000000007f000003616263" + "00000005200000006100000b00000000".substring(0, 16)));
        FrameBuffer ping = new FrameBuffer(64);
        ping.message(0, "{\"type\":\"unheard_of\"}");
        ping.ping(0x0102030405060708L);
        data.send(ping);
        do {
            assertTrue(data.frames().next());
        } while (data.frames().type() != FrameType.PONG);
        assertEquals(0x0102030405060708L, FrameBuffer.pingValue(data.frames().array(), data.frames().offset(), data.frames().length()));
    }

    @Test
    void aVisitorOfALostDataConnectionLearnsThatTheOutcomeIsUnknown() throws Exception {
        ScriptedAgent.Data data = accepted("binary");
        URI url = URI.create(registered.string("url"));
        Peer visitor = tunnel.visitor(url.getHost());
        visitor.send("POST / HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\nContent-Length: 1\r\n\r\nx");
        do {
            assertTrue(data.frames().next());
        } while (data.frames().type() != FrameType.REQUEST);
        data.connection().close();
        assertEquals("TF-OUTCOME-UNKNOWN", visitor.readResponse().get("TunnelForge-Error"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nX", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", ""})
    void aResponseHeadThatIsNoneFailsItsExchangeOnly(String head) throws Exception {
        ScriptedAgent.Data data = accepted("binary");
        URI url = URI.create(registered.string("url"));
        for (int round = 1; round <= 2; round++) {
            Peer visitor = tunnel.visitor(url.getHost());
            visitor.send("GET / HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n\r\n");
            do {
                assertTrue(data.frames().next());
            } while (data.frames().type() != FrameType.REQUEST);
            int id = data.frames().id();
            byte[] bytes = head.getBytes(StandardCharsets.ISO_8859_1);
            FrameBuffer answer = new FrameBuffer(64);
            answer.frame(id, FrameType.RESPONSE, bytes, 0, bytes.length);
            data.send(answer);
            assertEquals("TF-UPSTREAM-INVALID", visitor.readResponse().get("TunnelForge-Error"));
        }
    }
}
