package tunnelforge.mux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import tunnelforge.http.Fields;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.Ledger;
import tunnelforge.net.ManualClock;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.wire.DataConnectionAccepted;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.TunnelLimits;

/** An exchange on the agent's side whose data connection is lost, and which another carries. What the reading tasks would do, the test does. */
class AnsweredAgainTest {
    private static final byte[] HEAD = "HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
    private static final int WINDOW = Limits.INITIAL_WINDOW;

    private final Ledger memory = new Ledger(1L << 20);
    private final Ledger answers = new Ledger(1L << 20);
    private final ManualClock clock = new ManualClock();
    private final RecordingLog log = new RecordingLog();
    private final AtomicInteger unneeded = new AtomicInteger();
    private final Carrier first = new Carrier(1);
    private final Carrier second = new Carrier(2);
    private final Exchange exchange = answering(0, answers);

    private Exchange answering(long contentLength, Ledger kept) {
        int initial = contentLength == 0 ? 0 : WINDOW;
        assertTrue(memory.tryReserve(initial));
        Exchange made = Exchange.answering("GET", false, Inbox.ofRequest(false, contentLength, new ReceiveWindow(memory, new RoundTrip(), initial, clock.nanos()), memory, clock), WINDOW);
        made.attach(first);
        made.holdAnswer(kept, keeper());
        return made;
    }

    private HeldAnswer.Keeper keeper() {
        return new HeldAnswer.Keeper() {
            @Override
            public void given() {
                // Nobody writes it down.
            }

            @Override
            public void unneeded() {
                unneeded.incrementAndGet();
            }
        };
    }

    /** A data connection that writes down which frames it was given, in their order: {@code type bytes}. */
    private static final class Carrier implements Attachment {
        private final int id;
        private final List<String> frames = new ArrayList<>();
        private final List<KeptAnswer.Piece> sent = new ArrayList<>();
        private volatile Runnable before = () -> { };

        Carrier(int id) {
            this.id = id;
        }

        @Override
        public int id() {
            return id;
        }

        @Override
        public boolean isOn(Object link) {
            return link == this;
        }

        @Override
        public int maxFrame() {
            return Limits.MAX_DATA;
        }

        @Override
        public boolean send(FrameBuffer buffer, BooleanSupplier wanted) throws IOException {
            before.run();
            if (!wanted.getAsBoolean()) {
                return false;
            }
            write(buffer);
            return true;
        }

        private synchronized void write(FrameBuffer buffer) {
            byte[] b = buffer.array();
            for (int at = 0; at < buffer.length(); at += Limits.FRAME_HEADER + FrameReader.payloadLength(b, at)) {
                assertEquals(id, b[at + 3]);
                int length = FrameReader.payloadLength(b, at);
                frames.add(FrameType.name(b[at + 4]) + (b[at + 4] == FrameType.DATA ? " " + new String(b, at + Limits.FRAME_HEADER, Math.min(length, 8), StandardCharsets.ISO_8859_1) : ""));
            }
        }

        synchronized List<String> frames() {
            return List.copyOf(frames);
        }

        @Override
        public boolean send(FrameBuffer buffer, BooleanSupplier wanted, KeptAnswer.Piece piece) throws IOException {
            boolean left = send(buffer, wanted);
            if (left) {
                sent.add(piece);
            }
            return left;
        }

        @Override
        public void sendReset(FrameBuffer frame) {
            write(frame);
        }

        @Override
        public void isSent(KeptAnswer.Piece piece) {
            sent.add(piece);
        }

        @Override
        public void sendWindow(int credit) {
        }

        @Override
        public void forget() {
        }
    }

    private void sendHead() throws IOException {
        FrameBuffer frames = new FrameBuffer(64);
        frames.frame(exchange.id(), FrameType.RESPONSE, HEAD, 0, HEAD.length);
        exchange.send(frames, 0, false);
    }

    private void sendData(String text, boolean end) throws IOException {
        FrameBuffer frames = new FrameBuffer(64);
        byte[] b = text.getBytes(StandardCharsets.ISO_8859_1);
        frames.data(exchange.id(), b, 0, b.length);
        if (end) {
            frames.end(exchange.id());
        }
        exchange.send(frames, b.length, end);
    }

    @Test
    void whatFollowsComesBehindWhatIsSentAgain() throws Exception {
        sendHead();
        sendData("one", false);
        assertTrue(exchange.detach(first));
        Runnable replay = exchange.moveTo(second, 0, 1, WINDOW);
        CountDownLatch sends = new CountDownLatch(1);
        CountDownLatch followed = new CountDownLatch(1);
        second.before = () -> {
            if (Thread.currentThread().getName().equals("again")) {
                sends.countDown();
                await(followed, 1);
            }
        };
        Thread again = Thread.ofVirtual().name("again").start(replay);
        await(sends, 20);
        Thread sender = Thread.ofVirtual().start(() -> {
            try {
                sendData("two", true);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            followed.countDown();
        });
        again.join();
        sender.join();
        assertEquals(List.of("RESPONSE", "DATA one", "DATA two", "END"), second.frames());
    }

    private static void await(CountDownLatch latch, int seconds) {
        try {
            latch.await(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aResetBetweenTheAttachmentAndTheReplayIsTold() {
        assertTrue(exchange.detach(first));
        Runnable replay = exchange.moveTo(second, 0, 1, WINDOW);
        exchange.reset(ResetCode.UPSTREAM_REFUSED, "the local service is away");
        replay.run();
        assertEquals(List.of("RESET"), second.frames());
    }

    @Test
    void aResetWithoutMemoryForItIsToldDuringAReplay() throws Exception {
        sendHead();
        sendData("one", false);
        assertTrue(exchange.detach(first));
        Runnable replay = exchange.moveTo(second, 0, 1, WINDOW);
        assertTrue(answers.tryReserve(answers.capacity() - answers.used()));
        exchange.reset(ResetCode.BROKEN_OFF, "the local service broke off");
        replay.run();
        assertEquals("RESET", second.frames().getLast(), () -> second.frames().toString());
    }

    @Test
    void anAnswerThatIsNotKeptIsNotHeldEither() throws Exception {
        assertTrue(answers.tryReserve(answers.capacity()));
        sendHead();
        sendData("one", true);
        exchange.close();
        second.sent.forEach(KeptAnswer.Piece::acknowledged);
        assertEquals(1, unneeded.get());
    }

    @Test
    void whatIsGivenUpAfterItHasBeenAttachedAgainIsTold() throws Exception {
        sendHead();
        assertTrue(exchange.detach(first));
        // The tick that forgets has taken it, and the request comes again before it is given up.
        Runnable replay = exchange.moveTo(second, 0, 1, WINDOW);
        exchange.giveUp();
        replay.run();
        assertFalse(second.frames().isEmpty(), "the peer waits for ever");
    }

    @Test
    void anOlderConnectionDoesNotTakeItFromANewerOne() throws Exception {
        Carrier third = new Carrier(3);
        sendHead();
        assertTrue(exchange.detach(first));
        // Sent on the second, lost, and sent on the third; the third's reading task was faster.
        Runnable replay = exchange.moveTo(third, 0, 2, WINDOW);
        assertNull(exchange.moveTo(second, 0, 1, WINDOW));
        replay.run();
        assertEquals(List.of("RESPONSE"), third.frames());
    }

    @Test
    void aForgottenConnectionSaysOfNoRequestThatItHasNotRun() {
        HeldExchanges held = new HeldExchanges("a", null);
        held.fence();
        assertTrue(held.begin(1, exchange, new HeldExchanges("b", null)));
        // Another reading task has looked the connection up, and asks it now.
        held.takeAll();
        assertTrue(held.hasBegun(1), "it would run twice");
        assertFalse(held.begin(1, exchange, new HeldExchanges("c", null)));
    }

    @Test
    void whatComesLateOnAConnectionThatWasLostIsNotGivenToTheExchange() {
        FrameWriter writer = new FrameWriter(OutputStream.nullOutputStream(), () -> { }, () -> false, memory);
        TunnelLimits limits = new TunnelLimits(Limits.MAX_DATA, WINDOW, 100, 100);
        LinkContext link = new LinkContext(null, writer, new AgentRole(1, null), new DataConnectionAccepted(List.of(), limits), new RoundTrip(), memory, clock);
        ExchangeTable lost = new ExchangeTable(link, null, new Acknowledgements(writer, clock));
        ExchangeTable other = new ExchangeTable(link, null, new Acknowledgements(writer, clock));
        lost.add(5, exchange, 0);
        assertNotNull(other.take(1, exchange, new Resent(List.of(new Resent.Key("a", 5)), 0)));
        assertNull(lost.get(5), "a WINDOW or DATA that is still to be read there would count for the other connection");
        assertSame(exchange, other.get(1));
    }

    /** Its reading task had found the exchange before. */
    @Test
    void theFrameThatWasBeingReadThereIsNotGivenToItEither() throws Exception {
        Exchange upload = answering(6, answers);
        upload.deliverData(first, new byte[3], 0, 3);
        assertTrue(upload.detach(first));
        assertNotNull(upload.moveTo(second, 0, 1, WINDOW));
        upload.deliverData(first, new byte[3], 0, 3);
        upload.deliverCredit(first, 1_000);
        upload.deliverEnd(first, new Fields(), 0);
        assertEquals(3, upload.received());
        upload.deliverData(second, new byte[6], 0, 6);
        upload.deliverEnd(second, new Fields(), 0);
        assertEquals(6, upload.wholeRest());
    }

    /** It was refused on the connection where it came again: it may come a third time, and run. */
    @Test
    void whatWasRefusedWhenItCameAgainHasNotRun() {
        HeldExchanges lost = new HeldExchanges("a", null);
        lost.fence();
        assertTrue(lost.begin(1, exchange, new HeldExchanges("b", null)));
        exchange.holdAnswer(answers, lost.keeper(1, exchange));
        exchange.discard();
        assertTrue(lost.hasBegun(1));
        lost.hasNotRun(1);
        assertTrue(lost.begin(1, exchange, new HeldExchanges("c", null)));
    }

    /** The server has asked for its requests again before it began here. */
    @Test
    void aConnectionThatWasGivenUpBeforeItBeganEndsAtOnce() {
        HeldExchanges held = new HeldExchanges("a", null);
        held.fence();
        AtomicInteger kills = new AtomicInteger();
        held.of(kills::incrementAndGet);
        assertEquals(1, kills.get());
        assertFalse(held.begin(1, exchange, held));
    }

    @Test
    void anAnswerThatWasGivenAgainIsHeldUntilItHasCome() throws Exception {
        Ticker ticker = clock.ticker(new Tasks(log.log()), log.log());
        Resumption resumption = new Resumption(answers, ticker);
        HeldExchanges held = resumption.begin("a");
        exchange.holdAnswer(answers, held.keeper(1, exchange));
        assertTrue(held.begin(1, exchange, held));
        sendHead();
        assertTrue(exchange.detach(first));
        resumption.lost(held);
        Runnable replay = exchange.moveTo(second, 0, 1, WINDOW);
        held.goesOn(1, resumption.begin("b"));
        replay.run();
        clock.advance(Resumption.FORGOTTEN_AFTER.plusSeconds(10));
        resumption.tick(clock.nanos());
        sendData("the end", true);
        // The second connection dies silently under it, which shows after some seconds.
        clock.advance(Duration.ofSeconds(5));
        resumption.tick(clock.nanos());
        assertNotNull(resumption.find("a"));
        assertNotNull(exchange.moveTo(new Carrier(3), 0, 2, WINDOW));
        resumption.close();
    }

    @Test
    void oneThatNobodyAsksForIsGivenUpWhileOthersOfItsConnectionGoOn() {
        Resumption resumption = new Resumption(answers, clock.ticker(new Tasks(log.log()), log.log()));
        HeldExchanges held = resumption.begin("a");
        Exchange other = answering(0, answers);
        for (Exchange each : List.of(exchange, other)) {
            int id = each == exchange ? 1 : 2;
            each.holdAnswer(answers, held.keeper(id, each));
            assertTrue(held.begin(id, each, held));
            assertTrue(each.detach(first));
        }
        resumption.lost(held);
        assertNotNull(exchange.moveTo(second, 0, 1, WINDOW));
        held.goesOn(1, resumption.begin("b"));
        clock.advance(Resumption.FORGOTTEN_AFTER.plusSeconds(1));
        resumption.tick(clock.nanos());
        assertTrue(other.isOver());
        assertFalse(exchange.isOver());
        assertSame(held, resumption.find("a"));
        resumption.close();
        assertTrue(exchange.isOver());
    }
}
