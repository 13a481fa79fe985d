package tunnelforge.agent.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.Peer;
import tunnelforge.ScriptedService;
import tunnelforge.agent.tunnel.Request;
import tunnelforge.agent.tunnel.ResponseSink;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.FieldChanges;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.http.Room;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.Ledger;
import tunnelforge.net.ManualClock;
import tunnelforge.net.Resolver;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.wire.ResetCode;

/** A request and the local service, with nothing but what is behind the agent's seam, and a clock that the test moves. */
final class LocalExchangeTest {
    private final RecordingLog log = new RecordingLog();
    private final ManualClock clock = new ManualClock();
    private final Tasks tasks = new Tasks(log.log());
    private final Ticker ticker = clock.ticker(log.log());
    private final Resolver resolver = new Resolver();
    private final Ledger memory = new Ledger(1_000_000);
    private final ScriptedService peer = new ScriptedService();
    private final LocalService service = new LocalService(new Target.Tcp("127.0.0.1", peer.port(), false), true, true, resolver, ticker, memory, tasks, log.log());
    private final LocalResponder responder = new LocalResponder(service, HostHeader.PRESERVE, FieldChanges.NONE, new CircuitBreaker(0, service.target(), ticker.clock(), log.log()), tasks, log.log());
    private final Answer answer = new Answer();

    LocalExchangeTest() throws IOException {
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        Eventually.await("no task is left", () -> tasks.live() == 0);
        responder.close();
        peer.close();
        assertEquals(0, ticker.size());
        assertEquals(0, memory.used());
        ticker.close();
        resolver.close();
    }

    /** A request without content. */
    private static class Get implements Request {
        private final ConcurrentLinkedQueue<Runnable> hooks = new ConcurrentLinkedQueue<>();
        private volatile boolean over;

        void leave() {
            over = true;
            hooks.forEach(Runnable::run);
        }

        @Override
        public RequestHead head() {
            Fields fields = new Fields();
            fields.add("Host", "x.test");
            return new RequestHead("GET", "/", 1, fields);
        }

        @Override
        public Framing framing() {
            return Framing.NONE;
        }

        @Override
        public boolean upgrade() {
            return false;
        }

        @Override
        public int wholeContent() {
            return 0;
        }

        @Override
        public void content(BodySink to) throws IOException {
            to.end(new Fields());
        }

        @Override
        public void given() {
            // Nobody asks for it again.
        }

        @Override
        public boolean isOver() {
            return over;
        }

        @Override
        public Hook onEnd(Runnable hook) {
            hooks.add(hook);
            return () -> hooks.remove(hook);
        }
    }

    /** What a visitor would see, as lines. */
    private static final class Answer implements ResponseSink {
        private final LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();

        String next() throws InterruptedException {
            String line = seen.poll(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
            return line == null ? "nothing" : line;
        }

        @Override
        public void informational(ResponseHead head) {
            seen.add(String.valueOf(head.status()));
        }

        @Override
        public void respond(ResponseHead head, BodySource body) throws IOException {
            seen.add(String.valueOf(head.status()));
            byte[] b = new byte[100];
            for (int count; (count = body.read(b, 0, b.length)) >= 0;) {
                seen.add(new String(b, 0, count, StandardCharsets.US_ASCII));
            }
            assertTrue(body.ended());
            seen.add("end");
        }

        @Override
        public void upgrade(ResponseHead head, BodySource from, BodySink to) {
            throw new AssertionError("no upgrade was asked for");
        }

        @Override
        public void fail(ResetCode code, String reason) {
            seen.add(code.name());
        }
    }

    private Get start() {
        Get request = new Get();
        tasks.start("local exchange", () -> responder.serve(request, answer));
        return request;
    }

    @Test
    void aServiceThatDoesNotAnswerIsWaitedForAsLongAsItsLimit() throws Exception {
        start();
        peer.accept().readRequest();
        clock.advance(LocalExchange.RESPONSE_LIMIT.minusSeconds(1));
        assertEquals(1, tasks.live());
        clock.advance(Duration.ofSeconds(1));
        assertEquals("UPSTREAM_TIMEOUT", answer.next());
    }

    @Test
    void aServiceDoesNotWaitForTheRestOfABodyThatBrokeOff() throws Exception {
        Get half = new Get() {
            @Override
            public Framing framing() {
                return new Framing.Length(10);
            }

            @Override
            public int wholeContent() {
                return -1;
            }

            @Override
            public void content(BodySink to) throws IOException {
                to.write("hello".getBytes(StandardCharsets.US_ASCII), 0, 5);
                to.flush();
                throw new IOException("the rest cannot be had");
            }
        };
        tasks.start("local exchange", () -> responder.serve(half, answer));
        Peer local = peer.accept();
        local.readRequestHead();
        assertEquals("hello", local.readText(5));
        assertTrue(local.atEnd());
        local.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        assertEquals("400", answer.next());
        assertEquals("end", answer.next());
        assertEquals(0, service.idleConnections());
    }

    @Test
    void anAnswerThatHasBegunMayPauseForAnyTime() throws Exception {
        start();
        Peer local = peer.accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").sendChunk("one");
        assertEquals("200", answer.next());
        assertEquals("one", answer.next());
        clock.advance(Duration.ofDays(3));
        local.sendChunk("two").send("0\r\n\r\n");
        assertEquals("two", answer.next());
        assertEquals("end", answer.next());
    }

    @Test
    void aConnectionIsFreeBeforeTheEndOfItsAnswerCanBeSeen() throws Exception {
        start();
        Peer local = peer.accept();
        local.readRequest();
        ScriptedService.respond(local, "ok");
        assertEquals("200", answer.next());
        assertEquals("ok", answer.next());
        assertEquals(1, service.idleConnections());
        assertEquals("end", answer.next());
    }

    @Test
    void anIdleConnectionIsClosedBeforeItsServiceDoesSo() throws Exception {
        start();
        Peer local = peer.accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n");
        assertEquals("200", answer.next());
        assertEquals("end", answer.next());
        clock.advance(Duration.ofMillis(3_900));
        assertEquals(1, service.idleConnections());
        clock.advance(Duration.ofMillis(200));
        assertEquals(0, service.idleConnections());
        local.awaitClosed();
    }

    @Test
    void aHeadThatThereIsNoMemoryForIsRefused() throws Exception {
        long taken = 995_000;
        assertTrue(memory.tryReserve(taken));
        start();
        Peer local = peer.accept();
        local.readRequest();
        local.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Large: " + "x".repeat(60_000) + "\r\n\r\n");
        assertEquals("OVERLOADED", answer.next());
        memory.release(taken);
    }

    @Test
    void whoLeavesEndsWhatTheLocalServiceWorksOn() throws Exception {
        Get request = start();
        Peer local = peer.accept();
        local.readRequest();
        request.leave();
        local.awaitClosed();
        assertEquals("UPSTREAM_INVALID", answer.next());
        assertFalse(log.entries().stream().anyMatch(entry -> entry.event().equals("upstream_failed")), "the local service is not to blame");
    }

    private void assertNothingGrownIsKept(String response) throws Exception {
        LocalLease lease = service.connect();
        peer.accept().send(response);
        ResponseHead head = lease.reader().readResponse(128 * 1024);
        LocalResponseBody body = new LocalResponseBody(lease, head, Framing.ofResponse(head, "GET"), () -> true);
        byte[] b = new byte[64 * 1024];
        while (!body.ended()) {
            body.read(b, 0, b.length);
        }
        assertEquals(1, service.idleConnections());
        assertEquals(LocalConnection.BYTES, memory.used());
        lease.close();
    }

    @Test
    void anIdleConnectionKeepsNoBufferThatGrewForALargeHead() throws Exception {
        assertNothingGrownIsKept("HTTP/1.1 200 OK\r\nX: " + "x".repeat(20_000) + "\r\nContent-Length: 12000\r\n\r\n" + "y".repeat(12_000));
    }

    @Test
    void anIdleConnectionKeepsNoBufferThatGrewForLargeTrailers() throws Exception {
        assertNothingGrownIsKept("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: " + "t".repeat(20_000) + "\r\n\r\n");
    }

    /** What has come too early is still in the buffer when the connection is closed. */
    @Test
    void aConnectionThatIsClosedWhileItsBufferIsGrownGivesItBack() throws Exception {
        LocalConnection connection = new LocalConnection(service.open(), Room.of(memory::tryReserve, memory::release));
        peer.accept().send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: " + "x".repeat(20_000) + "\r\n\r\n" + "y".repeat(12_000));
        connection.reader().readResponse(128 * 1024);
        assertTrue(memory.used() > 0);
        connection.kill();
        assertEquals(0, memory.used());
    }

    /** {@code Content-Length: 0}, the end of which has not come yet. */
    @Test
    void anEmptyBodyHasNoTaskThatCouldStillRunWhenTheRequestIsSentAgain() throws Exception {
        start();
        Peer kept = peer.accept();
        kept.readRequest();
        ScriptedService.respond(kept, "");
        assertEquals("200", answer.next());
        assertEquals("end", answer.next());
        Get request = new Get() {
            @Override
            public Framing framing() {
                return new Framing.Length(0);
            }

            @Override
            public int wholeContent() {
                return -1;
            }

            @Override
            public void content(BodySink to) {
                answer.seen.add("content");
            }
        };
        tasks.start("local exchange", () -> responder.serve(request, answer));
        kept.readRequest();
        kept.close();
        Peer local = peer.accept();
        local.readRequest();
        ScriptedService.respond(local, "");
        assertEquals("200", answer.next());
        assertEquals("end", answer.next());
    }
}
