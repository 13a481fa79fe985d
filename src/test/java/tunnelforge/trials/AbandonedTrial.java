package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.Peer;

/** Visitors who ask and leave at once, over and over, while the local service hangs: what they have left behind counts until it is over. */
final class AbandonedTrial {
    private static final int VISITORS = 32;
    /** So long that the request gets to the agent. */
    private static final int STAY_MILLIS = 20;
    private static final Duration FLOOD = Duration.ofSeconds(6);
    private static final int LOOK_EVERY_MILLIS = 50;
    /** The exchanges that a tunnel may have at once, 1,024, each with a socket, and what the agent has beside them. */
    private static final int MOST_DESCRIPTORS = 1_300;
    private static final int MORE_DESCRIPTORS_AFTER = 20;
    private static final Duration OVER_WITHIN = Duration.ofSeconds(30);

    private final AtomicInteger requests = new AtomicInteger();
    private volatile boolean enough;

    @Test
    void requestsThatAreResetWhileTheLocalServiceAcceptsNobody() throws Exception {
        assumeTrue(Program.canCountDescriptors(), "no /proc here");
        List<Socket> queued = new ArrayList<>();
        try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress()); Rig rig = Rig.http(service.getLocalPort(), "-Xmx256m")) {
            fill(service, queued);
            int before = rig.agent().descriptors();
            int serverBefore = rig.server().descriptors();
            List<Thread> visitors = new ArrayList<>();
            for (int i = 0; i < VISITORS; i++) {
                visitors.add(Thread.ofPlatform().daemon().name("leaving visitor").start(() -> askAndLeave(rig)));
            }
            int most = before;
            int serverMost = serverBefore;
            for (long end = System.nanoTime() + FLOOD.toNanos(); System.nanoTime() - end < 0;) {
                Thread.sleep(LOOK_EVERY_MILLIS);
                most = Math.max(most, rig.agent().descriptors());
                serverMost = Math.max(serverMost, rig.server().descriptors());
            }
            enough = true;
            for (Thread visitor : visitors) {
                visitor.join();
            }
            Figures.print("%d requests abandoned in %d s: at most %d descriptors in the agent, %d in the server; before: %d, %d", requests.get(),
                    FLOOD.toSeconds(), most, serverMost, before, serverBefore);
            long start = System.nanoTime();
            awaitDescriptors(rig.agent(), "the agent", before);
            awaitDescriptors(rig.server(), "the server", serverBefore);
            Figures.print("%.1f s later all of them are closed", (System.nanoTime() - start) / 1e9);
            int mostInAgent = most;
            assertTrue(mostInAgent < MOST_DESCRIPTORS, () -> mostInAgent + " descriptors in the agent");
            assertTrue(requests.get() > MOST_DESCRIPTORS, () -> "only " + requests.get() + " requests: too few to see anything");

            Thread.ofPlatform().daemon().name("service").start(() -> serve(service));
            try (Peer visitor = visit(rig)) {
                Figures.ofSmallRequests(visitor, 1);
            }
        } finally {
            for (Socket socket : queued) {
                socket.close();
            }
        }
    }

    /** Connects until the queue of those to be accepted is full: whoever comes next hangs. */
    private static void fill(ServerSocket service, List<Socket> queued) throws IOException {
        try {
            while (true) {
                Socket socket = new Socket();
                queued.add(socket);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), service.getLocalPort()), 500);
            }
        } catch (java.net.SocketTimeoutException e) {
            // Full.
        }
    }

    /** The local service has come to itself. */
    private static void serve(ServerSocket service) {
        try {
            while (true) {
                Socket socket = service.accept();
                Thread.ofVirtual().start(() -> {
                    try (Peer peer = new Peer(socket, socket)) {
                        peer.readRequest();
                        peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + BulkService.SMALL.length() + "\r\n\r\n" + BulkService.SMALL);
                        peer.awaitClosed();
                    } catch (IOException e) {
                        // One of those who had waited in the queue.
                    }
                });
            }
        } catch (IOException e) {
            // Closed in the end.
        }
    }

    private static Peer visit(Rig rig) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), rig.httpPort());
        return new Peer(socket, socket);
    }

    private void askAndLeave(Rig rig) {
        while (!enough) {
            try {
                Peer visitor = visit(rig);
                visitor.send(Rig.request("GET /"));
                Thread.sleep(STAY_MILLIS);
                visitor.reset();
                requests.incrementAndGet();
            } catch (IOException e) {
                // Refused: there are too many.
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static void awaitDescriptors(Program program, String name, int before) {
        int[] now = new int[1];
        Eventually.await(() -> name + " had " + before + " descriptors and has " + now[0], OVER_WITHIN, () -> {
            try {
                now[0] = program.descriptors();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            return now[0] <= before + MORE_DESCRIPTORS_AFTER;
        });
    }
}
