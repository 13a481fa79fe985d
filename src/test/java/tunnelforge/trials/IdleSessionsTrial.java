package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tunnelforge.Peer;

/** A thousand TCP sessions at once that say nothing for a minute. */
final class IdleSessionsTrial {
    private static final int COUNT = 1_000;
    private static final long IDLE_MILLIS = 60_000;

    /** Of its own for each session, and each time. */
    private static byte[] pattern(int session, int time) {
        byte[] bytes = new byte[1 + session % 3_000];
        SplittableRandom random = new SplittableRandom(session * 31L + time);
        random.nextBytes(bytes);
        return bytes;
    }

    private static void echo(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[4096];
            int count;
            while ((count = in.read(buffer)) >= 0) {
                socket.getOutputStream().write(buffer, 0, count);
            }
        } catch (java.io.IOException e) {
            // The session has ended.
        }
    }

    private static void accept(ServerSocket listener) {
        try {
            while (true) {
                Socket socket = listener.accept();
                Thread.ofVirtual().start(() -> echo(socket));
            }
        } catch (java.io.IOException e) {
            // Closed in the end.
        }
    }

    private static void exchange(List<Peer> visitors, int time) throws Exception {
        for (int i = 0; i < visitors.size(); i++) {
            visitors.get(i).send(pattern(i, time));
        }
        for (int i = 0; i < visitors.size(); i++) {
            byte[] expected = pattern(i, time);
            assertArrayEquals(expected, visitors.get(i).read(expected.length), "session " + i);
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aThousandAreAliveAfterAMinuteAndNoBytesAreAnothers() throws Exception {
        List<Peer> visitors = new ArrayList<>();
        try (ServerSocket listener = new ServerSocket(0, COUNT, InetAddress.getLoopbackAddress()); Rig rig = Rig.tcp(listener.getLocalPort())) {
            Thread.ofVirtual().start(() -> accept(listener));
            long server = Program.canMeasure() ? rig.server().liveBytes() : 0;
            long agent = Program.canMeasure() ? rig.agent().liveBytes() : 0;
            long start = System.nanoTime();
            for (int i = 0; i < COUNT; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), rig.tcpPort());
                visitors.add(new Peer(socket, socket));
            }
            exchange(visitors, 1);
            long opened = (System.nanoTime() - start) / 1_000_000;
            if (Program.canMeasure()) {
                Figures.print("1,000 TCP sessions: all served within %d ms; each costs %,d bytes in the server, %,d in the agent", opened,
                        (rig.server().liveBytes() - server) / COUNT, (rig.agent().liveBytes() - agent) / COUNT);
            }
            Thread.sleep(IDLE_MILLIS);
            start = System.nanoTime();
            exchange(visitors, 2);
            long echoed = (System.nanoTime() - start) / 1_000_000;
            Figures.print("1,000 TCP sessions: after a minute of silence all echo within %d ms", echoed);
            assertTrue(echoed < 10_000, echoed + " ms");
        } finally {
            for (Peer visitor : visitors) {
                visitor.close();
            }
        }
    }
}
