package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.Eventually;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.json.JsonWriter;
import tunnelforge.websocket.Role;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;
import tunnelforge.websocket.WebSocketWriter;
import tunnelforge.wire.Limits;

/** One agent's registrations that arrive at the same time: an agent that is refused for good gives up. */
class RegistrationRacesTest {
    private static final int AT_ONCE = 6;
    private static final int ROUNDS = 5;
    private static final String AGENT_ID = "0123456789abcdef0123456789abcdef";

    private final List<Peer> controls = new ArrayList<>();
    private TunnelFixture fixture;

    @BeforeEach
    void start() throws Exception {
        fixture = TunnelFixture.start(new TunnelFixture.Options().withoutAgent());
    }

    @AfterEach
    void end() throws Exception {
        endTunnels();
        fixture.close();
    }

    private void endTunnels() throws Exception {
        for (Peer control : controls) {
            control.reset();
        }
        controls.clear();
    }

    private Peer openControl() throws IOException {
        Peer control = ManualAgent.openControl(fixture);
        controls.add(control);
        return control;
    }

    private static WebSocketWriter writer(Peer control) throws IOException {
        return new WebSocketWriter(control.out(), Role.CLIENT);
    }

    private static JsonObject firstText(Peer control) throws IOException {
        WebSocketReader reader = new WebSocketReader(control.in(), Limits.CONTROL_MESSAGE, Role.CLIENT);
        while (true) {
            if (reader.read() instanceof WebSocketMessage.Text text) {
                return JsonReader.parseObject(text.text());
            }
        }
    }

    private String message(String protocol, String more) {
        return "{\"type\":\"register_tunnel\",\"auth_token\":\"" + fixture.server().token() + "\",\"protocol\":\"" + protocol + "\",\"local_port\":0" + more + "}";
    }

    /** All of them get the same tunnel, or are told to try again. */
    private void registerAtOnce(String message) throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        List<FutureTask<JsonObject>> answers = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            Peer control = openControl();
            FutureTask<JsonObject> task = new FutureTask<>(() -> {
                go.await();
                writer(control).text(message);
                return firstText(control);
            });
            answers.add(task);
            Thread.ofVirtual().start(task);
        }
        go.countDown();
        for (FutureTask<JsonObject> task : answers) {
            JsonObject answer = task.get(Peer.LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertTrue(answer.string("type").equals("tunnel_registered") || answer.bool("retry", false), JsonWriter.write(answer));
        }
        registered(message);
        assertEquals(1, fixture.server().tunnels());
    }

    /** As an agent does it: again for as long as it is told to. */
    private JsonObject registered(String message) throws Exception {
        while (true) {
            Peer control = openControl();
            writer(control).text(message);
            JsonObject answer = firstText(control);
            if (answer.string("type").equals("tunnel_registered")) {
                return answer;
            }
            assertTrue(answer.bool("retry", false), JsonWriter.write(answer));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"https", "tcp"})
    void aTunnelThatHadEndedTakenUpTwiceAtOnce(String protocol) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Peer control = openControl();
            writer(control).text(message(protocol, ""));
            JsonObject before = firstText(control);
            writer(control).text("{\"type\":\"close_tunnel\",\"tunnel_id\":\"" + before.string("tunnel_id") + "\"}");
            Eventually.await("the tunnel has ended", () -> fixture.server().tunnels() == 0);
            registerAtOnce(message(protocol, ",\"tunnel_id\":\"" + before.string("tunnel_id") + "\",\"resume_token\":\"" + before.string("resume_token") + "\""));
            closeTunnel(before.string("tunnel_id"), before.string("resume_token"), protocol);
        }
    }

    /** By one more control connection, which takes the tunnel up and closes it. */
    private void closeTunnel(String id, String resumeToken, String protocol) throws Exception {
        Peer control = openControl();
        WebSocketWriter writer = writer(control);
        writer.text(message(protocol, ",\"tunnel_id\":\"" + id + "\",\"resume_token\":\"" + resumeToken + "\""));
        assertEquals("tunnel_registered", firstText(control).string("type"));
        writer.text("{\"type\":\"close_tunnel\",\"tunnel_id\":\"" + id + "\"}");
        Eventually.await("the tunnel has ended", () -> fixture.server().tunnels() == 0);
        endTunnels();
    }

    @ParameterizedTest
    @ValueSource(strings = {"https", "tcp"})
    void oneAgentStartedTwiceAtOnceTakesItsAddressOver(String protocol) throws Exception {
        String asked = protocol.equals("tcp") ? "{\"remote_port\":" + fixture.server().firstTcpPort() + "}" : "{\"subdomain\":\"twice\"}";
        String message = message(protocol, ",\"agent_id\":\"" + AGENT_ID + "\",\"options\":" + asked);
        for (int round = 0; round < ROUNDS; round++) {
            registerAtOnce(message);
        }
        JsonObject last = registered(message);
        closeTunnel(last.string("tunnel_id"), last.string("resume_token"), protocol);
    }

    @Test
    void anotherAgentsAddressIsStillTaken() throws Exception {
        String options = ",\"options\":{\"subdomain\":\"mine\"}";
        JsonObject mine = registered(message("https", ",\"agent_id\":\"" + AGENT_ID + "\"" + options));
        Peer other = openControl();
        writer(other).text(message("https", options));
        JsonObject refusal = firstText(other);
        assertEquals("TF-NAME-TAKEN", refusal.string("name"));
        closeTunnel(mine.string("tunnel_id"), mine.string("resume_token"), "https");
    }
}
