package tunnelforge.agent.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.Peer;
import tunnelforge.http.Room;
import tunnelforge.log.RecordingLog;
import tunnelforge.mux.AgentRole;
import tunnelforge.mux.FrameLink;
import tunnelforge.net.Clock;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.wire.DataConnectionAccepted;
import tunnelforge.wire.Features;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.TunnelLimits;

/** What the agent takes on: counted by the tasks that serve, and charged for. */
final class ServingTest {
    private static final int MOST = 3;
    private static final TunnelLimits LIMITS = new TunnelLimits(65_536, 65_536, 1_000, MOST);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final RecordingLog log = new RecordingLog();
    private final Tasks tasks = new Tasks(log.log());
    private final Ticker ticker = new Ticker(log.log());
    private final Semaphore serving = new Semaphore(0);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private Connection connection;
    private FramePeer server;
    private int lastId;

    /** Does not notice that its exchange is over. */
    private final Responder hanging = new Responder() {
        @Override
        public void serve(Request request, ResponseSink sink) {
            serving.release();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            sink.fail(ResetCode.UPSTREAM_INVALID, "done");
        }

        @Override
        public void close() {
            // Nothing is kept.
        }
    };

    private void connect(Ledger memory) throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            connection = Connection.connect(List.of(InetAddress.getLoopbackAddress()), listener.getLocalPort(), LIMIT, ticker);
            Socket socket = listener.accept();
            server = new FramePeer(new Peer(socket, socket));
        }
        Serving serving = new Serving(hanging, memory, MOST, tasks);
        FrameReader reader = new FrameReader(connection.in(), FrameLink.READ_BUFFER, Limits.MAX_MESSAGE_BINARY, Room.NONE);
        FrameLink link = new FrameLink(connection, null, reader, new AgentRole(LIMITS.maxExchangesPerConnection(), new AgentConnection(serving, LIMITS.maxExchanges())),
                new DataConnectionAccepted(Features.KNOWN, LIMITS), memory, Clock.SYSTEM);
        tasks.start("data connection", () -> {
            try {
                link.run(tasks, ticker);
            } catch (IOException e) {
                // The test has ended.
            }
        });
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        goOn.countDown();
        server.close();
        Eventually.await("no task is left", () -> tasks.live() == 0);
        connection.kill();
        assertEquals(0, ticker.size());
        ticker.close();
        assertEquals(List.of(), log.entries("internal_error"));
    }

    private int get() throws IOException {
        int id = ++lastId;
        byte[] head = "GET / HTTP/1.1\r\nHost: x.test\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        server.send(frames -> {
            frames.frame(id, FrameType.REQUEST, head, 0, head.length);
            frames.end(id);
        });
        return id;
    }

    private void awaitServing(int count) throws InterruptedException {
        assertTrue(serving.tryAcquire(count, LIMIT.toSeconds(), TimeUnit.SECONDS), "served");
    }

    private void assertRefused(int id) throws IOException {
        FramePeer.Frame frame = server.next(FrameType.RESET);
        assertEquals(id, frame.id());
        assertEquals(ResetCode.NOT_RUN, ResetCode.of(frame.text().charAt(0) << 8 | frame.text().charAt(1)));
    }

    /** The server has given all of them up, and no exchange is open; but each still holds a task, and perhaps a socket. */
    @Test
    void workThatWasGivenUpStillCounts() throws Exception {
        Ledger memory = new Ledger(Long.MAX_VALUE);
        connect(memory);
        int most = MOST + Places.ENDING;
        for (int i = 0; i < most; i++) {
            int id = get();
            server.reset(id, ResetCode.CANCELLED, "the visitor has left");
        }
        awaitServing(most);
        assertRefused(get());
        assertEquals(0, serving.availablePermits(), "nothing more was begun");
        goOn.countDown();
        Eventually.await("all have ended", () -> memory.used() == 0);
        get();
        awaitServing(1);
    }

    @Test
    void whatTheMemoryDoesNotCoverIsRefusedAndTheOthersGoOn() throws Exception {
        Ledger memory = new Ledger((2L * Places.BYTES + 1_000) / 3 * 4);
        connect(memory);
        get();
        get();
        awaitServing(2);
        assertRefused(get());
        server.assertAlive();
        goOn.countDown();
        assertEquals(Set.of(1, 2), Set.of(server.next(FrameType.RESET).id(), server.next(FrameType.RESET).id()), "both are answered");
        Eventually.await("all have ended", () -> memory.used() == 0);
    }
}
