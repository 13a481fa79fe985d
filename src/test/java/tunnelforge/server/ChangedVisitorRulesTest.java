package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.ScriptedService;
import tunnelforge.TunnelFixture;
import tunnelforge.agent.TestAgent;
import tunnelforge.wire.FrameType;

/** A tunnel is visited by the rules of its newest registration. */
final class ChangedVisitorRulesTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String AUTH = "\"auth\":\"eve:one\"";
    private static final String OTHER_AUTH = "\"auth\":\"eve:two\"";

    private static TunnelFixture fixture;

    @TempDir
    private Path state;

    @BeforeAll
    static void start() throws Exception {
        fixture = TunnelFixture.start(new TunnelFixture.Options().withoutAgent().withRelay().grace(Duration.ofMinutes(5)));
    }

    @AfterEach
    void settle() throws Exception {
        fixture.settle();
    }

    @AfterAll
    static void stop() throws Exception {
        fixture.close();
    }

    private static String basic(String userAndPassword) {
        return "Authorization: Basic " + Base64.getEncoder().encodeToString(userAndPassword.getBytes());
    }

    private static Peer ask(Peer visitor, String host, String... lines) throws Exception {
        return visitor.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n" + String.join("", List.of(lines).stream().map(line -> line + "\r\n").toList()) + "\r\n");
    }

    private static int answered(Peer visitor, FramePeer data, int id) throws Exception {
        FramePeer.Frame request = data.next(FrameType.REQUEST);
        assertFalse(request.text().toLowerCase().contains("authorization"), request.text());
        data.respond(request.id(), "HTTP/1.1 200 OK", "Content-Length: 0").end(request.id());
        assertEquals(id, request.id());
        return visitor.readResponse().status();
    }

    @Test
    void aTakeUpBringsItsOwnAlsoToKeptConnections() throws Exception {
        ManualAgent agent = ManualAgent.register(fixture, "https", AUTH);
        FramePeer data = agent.open();
        Peer visitor = agent.visitor();
        assertEquals(200, answered(ask(visitor, agent.host(), basic("eve:one")), data, 1));
        ManualAgent next = agent.resume(OTHER_AUTH);
        assertEquals(401, ask(visitor, agent.host(), basic("eve:one")).readResponse().status());
        FramePeer fresh = next.open();
        assertEquals(401, ask(visitor, agent.host()).readResponse().status());
        ask(visitor, agent.host(), basic("eve:two"));
        data.close();
        assertEquals(200, answered(visitor, fresh, 1));
        ManualAgent open = next.resume();
        ask(visitor, agent.host());
        fresh.close();
        assertEquals(200, answered(visitor, open.open(), 1));
        open.end();
        open.close();
    }

    /** It was let in by rules that hold no longer: its request is not the agent's, nor is a password that was none of the server's before. */
    @Test
    void whoHasWaitedMeanwhileIsSentAway() throws Exception {
        ManualAgent agent = ManualAgent.register(fixture);
        agent.close();
        fixture.server().log().await("control_ended", LIMIT);
        Peer visitor = ask(agent.visitor(), agent.host(), basic("a:password"));
        Eventually.await("it waits", () -> fixture.server().waiting() == 1);
        ManualAgent next = agent.resume(AUTH);
        FramePeer data = next.open();
        Message refused = visitor.readResponse();
        assertEquals(503, refused.status());
        assertEquals("TF-AGENT-AWAY", refused.get("TunnelForge-Error"));
        assertEquals(200, answered(ask(agent.visitor(), agent.host(), basic("eve:one")), data, 1));
        next.end();
        next.close();
    }

    @Test
    void whoHasWaitedIsServedWhenTheRulesAreTheSame() throws Exception {
        ManualAgent agent = ManualAgent.register(fixture, "https", AUTH);
        agent.close();
        Peer visitor = ask(agent.visitor(), agent.host(), basic("eve:one"));
        Eventually.await("it waits", () -> fixture.server().waiting() == 1);
        ManualAgent next = agent.resume(AUTH);
        assertEquals(200, answered(visitor, next.open(), 1));
        next.end();
        next.close();
    }

    private TestAgent startAgent(List<String> users) throws Exception {
        return fixture.startAgent("127.0.0.1:" + fixture.service().port(), new TestAgent.Options().subdomain("again").idIn(state).visitors(users, List.of(), List.of()));
    }

    @Test
    void afterATakeOverTheNextAgentsHoldAndWhoHasWaitedIsSentAway() throws Exception {
        TestAgent first = startAgent(List.of());
        first.url();
        String host = "again.tunnel.localhost";
        fixture.relay().refuse(true);
        fixture.relay().cutAll();
        Eventually.await("the pool is empty", () -> fixture.server().dataConnections() == 0);
        first.stop();
        assertEquals(0, first.awaitExit(LIMIT));
        first.releaseId();
        Peer waiting = ask(fixture.visitor(host), host);
        Eventually.await("it waits", () -> fixture.server().waiting() == 1);
        fixture.service().serveText("served");
        fixture.relay().refuse(false);
        TestAgent second = startAgent(List.of("eve:one"));
        assertEquals(503, waiting.readResponse().status());
        second.url();
        assertEquals(401, ask(fixture.visitor(host), host).readResponse().status());
        assertEquals("served", ask(fixture.visitor(host), host, basic("eve:one")).readResponse().text());
        assertEquals(1, fixture.service().requests());
        second.close();
        second.releaseId();
    }
}
