package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.FramePeer;
import tunnelforge.cli.Launch;
import tunnelforge.wire.FrameType;

/** What the doctor says when a server, played by the test, fails it late. */
final class DoctorStepsTest {
    private static final String TOKEN = "tf_never_shown";

    @TempDir
    private Path state;
    private ManualServer server;
    private CompletableFuture<Integer> code;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeEach
    void start() throws Exception {
        server = new ManualServer();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        code = CompletableFuture.supplyAsync(() -> Launch.run(new DoctorMain(out), out, out, "--state-dir", state.toString(), "--server",
                "127.0.0.1:" + server.port(), "--token", TOKEN, "--ca", server.caFile().toString()));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private ManualServer.Control registering() throws Exception {
        ManualServer.Control control = server.control();
        assertEquals(TOKEN, control.next("register_tunnel").string("auth_token"));
        return control;
    }

    private void assertFails(int wanted, String step, String... parts) throws Exception {
        int ended = code.get(30, TimeUnit.SECONDS);
        String text = said.toString(StandardCharsets.UTF_8);
        assertEquals(wanted, ended, text);
        assertFalse(text.contains(TOKEN) || text.contains("\u001b"), text);
        for (String part : parts) {
            assertTrue(text.lines().anyMatch(line -> line.startsWith("FAIL  " + step) && line.contains(part)), text);
        }
    }

    @Test
    void aRefusalThatMayPassIsNoRefusal() throws Exception {
        registering().send("{'type':'error','code':503,'name':'TF-OVERLOADED','message':'full \\u001b[2J','retry':true}");
        assertFails(1, "token", "full \\u001b[2J (TF-OVERLOADED)");
        assertTrue(said.toString(StandardCharsets.UTF_8).contains("next: try again later"));
    }

    @Test
    void aServerThatHangsUpInsteadOfAnAnswerIsTold() throws Exception {
        registering().close(1001);
        assertFails(1, "token", "the control connection has ended: the tunnel is closed");
    }

    @Test
    void aRefusedDataConnectionIsTold() throws Exception {
        registering().registered("t").send("{'type':'open_data_connection','tunnel_id':'t','connection_id':'c'}");
        FramePeer data = server.data();
        data.next(FrameType.MESSAGE);
        data.send(frames -> frames.message(0, "{\"type\":\"error\",\"code\":403,\"name\":\"TF-AUTH\",\"message\":\"used already\",\"retry\":false}"));
        assertFails(1, "data", "used already");
    }

    @Test
    void anAnswerThatDoesNotComeThroughTheTunnelIsTold() throws Exception {
        registering().registered("t").openData();
        assertFails(1, "visit", "the answer (101) is not the one that went into the tunnel");
    }

    @Test
    void anAddressThatIsNoneIsTold() throws Exception {
        registering().send(("{'type':'tunnel_registered','tunnel_id':'t','url':'not an address','protocol':'https','resume_token':'r','keep_alive_seconds':15,"
                + "'pool':{'min':3,'max':10},'limits':%s}").formatted(ManualServer.LIMITS)).openData();
        assertFails(1, "visit", "an address that is none: not an address");
    }
}
