package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tunnelforge.FramePeer;
import tunnelforge.Peer;
import tunnelforge.ScriptedService;
import tunnelforge.agent.local.HostHeader;
import tunnelforge.agent.local.ProxyProtocol;
import tunnelforge.agent.local.Target;
import tunnelforge.agent.traffic.Traffic;
import tunnelforge.agent.tunnel.ServerAccess;
import tunnelforge.agent.tunnel.TrustFiles;
import tunnelforge.cli.ExitException;
import tunnelforge.cli.HostPort;
import tunnelforge.log.RecordingLog;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.TunnelProtocol;
import tunnelforge.wire.VisitorAccess;

/** One program keeps several tunnels: each has a control connection and a local service of its own. */
final class SeveralTunnelsTest {
    private static final Duration LIMIT = Duration.ofSeconds(15);

    private static AgentConfig.Tunnel tunnel(String subdomain, ScriptedService service) {
        return new AgentConfig.Tunnel(subdomain, new AgentConfig.Asked(TunnelProtocol.HTTPS, subdomain, null, null, VisitorAccess.ANYBODY), new Target.Tcp("127.0.0.1", service.port(), false),
                new AgentConfig.Local(HostHeader.PRESERVE, true, ProxyProtocol.NONE, 0, Traffic.UNCHANGED), AgentConfig.Tells.LITTLE);
    }

    private static Agent agent(ManualServer server, AgentConfig.Tunnel... tunnels) throws Exception {
        return new Agent(new AgentConfig(new ServerAccess(new HostPort("127.0.0.1", server.port()), "tf_test", new TrustFiles(server.caFile(), null, null), List.of(), "127.0.0.1", null), List.of(tunnels)), tunnel -> null,
                new RecordingLog().log(), death -> { });
    }

    private static FutureTask<Void> run(Agent agent) {
        FutureTask<Void> running = new FutureTask<>(() -> {
            agent.run();
            return null;
        });
        Thread.ofPlatform().daemon().start(running);
        return running;
    }

    private static void assertServes(ManualServer.Control control, ScriptedService service, String path) throws Exception {
        byte[] head = ("GET " + path + " HTTP/1.1\r\nHost: x.test\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        FramePeer data = control.openData();
        data.send(frames -> {
            frames.frame(1, FrameType.REQUEST, head, 0, head.length);
            frames.end(1);
        });
        Peer local = service.accept();
        assertEquals(path, local.readRequest().target());
        local.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + path.length() + "\r\n\r\n" + path);
        data.next(FrameType.RESPONSE);
        assertEquals(path, data.next(FrameType.DATA).text());
    }

    @Test
    void twoTunnelsServeAndOneThatIsRefusedLeavesTheOtherAlone() throws Exception {
        try (ManualServer server = new ManualServer(); ScriptedService red = new ScriptedService(); ScriptedService blue = new ScriptedService()) {
            Agent agent = agent(server, tunnel("red", red), tunnel("blue", blue));
            FutureTask<Void> running = run(agent);
            ManualServer.Control first = server.control();
            ManualServer.Control second = server.control();
            boolean redFirst = first.next("register_tunnel").object("options").string("subdomain").equals("red");
            second.next("register_tunnel");
            ManualServer.Control ofRed = redFirst ? first : second;
            ManualServer.Control ofBlue = redFirst ? second : first;
            ofRed.registered("t");
            ofBlue.registered("t");
            assertServes(ofRed, red, "/red");
            assertServes(ofBlue, blue, "/blue");
            ofRed.send("{'type':'error','code':409,'name':'TF-NAME-TAKEN','message':'taken over','retry':false}");
            ofRed.awaitEnd();
            assertServes(ofBlue, blue, "/blue/still");
            agent.stop();
            ofBlue.next("close_tunnel");
            ofBlue.close(1000);
            assertEquals(ExitException.REFUSED, assertThrows(ExitException.class, () -> {
                try {
                    running.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                } catch (java.util.concurrent.ExecutionException e) {
                    throw e.getCause();
                }
            }).code());
            assertEquals(0, agent.program().tasks().live());
            assertEquals(0, agent.program().ticker().size());
            assertEquals(0, agent.program().memory().used());
        }
    }
}
