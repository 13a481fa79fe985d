package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.ResetCode;

/** Visitors that come and leave, while the local service takes no connection: what they have begun ends with them. */
final class AbandonedWorkTest {
    /** Far below what it takes to give up connecting. */
    private static final Duration SOON = Duration.ofSeconds(6);
    private static final int VISITORS = 90;

    /** A local service that hangs: its backlog is full, so that the connections of others are not even refused. */
    private static final class HangingService implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        private final List<Socket> fillers = new ArrayList<>();

        HangingService() throws IOException {
            for (boolean full = false; !full;) {
                Socket filler = new Socket();
                fillers.add(filler);
                try {
                    filler.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort()), 300);
                } catch (SocketTimeoutException e) {
                    full = true;
                }
            }
        }

        int port() {
            return listener.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            listener.close();
            for (Socket filler : fillers) {
                filler.close();
            }
        }
    }

    @Test
    void requestsThatAreResetWhileTheirLocalConnectionHangsLeaveNeitherTasksNorSockets() throws Exception {
        try (HangingService service = new HangingService(); ManualServer server = new ManualServer()) {
            TestAgent agent = server.startAgent(service.port());
            ManualServer.Control control = server.control();
            control.next("register_tunnel");
            control.registered("t");
            FramePeer data = control.openData();
            data.assertAlive();
            int before = agent.liveTasks();
            long memory = agent.memoryUsed();
            byte[] head = "GET / HTTP/1.1\r\nHost: x.test\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            for (int i = 1; i <= VISITORS; i++) {
                int id = i;
                data.send(frames -> {
                    frames.frame(id, FrameType.REQUEST, head, 0, head.length);
                    frames.end(id);
                });
            }
            Eventually.await("all of them connect", () -> agent.liveTasks() >= before + VISITORS);
            assertTrue(agent.memoryUsed() > memory, "they are charged");
            for (int id = 1; id <= VISITORS; id++) {
                data.reset(id, ResetCode.CANCELLED, "the visitor has left");
            }
            Eventually.await(() -> agent.liveTasks() - before + " tasks are left, and " + (agent.memoryUsed() - memory) + " bytes", SOON,
                    () -> agent.liveTasks() == before && agent.memoryUsed() == memory);
            data.assertAlive();
            agent.stop();
            control.next("close_tunnel");
            control.close(1000);
            agent.close();
        }
    }
}
