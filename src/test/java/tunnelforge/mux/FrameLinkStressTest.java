package tunnelforge.mux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Clock;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.net.Listener;
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

/**
 * Many exchanges at once over a few links, with both sides resetting at any moment: each byte arrives in its own exchange and in its place, nobody
 * waits for ever, and nothing is left in the end. Every body has a pattern of its own.
 */
class FrameLinkStressTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int LINKS = 3;
    private static final int VISITORS = 200;
    private static final int COMPLETE = 2_000;
    private static final int RESET = 400;
    private static final TunnelLimits LIMITS = new TunnelLimits(16 * 1024, Limits.INITIAL_WINDOW, 1_000, 10_000);

    private final long seed = System.nanoTime();
    private final RecordingLog log = new RecordingLog();
    private final Tasks tasks = new Tasks(log.log());
    private final Ticker ticker = new Ticker(log.log());
    private final Ledger serverBudget = new Ledger(128L << 20).part(64L << 20);
    private final Ledger agentBudget = new Ledger(128L << 20).part(64L << 20);
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger complete = new AtomicInteger();
    private final AtomicInteger reset = new AtomicInteger();

    private FrameLink link(Connection connection, LinkRole role, Ledger budget) {
        FrameReader reader = new FrameReader(connection.in(), Limits.MAX_DATA + Limits.FRAME_HEADER, Limits.MAX_MESSAGE_BINARY);
        return new FrameLink(connection, null, reader, role, new DataConnectionAccepted(Features.KNOWN, LIMITS), budget, Clock.SYSTEM);
    }

    private void runUntilClosed(FrameLink link) {
        try {
            link.run(tasks, ticker);
        } catch (IOException e) {
            if (e instanceof tunnelforge.wire.WireException) {
                wrong.add("the link broke: " + e);
            }
        }
    }

    private final class ServerLink implements ServerRole.Owner {
        private final AtomicInteger open = new AtomicInteger();
        private final FrameLink link;

        ServerLink(Connection connection) {
            link = link(connection, new ServerRole(this), serverBudget);
        }

        @Override
        public void placeFree() {
            if (open.decrementAndGet() < 0) {
                wrong.add("forgotten twice");
            }
        }

        @Override
        public void drainAsked() {
            wrong.add("a drain");
        }
    }

    /** Takes the pattern from what stands for a head. */
    private final class PatternRole extends LinkRole {
        @Override
        protected void onRequest(Link link, int id, byte[] b, int off, int length) {
            String[] words = new String(b, off, length, StandardCharsets.US_ASCII).split(" ");
            int pattern = Integer.parseInt(words[0]);
            Exchange exchange = link.accept(id, "POST", false, Long.parseLong(words[1]));
            if (exchange == null) {
                link.refuse(id, ResetCode.NOT_RUN, "no memory");
            } else {
                tasks.start("answer", () -> answer(exchange, pattern));
            }
        }

        @Override
        protected void onResponse(Link link, Exchange exchange, byte[] b, int off, int length) {
            wrong.add("a response");
        }

        @Override
        protected void onOpen(Session session, SessionOpen open) {
            wrong.add("a session");
        }

        @Override
        protected void onMessage(Link link, int id, byte[] b, int off, int length) {
            wrong.add("a message");
        }

        @Override
        protected void onDrain() {
            wrong.add("a drain");
        }

        @Override
        protected ResetException lost(boolean mayHaveLeft) {
            return new ResetException(ResetCode.BROKEN_OFF, "lost", false);
        }
    }

    private static byte at(int pattern, int place) {
        return (byte) (pattern * 31 + place * 7 + (place >> 8) * 13);
    }

    /** Sends a body of {@code length} bytes, END included; stops where the exchange is over. */
    private void sendBody(Exchange exchange, int pattern, int from, int length, Random random) throws IOException {
        FrameBuffer frames = new FrameBuffer(1024);
        byte[] piece = new byte[LIMITS.maxFrame()];
        int sent = from;
        boolean end = sent == length;
        do {
            int count = 0;
            frames.clear();
            if (!end) {
                int credit = exchange.awaitCredit();
                if (credit == 0) {
                    return;
                }
                count = Math.min(Math.min(credit, length - sent), 1 + random.nextInt(piece.length));
                for (int i = 0; i < count; i++) {
                    piece[i] = at(pattern, sent + i);
                }
                frames.data(exchange.id(), piece, 0, count);
                sent += count;
                end = sent == length;
            }
            if (end) {
                frames.end(exchange.id());
            }
            exchange.send(frames, count, end);
        } while (!end);
    }

    /** Takes a body and compares it; returns its length. */
    private int takeBody(String what, Exchange exchange, int pattern, int stopAt, Random random) throws IOException {
        int got = 0;
        int count;
        while ((count = exchange.inbox().awaitData()) > 0) {
            int part = random.nextInt(4) == 0 ? 1 + random.nextInt(count) : count;
            byte[] bytes = exchange.inbox().data();
            if (random.nextInt(8) == 0) {
                // More may arrive between these two.
                Thread.yield();
            }
            int offset = exchange.inbox().dataOffset();
            for (int i = 0; i < part; i++) {
                if (bytes[offset + i] != at(pattern, got + i)) {
                    wrong.add(what + " of pattern " + pattern + " differs at " + (got + i));
                    exchange.reset(ResetCode.PROTOCOL, "wrong byte");
                    return -1;
                }
            }
            got += part;
            exchange.taken(part);
            if (stopAt >= 0 && got >= stopAt) {
                exchange.reset(ResetCode.CANCELLED, "enough");
            }
        }
        return got;
    }

    /** The agent's side of one exchange: the answer's length and fate come from the pattern. */
    private void answer(Exchange exchange, int pattern) {
        Random random = new Random(seed ^ pattern * 31L);
        int length = random.nextInt(random.nextInt(6) == 0 ? 300_000 : 4_000);
        int fate = random.nextInt(10);
        try {
            if (fate == 0) {
                exchange.reset(ResetCode.UPSTREAM_REFUSED, "at once");
                return;
            }
            // Sometimes the answer comes first and what is left of the request is dropped.
            if (fate > 2 && takeBody("request", exchange, pattern, -1, random) < 0) {
                return;
            }
            FrameBuffer head = new FrameBuffer(256);
            byte[] bytes = LinkFixture.headBytes(200, "Transfer-Encoding", "chunked");
            head.frame(exchange.id(), FrameType.RESPONSE, bytes, 0, bytes.length);
            exchange.send(head, 0, false);
            if (fate == 3) {
                exchange.reset(ResetCode.BROKEN_OFF, "in the middle");
                return;
            }
            sendBody(exchange, pattern + 1, 0, length, random);
        } catch (ResetException e) {
            reset.incrementAndGet();
        } catch (IOException e) {
            wrong.add("agent: " + e);
        } finally {
            exchange.close();
        }
    }

    private int answerLength(int pattern) {
        Random random = new Random(seed ^ pattern * 31L);
        return random.nextInt(random.nextInt(6) == 0 ? 300_000 : 4_000);
    }

    /** The server's side of one exchange. */
    private void visit(ServerLink link, int pattern, Random random) throws IOException, InterruptedException {
        int length = random.nextInt(random.nextInt(6) == 0 ? 300_000 : 2_000);
        int inline = Math.min(length, random.nextInt(3) * 100);
        boolean known = random.nextBoolean();
        byte[] request = (pattern + " " + (known ? length : -1)).getBytes(StandardCharsets.US_ASCII);
        byte[] first = new byte[inline];
        for (int i = 0; i < inline; i++) {
            first[i] = at(pattern, i);
        }
        FrameBuffer frames = new FrameBuffer(256);
        frames.frame(0, FrameType.REQUEST, request, 0, request.length);
        frames.data(0, first, 0, inline);
        if (!serverBudget.reserve(Limits.INITIAL_WINDOW, LIMIT, new Cancellation())) {
            wrong.add("no budget");
            return;
        }
        link.open.incrementAndGet();
        Exchange exchange = link.link.open(frames, "POST", false, inline, false);
        Random senders = new Random(random.nextLong());
        Thread sender = tasks.start("request body", () -> {
            try {
                sendBody(exchange, pattern, inline, length, senders);
            } catch (ResetException e) {
                reset.incrementAndGet();
            } catch (IOException e) {
                wrong.add("request body: " + e);
            }
        });
        try {
            int stopAt = random.nextInt(8) == 0 ? random.nextInt(3_000) : -1;
            if (stopAt == 0) {
                exchange.reset(ResetCode.CANCELLED, "at once");
            }
            assertEquals(200, exchange.awaitHead().status());
            int got = takeBody("response", exchange, pattern + 1, stopAt, random);
            if (got >= 0 && got != answerLength(pattern)) {
                wrong.add("response of pattern " + pattern + " has " + got + " bytes of " + answerLength(pattern));
            }
            complete.incrementAndGet();
        } catch (ResetException e) {
            reset.incrementAndGet();
        } finally {
            exchange.close();
        }
        if (!sender.join(LIMIT)) {
            wrong.add("the sender of pattern " + pattern + " hangs");
        }
    }

    @Test
    void eachByteArrivesInItsOwnExchangeWhateverIsReset() throws Exception {
        Listener listener = new Listener("agent side", InetAddress.getLoopbackAddress(), 0, LINKS, tasks, ticker, new Ledger(Long.MAX_VALUE), log.log());
        listener.start(connection -> runUntilClosed(link(connection, new PatternRole(), agentBudget)));
        List<ServerLink> links = new ArrayList<>();
        for (int i = 0; i < LINKS; i++) {
            ServerLink link = new ServerLink(Connection.connect(List.of(InetAddress.getLoopbackAddress()), listener.port(), LIMIT, ticker));
            links.add(link);
            tasks.start("server side", () -> runUntilClosed(link.link));
        }
        AtomicInteger patterns = new AtomicInteger();
        List<Thread> visitors = new ArrayList<>();
        for (int v = 0; v < VISITORS; v++) {
            Random random = new Random(seed + v);
            visitors.add(tasks.start("visitor", () -> {
                try {
                    while ((complete.get() < COMPLETE || reset.get() < RESET) && wrong.isEmpty()) {
                        visit(links.get(random.nextInt(LINKS)), 2 * patterns.incrementAndGet(), random);
                    }
                } catch (IOException | InterruptedException e) {
                    wrong.add("visitor: " + e);
                }
            }));
        }
        for (Thread visitor : visitors) {
            assertTrue(visitor.join(LIMIT), () -> "a visitor hangs, seed " + seed + ", " + wrong);
        }
        assertEquals(List.of(), List.copyOf(wrong), "seed " + seed);
        for (ServerLink link : links) {
            assertEquals(0, link.link.exchanges(), "seed " + seed);
            assertEquals(0, link.open.get(), "seed " + seed);
        }
        links.forEach(link -> link.link.kill());
        listener.close();
        assertTrue(tasks.awaitNone(LIMIT), "seed " + seed + ": " + tasks.live() + " tasks are left");
        assertEquals(0, serverBudget.used(), "seed " + seed);
        assertEquals(0, agentBudget.used(), "seed " + seed);
        assertEquals(0, ticker.size());
        assertEquals(List.of(), List.copyOf(wrong), "seed " + seed);
        assertEquals(List.of(), log.entries("internal_error"));
        ticker.close();
    }
}
