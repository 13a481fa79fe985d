package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.json.JsonObject;
import tunnelforge.websocket.Role;
import tunnelforge.websocket.WebSocketWriter;
import tunnelforge.wire.Limits;

/** As {@link HostileAgentsTest}, of what an agent says on its control connection, and of ids that it has stolen or guesses. */
final class HostileControlTest {
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

    /** What an agent says on its control connection, whose tunnel is open. */
    record Speech(String name, boolean ends, Said said) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** All of it. */
    private interface Said {
        void by(ManualAgent agent) throws Exception;
    }

    private static String keepAlive(String id) {
        return "{\"type\":\"keep_alive\",\"tunnel_id\":\"" + id + "\"}";
    }

    private static void say(ManualAgent agent, int times, String json) throws IOException {
        for (int i = 0; i < times; i++) {
            agent.say(json);
        }
    }

    static Stream<Speech> speeches() {
        String register = "{\"type\":\"register_tunnel\",\"auth_token\":\"x\",\"protocol\":\"https\",\"local_port\":0}";
        String victim = fixture.server().tunnelId(fixture.host());
        return Stream.of(
                new Speech("a keep_alive for another's tunnel", false, agent -> say(agent, 100, keepAlive(victim))),
                new Speech("close_tunnel for another's tunnel", false, agent -> say(agent, 100, "{\"type\":\"close_tunnel\",\"tunnel_id\":\"" + victim + "\"}")),
                new Speech("many registrations", false, agent -> say(agent, 1_000, register)),
                new Speech("many keep_alives", false, agent -> say(agent, 1_000, keepAlive(agent.tunnelId()))),
                new Speech("no JSON, many times", false, agent -> say(agent, 1_000, "{")),
                new Speech("deep JSON", false, agent -> agent.say("[".repeat(60_000))),
                new Speech("a message over the limit", true, agent -> agent.say("x".repeat(Limits.CONTROL_MESSAGE + 1))));
    }

    @ParameterizedTest
    @MethodSource("speeches")
    void onItsControlConnectionItLosesThatAndNothingElse(Speech speech) throws Exception {
        try (SharedServer.Beside beside = server.beside(); ManualAgent agent = ManualAgent.register(fixture)) {
            String host = agent.host();
            try {
                speech.said().by(agent);
            } catch (IOException e) {
                assertTrue(speech.ends(), () -> "the control connection has ended: " + e);
            }
            if (speech.ends()) {
                for (JsonObject message = agent.message(); !message.string("type").equals("ended"); message = agent.message()) {
                    // What was answered before.
                }
            } else {
                while (agent.message() != null && fixture.server().hasTunnel(host) && !answersSync(agent)) {
                    // Errors before it.
                }
            }
            assertTrue(fixture.server().hasTunnel(fixture.host()));
            beside.awaitServed();
            ManualAgent ending = speech.ends() ? agent.resume() : agent;
            ending.end();
            ending.close();
        }
        server.assertNothingIsKept();
    }

    private static boolean answersSync(ManualAgent agent) throws Exception {
        String mark = "{\"type\":\"keep_alive\",\"tunnel_id\":\"" + agent.tunnelId() + "\",\"sent_at\":4711}";
        agent.say(mark);
        for (JsonObject message = agent.message(); message != null; message = agent.message()) {
            if (message.string("type").equals("keep_alive") && message.has("sent_at")) {
                return true;
            }
        }
        return false;
    }

    /** It reads nothing of what it is answered. */
    @Test
    void aFloodOfMessagesWhoseAnswersAreNotReadEndsTheControlConnection() throws Exception {
        try (SharedServer.Beside beside = server.beside(); Peer control = ManualAgent.openControl(fixture)) {
            WebSocketWriter writer = new WebSocketWriter(control.out(), Role.CLIENT);
            writer.text("{\"type\":\"register_tunnel\",\"auth_token\":\"" + fixture.server().token() + "\",\"protocol\":\"https\",\"local_port\":0,"
                    + "\"options\":{\"subdomain\":\"flooding\"}}");
            Eventually.await("it has a tunnel", () -> fixture.server().hasTunnel("flooding.tunnel.localhost"));
            String id = fixture.server().tunnelId("flooding.tunnel.localhost");
            boolean broken = false;
            try {
                for (long end = System.nanoTime() + Peer.LIMIT.toNanos(); System.nanoTime() - end < 0;) {
                    writer.text(keepAlive(id));
                }
            } catch (IOException e) {
                broken = true;
            }
            assertTrue(broken, "the server takes all of it");
            beside.awaitServed();
        }
        try (ManualAgent again = ManualAgent.register(fixture)) {
            assertNotEquals(fixture.host(), again.host());
            again.end();
        }
    }

    // ---- Ids. ----

    /** 128 random bits, and none of them is of use to whoever has stolen it. */
    @Test
    void aStolenIdIsOfNoUse() throws Exception {
        String victim = fixture.server().tunnelId(fixture.host());
        assertTrue(victim.matches(".*[0-9a-f]{32}"), victim);
        try (SharedServer.Beside beside = server.beside(); ManualAgent agent = ManualAgent.register(fixture)) {
            String invitation = agent.invitation();
            assertTrue(invitation.matches("[0-9a-f]{32}"), invitation);
            assertRefused(victim, invitation);
            for (int i = 0; i < 20; i++) {
                assertRefused(victim, String.format("%032x", i));
            }
            beside.awaitServed();
            agent.end();
        }
        server.assertNothingIsKept();
    }

    private static void assertRefused(String tunnelId, String connectionId) throws Exception {
        try (FramePeer data = ManualAgent.openSilently(fixture).hello(tunnelId, connectionId, "binary")) {
            FramePeer.Frame answer = data.next();
            assertTrue(answer.text().contains("\"code\":403"), answer::toString);
            data.awaitEnd();
        }
    }
}
