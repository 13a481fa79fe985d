package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.Eventually;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.net.TestHello;

/** What a visitor is told who waited for a session and gets none. */
final class RefusedSessionsTest {
    private static final byte[] UNRECOGNIZED_NAME = {21, 3, 3, 0, 2, 2, 112};

    /** It was a bare reset, which says nothing to whoever looks for the cause. */
    @Test
    void aTlsVisitorGetsAnAlertWhenTheTunnelEnds() throws Exception {
        try (TunnelFixture fixture = TunnelFixture.start(new TunnelFixture.Options().withoutAgent());
                ManualAgent agent = ManualAgent.register(fixture, "tls")) {
            byte[] hello = TestHello.records(TestHello.message(TestHello.sni(agent.host())), 16 * 1024);
            Peer visitor = fixture.rawVisitor().send(hello);
            Eventually.await("it waits", () -> fixture.server().waiting() == 1);
            agent.end();
            assertArrayEquals(UNRECOGNIZED_NAME, visitor.readToEnd());
        }
    }

    /** A stranger's sessions took all that connections to the TLS port live on. */
    @Test
    void sessionsCanTakeNoMoreThanTheirPartAndTheTlsPortServesOn() throws Exception {
        try (TunnelFixture fixture = TunnelFixture.start(); ManualAgent agent = ManualAgent.register(fixture, "tcp")) {
            fixture.service().serveText("served");
            try (AutoCloseable taken = fixture.server().takeSessionMemory()) {
                agent.tcpVisitor().awaitClosed();
                fixture.server().log().await("connections_limit", Eventually.LIMIT);
                assertEquals("served", fixture.get("/").text());
            }
            Peer visitor = agent.tcpVisitor();
            Eventually.await("it waits", () -> fixture.server().waiting() == 1);
            visitor.close();
            agent.end();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTcpVisitorIsReset(boolean hasSpoken) throws Exception {
        try (TunnelFixture fixture = TunnelFixture.start(new TunnelFixture.Options().withoutAgent());
                ManualAgent agent = ManualAgent.register(fixture, "tcp")) {
            Peer visitor = agent.tcpVisitor();
            if (hasSpoken) {
                visitor.send("something");
            }
            Eventually.await("it waits", () -> fixture.server().waiting() == 1);
            agent.end();
            visitor.awaitReset();
        }
    }
}
