package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Two hundred visitors at once, over plain HTTP to spare the machine their handshakes, with short bodies both ways; visitors leave and the local service breaks off at any moment. Every byte belongs to its own
 * exchange, whoever is not cut gets a whole answer, and nothing is left in the end.
 */
class ConcurrencyStressTest {
    private static final int VISITORS = 200;
    private static final long NANOS = 3_000_000_000L;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final long seed = System.nanoTime();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicInteger complete = new AtomicInteger();
    private final AtomicInteger cut = new AtomicInteger();

    /** What the local service does with a request; known to both ends by the request's number. */
    private enum Fate { WHOLE, BROKEN, NO_ANSWER }

    private Random random(int number) {
        return new Random(seed ^ number * 0x9e37_79b9_7f4a_7c15L);
    }

    private static Fate fate(Random random) {
        int fate = random.nextInt(20);
        return fate == 0 ? Fate.NO_ANSWER : fate < 3 ? Fate.BROKEN : Fate.WHOLE;
    }

    private static byte[] pattern(int number, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (number * 37 + i * 11 + (i >> 8) * 5);
        }
        return bytes;
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private boolean answer(Message request, Peer connection) throws IOException {
        int number = Integer.parseInt(request.target().substring(1));
        if (!latin1(request.body()).equals(latin1(pattern(number, request.body().length)))) {
            wrong.add("request " + number + " has another's bytes");
        }
        Random random = random(number);
        Fate fate = fate(random);
        byte[] body = pattern(number + 1, random.nextInt(random.nextInt(8) == 0 ? 150_000 : 3_000));
        if (fate == Fate.NO_ANSWER) {
            return false;
        }
        int part = fate == Fate.BROKEN ? random.nextInt(body.length + 1) : body.length;
        if (random.nextBoolean()) {
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int at = 0; at < part;) {
                int count = Math.min(part - at, 1 + random.nextInt(20_000));
                connection.sendChunk(latin1(java.util.Arrays.copyOfRange(body, at, at + count)));
                at += count;
            }
            if (fate == Fate.WHOLE) {
                connection.send("0\r\n\r\n");
            }
        } else {
            String head = "HTTP/1.1 200 OK\r\nContent-Length: " + (body.length + (fate == Fate.BROKEN ? 1 : 0)) + "\r\n\r\n";
            connection.send(head + latin1(java.util.Arrays.copyOf(body, part)));
        }
        return fate == Fate.WHOLE;
    }

    /** One request; false when the connection is used up. */
    private boolean visit(TunnelFixture tunnel, Peer visitor, Random random) throws IOException {
        int number = 2 * numbers.incrementAndGet();
        Random known = random(number);
        Fate fate = fate(known);
        int length = known.nextInt(known.nextInt(8) == 0 ? 150_000 : 3_000);
        byte[] body = pattern(number, random.nextInt(random.nextInt(8) == 0 ? 100_000 : 2_000));
        int leaves = random.nextInt(12);
        visitor.send(tunnel.head("POST /" + number, "Content-Length: " + body.length));
        if (leaves == 0) {
            visitor.send(java.util.Arrays.copyOf(body, random.nextInt(body.length + 1)));
            visitor.reset();
            return false;
        }
        visitor.send(body);
        if (leaves == 1) {
            visitor.reset();
            return false;
        }
        Message response;
        try {
            response = visitor.readResponse();
        } catch (SocketTimeoutException e) {
            wrong.add("no answer to " + number + " (" + fate + ")");
            return false;
        } catch (IOException e) {
            cut.incrementAndGet();
            if (fate != Fate.BROKEN) {
                wrong.add("request " + number + " (" + fate + ") was broken: " + e);
            }
            return false;
        }
        if (fate == Fate.NO_ANSWER ? response.status() != 502 : response.status() != 200) {
            wrong.add("request " + number + " (" + fate + ") got " + response);
        } else if (fate == Fate.BROKEN) {
            wrong.add("request " + number + " was broken off and looks whole");
        } else if (fate == Fate.WHOLE && !latin1(response.body()).equals(latin1(pattern(number + 1, length)))) {
            wrong.add("response " + number + " has another's bytes or length: " + response.body().length + " of " + length);
        }
        complete.incrementAndGet();
        return !"close".equals(response.get("Connection"));
    }

    private void visitUntil(long end, TunnelFixture tunnel, Random random) {
        try {
            while (System.nanoTime() - end < 0 && wrong.isEmpty()) {
                try (Peer visitor = tunnel.plainVisitor()) {
                    boolean more = true;
                    while (more && System.nanoTime() - end < 0) {
                        more = visit(tunnel, visitor, random);
                    }
                }
            }
        } catch (IOException e) {
            wrong.add("a visitor failed: " + e);
        }
    }

    @Test
    void whateverIsCutEveryOtherVisitorGetsItsOwnWholeAnswer() throws Exception {
        try (TunnelFixture tunnel = TunnelFixture.start(new TunnelFixture.Options().http())) {
            tunnel.service().serve(this::answer);
            long end = System.nanoTime() + NANOS;
            List<Thread> visitors = new ArrayList<>();
            for (int i = 0; i < VISITORS; i++) {
                Random random = new Random(seed + i);
                visitors.add(Thread.ofVirtual().start(() -> visitUntil(end, tunnel, random)));
            }
            for (Thread visitor : visitors) {
                assertTrue(visitor.join(LIMIT), () -> "a visitor hangs; seed " + seed + ", " + wrong);
            }
            assertEquals(List.of(), List.copyOf(wrong), "seed " + seed);
            assertTrue(complete.get() > 200 && cut.get() > 3, complete + " complete, " + cut + " cut");
            Eventually.await(() -> "no exchange is left: " + tunnel.server().exchanges(), LIMIT, () -> tunnel.server().exchanges() == 0);
            Eventually.await(() -> "three to ten data connections are left: " + tunnel.server().dataConnections(), LIMIT,
                    () -> tunnel.server().dataConnections() >= 3 && tunnel.server().dataConnections() <= 10);
            for (int i = 0; i < 20; i++) {
                int number = 1_000_000 + 2 * i;
                if (fate(random(number)) == Fate.WHOLE) {
                    try (Peer visitor = tunnel.plainVisitor()) {
                        assertEquals(200, visitor.send(tunnel.head("GET /" + number)).readResponse().status(), "it still serves");
                    }
                }
            }
        }
    }
}
