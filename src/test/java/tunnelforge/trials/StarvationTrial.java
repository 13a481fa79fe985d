package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import tunnelforge.FramePeer;
import tunnelforge.Peer;
import tunnelforge.server.TestServer;

/** Peers that keep the server busy without pause hold up nobody else: virtual threads are not preempted, so the server itself has to see to it. */
final class StarvationTrial {
    /** As many carriers as a small machine has, so that the trial asks the same of a large one. */
    private static final String[] TWO_CARRIERS = {"-Xmx256m", "-Djdk.virtualThreadScheduler.parallelism=2"};
    private static final List<String> SLOW_AES = List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:-UseAES", "-XX:-UseAESIntrinsics",
            "-XX:TieredStopAtLevel=1");
    private static final String NOBODY = "nobody." + TestServer.DOMAIN;
    private static final Duration FLOOD = Duration.ofSeconds(10);
    private static final Duration ALONE = Duration.ofSeconds(3);
    private static final double MEDIAN_LIMIT_MILLIS = 100;
    private static final int FLOODING_VISITORS = 4;
    private static final int REQUESTS_AT_ONCE = 300;
    private static final int FLOODING_CONNECTIONS = 3;
    /** Of a type that no version knows: to be read and ignored. */
    private static final int IGNORABLE = 100;
    private static final int FRAME_HEADER = 8;
    private static final int FRAMES_AT_ONCE = 4_000;
    private static final long HUGE = 1L << 40;

    private final List<Thread> threads = new ArrayList<>();
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private final AtomicLong flooded = new AtomicLong();

    /** What runs in a thread of the flood, until its connection is closed. */
    private interface Flood {
        void run() throws IOException;
    }

    @Test
    void visitorsWhoPipelineRequestsToAnUnknownHost() throws Exception {
        try (Rig rig = Rig.start(TWO_CARRIERS)) {
            alone(rig);
            List<Peer> visitors = new ArrayList<>();
            for (int i = 0; i < FLOODING_VISITORS; i++) {
                visitors.add(rig.connect(NOBODY));
                String answer = visitors.get(i).send(Rig.requestTo(NOBODY, "HEAD /")).readHead();
                assertTrue(answer.contains("TF-TUNNEL-UNKNOWN"), answer);
            }
            visitors.forEach(this::pipeline);
            Figures beside = watch(rig, "bytes of refusals");
            Figures.print("beside %d visitors who pipeline to an unknown host: %s", FLOODING_VISITORS, beside);
            check(rig, beside);
        }
    }

    @Test
    void anAgentThatSendsFramesToBeIgnored() throws Exception {
        try (Rig rig = Rig.start(TWO_CARRIERS); WireAgent agent = new WireAgent(rig)) {
            alone(rig);
            byte[] frames = new byte[FRAMES_AT_ONCE * FRAME_HEADER];
            for (int i = 0; i < frames.length; i += FRAME_HEADER) {
                frames[i + Integer.BYTES] = IGNORABLE;
            }
            List<FramePeer> connections = new ArrayList<>();
            for (int i = 0; i < FLOODING_CONNECTIONS; i++) {
                connections.add(agent.open("binary"));
            }
            toClose.addAll(connections);
            connections.forEach(data -> flood(() -> {
                data.peer().out().write(frames);
                flooded.addAndGet(FRAMES_AT_ONCE);
            }));
            Figures beside = watch(rig, "ignorable frames");
            Figures.print("beside an agent that floods %d data connections: %s", FLOODING_CONNECTIONS, beside);
            check(rig, beside);
        }
    }

    @Test
    void bulkSessionsWhereAesIsSlow() throws Exception {
        List<String> server = new ArrayList<>(SLOW_AES);
        server.addAll(List.of(TWO_CARRIERS));
        try (Rig rig = Rig.start(server, List.of("-Xmx256m"))) {
            alone(rig);
            int port = rig.addTcpTunnel("-Xmx256m");
            upload(port);
            upload(port);
            Figures beside = watch(rig, "bytes uploaded");
            Figures.print("beside 2 bulk uploads over tcp where AES is slow: %s", beside);
            check(rig, beside);
        }
    }

    /** A visitor sends and reads, each in a thread of its own. */
    private void pipeline(Peer visitor) {
        toClose.add(visitor);
        byte[] batch = Rig.requestTo(NOBODY, "HEAD /").repeat(REQUESTS_AT_ONCE).getBytes(StandardCharsets.ISO_8859_1);
        byte[] answers = new byte[64 * 1024];
        flood(() -> visitor.out().write(batch));
        flood(() -> {
            int count = visitor.in().read(answers);
            if (count < 0) {
                throw new EOFException();
            }
            flooded.addAndGet(count);
        });
    }

    /** Sends to a local service that reads what it gets. */
    private void upload(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        toClose.add(socket);
        OutputStream out = socket.getOutputStream();
        out.write(("PUT /digest HTTP/1.1\r\nHost: any\r\nContent-Length: " + HUGE + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        byte[] piece = new byte[64 * 1024];
        flood(() -> {
            out.write(piece);
            flooded.addAndGet(piece.length);
        });
    }

    private void flood(Flood flood) {
        threads.add(Thread.ofPlatform().daemon().name("flood").start(() -> {
            try {
                while (true) {
                    flood.run();
                }
            } catch (IOException e) {
                // Closed in the end, or by the server: which may defend itself so.
            }
        }));
    }

    /** For whoever reads the figures: what this machine has left for anybody. */
    private static void alone(Rig rig) throws InterruptedException {
        Bystander bystander = Bystander.start(rig);
        Thread.sleep(ALONE);
        bystander.stop();
        Figures.print("alone: %s", bystander.figures());
    }

    private Figures watch(Rig rig, String what) throws Exception {
        long before = flooded.get();
        Bystander bystander = Bystander.start(rig);
        Thread.sleep(FLOOD);
        bystander.stop();
        Figures.print("%,.0f %s a second, for %d s", (flooded.get() - before) / (double) FLOOD.toSeconds(), what, FLOOD.toSeconds());
        for (AutoCloseable flood : toClose) {
            flood.close();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return bystander.figures();
    }

    private static void check(Rig rig, Figures beside) {
        assertEquals(0, rig.agent().count("\"event\":\"control_lost\""), () -> "the agent lost its control connection: " + rig.agent().lastLines());
        assertTrue(rig.server().isAlive() && rig.agent().isAlive(), "both programs live");
        assertTrue(beside.medianMillis() < MEDIAN_LIMIT_MILLIS, beside::toString);
    }
}
