package tunnelforge.mux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tunnelforge.Eventually;
import tunnelforge.http.Fields;
import tunnelforge.http.Heads;
import tunnelforge.http.ResponseHead;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.net.ManualClock;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.wire.DataConnectionAccepted;
import tunnelforge.wire.Features;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;
import tunnelforge.wire.TunnelLimits;

/** A link over TCP on loopback, and its peer, which speaks frames by hand. */
final class LinkFixture implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(20);

    final RecordingLog log = new RecordingLog();
    final Tasks tasks = new Tasks(log.log());
    final ManualClock clock = new ManualClock();
    final Ticker ticker = clock.ticker(tasks, log.log());
    final Ledger budget;
    final TestRole role;
    final FrameLink link;
    /** Of this side. */
    final Connection connection;
    /** Why {@link FrameLink#run} has ended; null for an end between exchanges. */
    final CompletableFuture<IOException> ended = new CompletableFuture<>();
    private final Socket peer;
    private final FrameReader peerReader;
    private boolean started;

    /** What server and agent do differently, kept for the test to look at. */
    static final class TestRole extends LinkRole {
        final BlockingQueue<Exchange> requests = new LinkedBlockingQueue<>();
        final BlockingQueue<Session> sessions = new LinkedBlockingQueue<>();
        final Queue<Exchange> forgotten = new ConcurrentLinkedQueue<>();
        final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        private final LinkRole like;

        /** {@code like}: what it does as that does it. */
        TestRole(LinkRole like) {
            this.like = like;
        }

        @Override
        protected boolean hasWindows() {
            return like.hasWindows();
        }

        /** The "head" is a method, a Content-Length, and perhaps "upgrade". */
        @Override
        protected void onRequest(Link link, int id, byte[] b, int off, int length) throws IOException {
            if (like instanceof ServerRole) {
                like.onRequest(link, id, b, off, length);
            }
            String[] words = new String(b, off, length, StandardCharsets.US_ASCII).split(" ");
            Exchange exchange = link.accept(id, words[0], words.length > 2, Long.parseLong(words[1]));
            if (exchange == null) {
                link.refuse(id, ResetCode.NOT_RUN, "no memory");
                seen.add("refused " + id);
            } else {
                requests.add(exchange);
            }
        }

        @Override
        protected void onResponse(Link link, Exchange exchange, byte[] b, int off, int length) throws IOException {
            like.onResponse(link, exchange, b, off, length);
        }

        @Override
        protected void onOpen(Session opened, SessionOpen open) {
            sessions.add(opened);
        }

        @Override
        protected void onSessionOver() {
            seen.add("session over");
        }

        @Override
        protected void onMessage(Link link, int id, byte[] b, int off, int length) throws IOException {
            seen.add("message " + id + " " + FrameBuffer.text(b, off, length));
        }

        @Override
        protected void onDrain() {
            seen.add("drain");
        }

        @Override
        protected void onLate(int type, int id) {
            seen.add("late " + FrameType.name(type) + " " + id);
        }

        @Override
        protected void onForgotten(Exchange exchange) {
            forgotten.add(exchange);
        }

        @Override
        protected ResetException lost(boolean mayHaveLeft) {
            return like.lost(mayHaveLeft);
        }

        void awaitSeen(String what) throws InterruptedException {
            List<String> before = new ArrayList<>();
            for (String next; (next = seen.poll(LIMIT.toSeconds(), TimeUnit.SECONDS)) != null; before.add(next)) {
                if (next.equals(what)) {
                    return;
                }
            }
            throw new AssertionError("no '" + what + "' among " + before);
        }
    }

    private static final TunnelLimits LIMITS = new TunnelLimits(Limits.MAX_DATA, Limits.INITIAL_WINDOW, 1_000, 1_000);
    private static final long MUCH = 1L << 30;

    private LinkFixture(LinkRole like, long budgetBytes, TunnelLimits limits, List<String> features) throws IOException {
        budget = new Ledger(budgetBytes);
        role = new TestRole(like);
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            connection = Connection.connect(List.of(listener.getInetAddress()), listener.getLocalPort(), LIMIT, ticker);
            peer = listener.accept();
            peer.setTcpNoDelay(true);
            peer.setSoTimeout((int) LIMIT.toMillis());
            peerReader = new FrameReader(peer.getInputStream(), 70_000, Limits.MAX_MESSAGE_JSON);
            FrameReader reader = new FrameReader(connection.in(), Limits.MAX_DATA + Limits.FRAME_HEADER, Limits.MAX_MESSAGE_BINARY);
            link = new FrameLink(connection, null, reader, role, new DataConnectionAccepted(features, limits), budget, clock);
        }
    }

    private static ServerRole serverRole() {
        return new ServerRole(new ServerRole.Owner() {
            @Override
            public void placeFree() {
                throw new AssertionError("the test's own role is asked");
            }

            @Override
            public void drainAsked() {
                throw new AssertionError("the test's own role is asked");
            }
        });
    }

    private static LinkRole jsonRole() {
        return new ServerRole(null) {
            @Override
            protected boolean hasWindows() {
                return false;
            }
        };
    }

    /** The server's side, whose peer is an agent. */
    static LinkFixture server() throws IOException {
        return new LinkFixture(serverRole(), MUCH, LIMITS, Features.KNOWN);
    }

    /** The server's side in the JSON encoding. */
    static LinkFixture withoutWindows() throws IOException {
        return new LinkFixture(jsonRole(), MUCH, LIMITS, Features.KNOWN);
    }

    /** The agent's side, whose peer is a server. */
    static LinkFixture agent() throws IOException {
        return agent(MUCH);
    }

    static LinkFixture agent(long budgetBytes) throws IOException {
        return new LinkFixture(new AgentRole(LIMITS.maxExchangesPerConnection(), null), budgetBytes, LIMITS, Features.KNOWN);
    }

    /** The agent's side, with a server that has named these limits. */
    static LinkFixture agent(TunnelLimits limits) throws IOException {
        return new LinkFixture(new AgentRole(limits.maxExchangesPerConnection(), null), MUCH, limits, Features.KNOWN);
    }

    /** Either side, with a peer that knows these features. */
    static LinkFixture of(boolean agent, String... features) throws IOException {
        LinkRole like = agent ? new AgentRole(LIMITS.maxExchangesPerConnection(), null) : serverRole();
        return new LinkFixture(like, MUCH, LIMITS, List.of(features));
    }

    /** Begins to read; when this returns, the link is looked at whenever the clock is moved. */
    LinkFixture start() {
        started = true;
        tasks.start("link", () -> {
            try {
                link.run(tasks, ticker);
                ended.complete(null);
            } catch (IOException e) {
                ended.complete(e);
            } catch (RuntimeException | Error bug) {
                ended.completeExceptionally(bug);
                throw bug;
            }
        });
        Eventually.await("the link runs", () -> ticker.size() == 2);
        return this;
    }

    IOException awaitEnd() throws Exception {
        return ended.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    /** Opens an exchange as a visitor's task does. */
    Exchange open(String method, boolean upgrade, boolean end) throws IOException {
        return open(method, upgrade, 0, end);
    }

    Exchange open(String method, boolean upgrade, int dataBytes, boolean end) throws IOException {
        FrameBuffer frames = new FrameBuffer(256);
        frames.frame(0, FrameType.REQUEST, new byte[] {'x'}, 0, 1);
        frames.data(0, new byte[dataBytes], 0, dataBytes);
        if (end) {
            frames.end(0);
        }
        assertTrue(budget.tryReserve(Limits.INITIAL_WINDOW));
        return link.open(frames, method, upgrade, dataBytes, end);
    }

    /** The exchange of a request that the peer has sent. */
    Exchange request(int id, String head) throws IOException, InterruptedException {
        byte[] bytes = head.getBytes(StandardCharsets.US_ASCII);
        send(frames -> frames.frame(id, FrameType.REQUEST, bytes, 0, bytes.length));
        Exchange exchange = role.requests.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        if (exchange == null) {
            throw new AssertionError("no exchange for '" + head + "'");
        }
        return exchange;
    }

    static ResponseHead head(int status) {
        return new ResponseHead(status, "", 1, new Fields());
    }

    /** A response head as RESPONSE carries it. */
    static byte[] headBytes(int status, String... namesAndValues) {
        Fields fields = new Fields();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        ResponseHead head = new ResponseHead(status, "", 1, fields);
        byte[] bytes = new byte[Heads.length(head)];
        Heads.write(head, bytes, 0);
        return bytes;
    }

    /** Puts frames together. */
    interface Frames {
        void into(FrameBuffer frames);
    }

    /** The peer sends, in one write. */
    void send(Frames frames) throws IOException {
        FrameBuffer buffer = new FrameBuffer(1024);
        frames.into(buffer);
        peer.getOutputStream().write(buffer.array(), 0, buffer.length());
    }

    void sendHead(int id, int status, String... namesAndValues) throws IOException {
        byte[] head = headBytes(status, namesAndValues);
        send(frames -> frames.frame(id, FrameType.RESPONSE, head, 0, head.length));
    }

    /** The peer's next frame but PING: type, id, and what matters of the payload. */
    String next() throws IOException {
        while (peerReader.next()) {
            byte[] b = peerReader.array();
            int off = peerReader.offset();
            int length = peerReader.length();
            String start = FrameType.name(peerReader.type()) + " " + peerReader.id();
            switch (peerReader.type()) {
                case FrameType.PING -> { }
                case FrameType.PONG -> {
                    return start + " " + FrameBuffer.pingValue(b, off, length);
                }
                case FrameType.WINDOW -> {
                    return start + " " + FrameBuffer.window(b, off, length);
                }
                case FrameType.RESET -> {
                    return start + " " + ResetCode.of(FrameBuffer.resetCode(b, off, length));
                }
                case FrameType.DATA -> {
                    return start + " " + length;
                }
                default -> {
                    return start;
                }
            }
        }
        return "end";
    }

    /** Type and id of the peer's next frame, PING or not. */
    String nextOfAny() throws IOException {
        return peerReader.next() ? FrameType.name(peerReader.type()) + " " + peerReader.id() : "end";
    }

    /** Whether the peer's next frame is a PING; fails when there is none. */
    boolean nextIsPing() throws IOException {
        return peerReader.next() && peerReader.type() == FrameType.PING;
    }

    Socket peer() {
        return peer;
    }

    @Override
    public void close() throws IOException {
        peer.close();
        link.kill();
        assertTrue(!started || tasksEnd(), () -> tasks.live() + " tasks are left; logged: " + log.entries());
        // A test's own task may still be closing what it had.
        Eventually.await(() -> ticker.size() + " things are still looked at", Eventually.LIMIT, () -> ticker.size() == 0);
        ticker.close();
        assertEquals(0, link.exchanges(), "exchanges that still occupy the link");
        assertEquals(List.of(), log.entries("internal_error"));
        assertEquals(0, budget.used(), "bytes that are still reserved");
    }

    private boolean tasksEnd() {
        try {
            return tasks.awaitNone(LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
