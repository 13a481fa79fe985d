package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.log.Log;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.ManualClock;

/** Connections that come to nothing are told once a minute, whichever way they fail; visitors apart from agents. */
final class TurnedAwayConnectionsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final ManualClock clock = new ManualClock();
    private TunnelFixture tunnel;

    @BeforeEach
    void start() throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options().withoutAgent().http();
        options.server().clock(clock).acceptProxyFrom("203.0.113.0/24");
        tunnel = TunnelFixture.start(options);
    }

    @AfterEach
    void stop() throws Exception {
        tunnel.close();
    }

    private List<RecordingLog.Entry> lines() {
        return tunnel.server().log().entries().stream().filter(entry -> entry.level() == Log.Level.INFO && entry.fields().containsKey("peer")).toList();
    }

    private void say(Peer peer, String bytes) throws Exception {
        peer.send(bytes.getBytes(StandardCharsets.ISO_8859_1));
        peer.awaitClosed();
    }

    private void refusedOnes(int count) {
        Eventually.await("all of them are told", () -> tunnel.server().log().entries().stream()
                .filter(entry -> List.of("not_tls", "client_hello_refused", "request_refused", "tunnel_refused", "control_refused", "data_refused")
                        .contains(entry.event())).count() == count);
    }

    @Test
    void garbageOnBothPortsHasOneLineAMinute() throws Exception {
        for (int i = 0; i < 10; i++) {
            say(tunnel.rawVisitor(), "SSH-2.0-x\r\n");
        }
        say(tunnel.rawVisitor(), "\u0016\u0003\u0001\u0000\u0004\u0001\u00ff\u00ff\u00ff");
        for (int i = 0; i < 3; i++) {
            say(tunnel.plainVisitor(), "\u0001\u0002\r\n\r\n");
        }
        refusedOnes(14);
        assertEquals(List.of("not_tls"), lines().stream().map(RecordingLog.Entry::event).toList());
        clock.advance(MINUTE);
        RecordingLog.Entry told = lines().getLast();
        assertEquals("visitors_refused", told.event());
        assertEquals("1 client_hello_refused, 9 not_tls, 3 request_refused", told.fields().get("kinds"));
        assertEquals(1, told.fields().get("addresses"));
    }

    @Test
    void agentsThatAreRefusedAreNotHiddenByGarbage() throws Exception {
        say(tunnel.rawVisitor(), "SSH-2.0-x\r\n");
        for (int i = 0; i < 3; i++) {
            ScriptedAgent agent = new ScriptedAgent(tunnel);
            agent.send("{\"type\":\"register_tunnel\",\"auth_token\":\"wrong\",\"protocol\":\"https\",\"local_port\":8080}");
            agent.next();
        }
        ScriptedAgent.openData(tunnel).hello("nobody's", "0123456789abcdef0123456789abcdef", "binary").nextMessage();
        new ScriptedAgent(tunnel).connection().send(new byte[] {(byte) 0xff, (byte) 0xff, 1, 2});
        refusedOnes(6);
        assertEquals(List.of("not_tls", "tunnel_refused"), lines().stream().map(RecordingLog.Entry::event).toList());
        clock.advance(MINUTE);
        RecordingLog.Entry told = lines().getLast();
        assertEquals("agents_refused", told.event());
        assertEquals("1 control_refused, 1 data_refused, 2 tunnel_refused", told.fields().get("kinds"));
    }
}
