package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import tunnelforge.Peer;
import tunnelforge.websocket.WebSocketHandshake;

/** What one address can hold, it cannot keep from another: as many bodies, sessions and silent connections as there are places and more. */
final class FairSharesTrial {
    private static final int COUNT = 1_030;
    private static final int SILENT_PER_SECOND = 200;
    private static final String ONE = "127.0.0.1";
    private static final String ANOTHER = "127.0.0.2";
    private static final double MEDIAN_LIMIT_MILLIS = 50;
    /** A little longer than a body may stand still when others need its place. */
    private static final int SECONDS = 35;

    private static void closeAll(List<? extends AutoCloseable> all) throws Exception {
        for (AutoCloseable each : all) {
            each.close();
        }
    }

    @Test
    void bodiesThatHardlyMove() throws Exception {
        List<Peer> slow = new ArrayList<>();
        try (Rig rig = Rig.http(0)) {
            for (int i = 0; i < COUNT; i++) {
                slow.add(rig.visitPlain(ONE).send(Rig.request("PUT /digest", "Content-Length: 1000000") + "x"));
            }
            Figures beside = new Figures();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            for (int second = 1; System.nanoTime() - end < 0; second++) {
                for (int i = second % 5; i < COUNT; i += 5) {
                    sendIfOpen(slow.get(i));
                }
                try (Peer visitor = rig.visitPlain(ANOTHER)) {
                    for (int i = 0; i < 10; i++) {
                        beside.addSmallRequest(visitor);
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(90));
                    }
                }
            }
            long log = rig.server().count("\"event\":");
            Figures.print("small requests beside %d bodies of 0.2 B/s: %s; %d lines of log", COUNT, beside, log);
            assertTrue(beside.medianMillis() < MEDIAN_LIMIT_MILLIS, beside::toString);
            assertTrue(log < 30, "refusals are told of as a rate, not in " + log + " lines");
            // An agent that stops waits for what is under way.
            closeAll(slow);
        } finally {
            closeAll(slow);
        }
    }

    private static void sendIfOpen(Peer visitor) {
        try {
            visitor.send("x");
        } catch (IOException e) {
            // It has had its answer.
        }
    }

    @Test
    void silentWebSockets() throws Exception {
        List<Peer> silent = new ArrayList<>();
        try (Rig rig = Rig.http(0)) {
            for (int i = 0; i < COUNT; i++) {
                silent.add(openWebSocket(rig, ONE));
            }
            Figures beside = new Figures();
            try (Peer visitor = rig.visitPlain(ONE); Peer another = rig.visitPlain(ANOTHER)) {
                for (int i = 0; i < 200; i++) {
                    beside.addSmallRequest(visitor);
                    beside.addSmallRequest(another);
                }
            }
            silent.add(openWebSocket(rig, ANOTHER));
            Figures.print("small requests beside %d silent WebSockets: %s", COUNT, beside);
            assertTrue(beside.medianMillis() < MEDIAN_LIMIT_MILLIS, beside::toString);
        } finally {
            closeAll(silent);
        }
    }

    private static Peer openWebSocket(Rig rig, String from) throws IOException {
        Peer peer = rig.visitPlain(from).send(Rig.request("GET /socket", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: " + WebSocketHandshake.newKey()));
        assertEquals(101, peer.readResponseHead().status());
        return peer;
    }

    /** More than there is memory for, and always new ones, from the agent's own address. */
    @Test
    void silentConnectionsDoNotKeepAgentsOut() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        try (Rig rig = Rig.startTo(0, List.of("-Xmx96m"), List.of())) {
            Thread silent = Thread.ofPlatform().start(() -> connectSilently(rig.port(), enough));
            try {
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(8));
                long start = System.nanoTime();
                rig.addTcpTunnel();
                Figures.print("an agent beside %d silent connections a second, in a heap of 96 MB: has its tunnel after %.1f s", SILENT_PER_SECOND,
                        (System.nanoTime() - start) / 1e9);
                try (Peer visitor = rig.visit()) {
                    Figures.ofSmallRequests(visitor, 10);
                }
            } finally {
                enough.set(true);
                silent.join();
            }
        }
    }

    private static void connectSilently(int port, AtomicBoolean enough) {
        ArrayDeque<Socket> held = new ArrayDeque<>();
        try {
            while (!enough.get()) {
                held.add(new Socket(InetAddress.getLoopbackAddress(), port));
                if (held.size() > 2 * COUNT) {
                    held.remove().close();
                }
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1) / SILENT_PER_SECOND);
            }
            for (Socket each : held) {
                each.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
