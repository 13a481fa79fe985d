package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.server.TestServer;
import tunnelforge.text.AccessToken;
import tunnelforge.text.Digests;

/** How exactly a tier's limits hold, and whether an account at its limit can be felt by another. */
final class TierLimitsTrial {
    private static final int REQUESTS_PER_SECOND = 200;
    private static final int BURST = 100;
    private static final int BYTES_PER_SECOND = 2_000_000;
    private static final int SECONDS = 10;
    private static final double TOLERANCE = 0.05;
    private static final int MANY = 64;
    private static final int ROUNDS = 12;
    private static final int REQUESTS_PER_ROUND = 150;
    private static final double SLOWER_AT_MOST = 1.2;

    private final SecureRandom random = new SecureRandom();
    private final String asked = AccessToken.make(random);
    private final String fed = AccessToken.make(random);
    private final String neighbours = AccessToken.make(random);
    private final List<Program> agents = new ArrayList<>();
    private Path state;
    private BulkService service;
    private Program server;
    private int httpPort;

    private static String account(String name, String tier, String token) {
        return "{\"name\": \"%s\", \"tier\": \"%s\", \"token_sha256\": [\"%s\"]}".formatted(name, tier,
                HexFormat.of().formatHex(Digests.sha256(token.getBytes(StandardCharsets.US_ASCII))));
    }

    @BeforeEach
    void start() throws Exception {
        state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        service = new BulkService(0);
        Path accounts = Files.writeString(state.resolve("accounts.json"), """
                {"tiers": {"asked": {"requests_per_second": %d, "burst": %d}, "fed": {"bytes_per_second": %d}},
                 "accounts": [%s, %s, %s]}
                """.formatted(REQUESTS_PER_SECOND, BURST, BYTES_PER_SECOND, account("asked", "asked", asked), account("fed", "fed", fed), account("neighbour", "pro", neighbours)));
        server = Program.start(List.of(), Map.of(), "server", "--port", "0", "--http-port", "0", "--bind", "127.0.0.1", "--state-dir", state.toString(), "--log-format", "json",
                "--accounts", accounts.toString());
        httpPort = Integer.parseInt(server.await("\"event\":\"listening\".*\"http_port\":(\\d+)").group(1));
        agent("asked", asked);
        agent("fed", fed);
        agent("neighbour", neighbours);
    }

    private void agent(String name, String token) throws Exception {
        Program agent = Program.start(List.of(), Map.of(), "agent", "127.0.0.1:" + service.port(), "--protocol", "http", "--subdomain", name, "--state-dir", state.toString(),
                "--token", token, "--log-format", "json");
        agents.add(agent);
        agent.await("\"event\":\"tunnel_registered\"");
    }

    @AfterEach
    void stop() throws Exception {
        for (Program agent : agents) {
            agent.close();
        }
        server.close();
        service.close();
        TestServer.delete(state);
    }

    private Peer visit() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), httpPort);
        return new Peer(socket, socket);
    }

    private static String request(String name, String target) {
        return Rig.requestTo(name + "." + TestServer.DOMAIN, "GET " + target);
    }

    /** What a visitor does again and again. */
    private interface Visiting {
        void once(Peer peer) throws IOException;
    }

    /** Visitors, until they are closed. */
    private final class Crowd implements AutoCloseable {
        private final AtomicBoolean ended = new AtomicBoolean();
        private final List<Peer> peers = new ArrayList<>();
        private final CountDownLatch left;

        Crowd(int count, Visiting visiting) throws IOException {
            left = new CountDownLatch(count);
            for (int i = 0; i < count; i++) {
                Peer peer = visit();
                peers.add(peer);
                Thread.ofVirtual().start(() -> {
                    try {
                        while (!ended.get()) {
                            visiting.once(peer);
                        }
                    } catch (IOException e) {
                        // Closed in the middle.
                    } finally {
                        left.countDown();
                    }
                });
            }
        }

        @Override
        public void close() throws Exception {
            ended.set(true);
            for (Peer peer : peers) {
                peer.close();
            }
            left.await();
        }
    }

    private static Visiting asking(AtomicLong answered) {
        return peer -> {
            Message answer = peer.send(request("asked", "/small")).readResponse();
            if (answer.status() == 200) {
                answered.incrementAndGet();
            } else {
                assertEquals(429, answer.status());
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        };
    }

    private static Visiting downloading(AtomicLong bytes) {
        return peer -> {
            peer.send(request("fed", "/length/1000000000")).readResponseHead();
            InputStream in = peer.in();
            byte[] piece = new byte[64 * 1024];
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                bytes.addAndGet(count);
            }
        };
    }

    private static void assertNear(String what, double expected, long counted) {
        double ratio = counted / expected;
        Figures.print("%s: %.1f %% of its limit over %d s", what, 100 * ratio, SECONDS);
        // More than that is wrong on any machine.
        assertTrue(ratio <= 1 + TOLERANCE && (!Figures.JUDGED || ratio >= 1 - TOLERANCE), () -> what + ": " + counted + " of " + expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, MANY})
    void ratesHold(int connections) throws Exception {
        AtomicLong answered = new AtomicLong();
        AtomicLong bytes = new AtomicLong();
        try (Crowd askers = new Crowd(connections, asking(answered)); Crowd readers = new Crowd(connections, downloading(bytes))) {
            Thread.sleep(TimeUnit.SECONDS.toMillis(SECONDS));
            long answers = answered.get();
            long read = bytes.get();
            assertNear(connections + " connections, requests", BURST + (double) SECONDS * REQUESTS_PER_SECOND, answers);
            assertNear(connections + " connections, bytes", (double) SECONDS * BYTES_PER_SECOND, read);
        }
    }

    /** In short turns with and without them, so that what else the machine does falls on both. */
    @ParameterizedTest
    @ValueSource(ints = MANY)
    void anAccountAtItsLimitIsNotFelt(int connections) throws Exception {
        Figures alone = new Figures();
        Figures beside = new Figures();
        try (Peer visitor = visit()) {
            measure(visitor, new Figures());
            for (int i = 0; i < ROUNDS; i++) {
                measure(visitor, alone);
                try (Crowd readers = new Crowd(connections, downloading(new AtomicLong()))) {
                    Thread.sleep(500);
                    measure(visitor, beside);
                }
            }
        }
        Figures.print("a neighbour of an account at its limit with %d visitors: %s; without them: %s", connections, beside, alone);
        assertTrue(!Figures.JUDGED || beside.medianMillis() <= SLOWER_AT_MOST * alone.medianMillis(), () -> beside + ", alone " + alone);
    }

    private static void measure(Peer visitor, Figures figures) throws IOException {
        for (int i = 0; i < REQUESTS_PER_ROUND; i++) {
            long start = System.nanoTime();
            assertEquals(BulkService.SMALL, visitor.send(request("neighbour", "/small")).readResponse().text());
            figures.add(System.nanoTime() - start);
            // At a pace of its own, and within the rate of its own tier.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(4));
        }
    }
}
