package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tunnelforge.Peer;

/** Garbage on the port is closed within its limits, noted in one line each, and no visitor suffers. */
final class GarbageTrial {
    private static final int OF_EACH_KIND = 300;
    private static final int COUNT = 3 * OF_EACH_KIND;
    private static final long SEED = 443;
    private static final double MEDIAN_LIMIT_MILLIS = 50;
    private static final int SMALL_REQUESTS = 500;
    /** A handshake may take 10 s; a little more for a busy machine. */
    private static final int CLOSED_WITHIN_SECONDS = 15;
    /** Of server and agent themselves. */
    private static final int OTHER_LINES = 20;
    /** The head of a record of 512 bytes, of a ClientHello of 508, and its version. */
    private static final byte[] HALF_HELLO = HexFormat.of().parseHex("1603010200010001fc0303");

    private final CountDownLatch closed = new CountDownLatch(COUNT);
    private final List<Socket> sockets = new ArrayList<>();

    @Test
    void randomBytesHalfHellosAndSlowOnes() throws Exception {
        try (Rig rig = Rig.start(); Peer visitor = rig.visit()) {
            Figures.ofSmallRequests(visitor, SMALL_REQUESTS);
            Random random = new Random(SEED);
            Figures beside = new Figures();
            for (int i = 0; i < OF_EACH_KIND; i++) {
                byte[] garbage = new byte[1 + random.nextInt(5000)];
                random.nextBytes(garbage);
                open(rig).write(garbage);
                open(rig).write(HALF_HELLO);
                OutputStream slow = open(rig);
                Thread.ofVirtual().start(() -> writeSlowly(slow));
                beside.addSmallRequest(visitor);
            }
            Figures later = Figures.ofSmallRequests(visitor, SMALL_REQUESTS);
            try (Peer newcomer = rig.visit()) {
                Figures.ofSmallRequests(newcomer, 1);
            }
            long stillOpen = closed.getCount();
            long start = System.nanoTime();
            assertTrue(closed.await(CLOSED_WITHIN_SECONDS, TimeUnit.SECONDS), () -> closed.getCount() + " are still open; the seed is " + SEED);
            long lines = rig.server().count("\"event\":");
            Figures.print("small requests while %d bad connections come: %s", COUNT, beside);
            Figures.print("small requests with %d of them still open:    %s; the last was closed %.1f s later; %d lines of log", stillOpen,
                    later, (System.nanoTime() - start) / 1e9, lines);
            assertTrue(beside.medianMillis() < MEDIAN_LIMIT_MILLIS, beside::toString);
            assertTrue(later.medianMillis() < MEDIAN_LIMIT_MILLIS, later::toString);
            assertTrue(lines <= COUNT + OTHER_LINES, () -> lines + " lines");
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** A connection that counts {@link #closed} down when the server closes it. */
    private OutputStream open(Rig rig) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), rig.port());
        sockets.add(socket);
        Thread.ofVirtual().start(() -> {
            try {
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // Reset: closed as well.
            }
            closed.countDown();
        });
        return socket.getOutputStream();
    }

    /** A byte of a ClientHello every 200 ms, until the server has had enough. */
    private void writeSlowly(OutputStream out) {
        try {
            for (int i = 0; !closed.await(200, TimeUnit.MILLISECONDS); i++) {
                out.write(i < HALF_HELLO.length ? HALF_HELLO[i] : 0);
            }
        } catch (IOException | InterruptedException e) {
            // It had.
        }
    }
}
