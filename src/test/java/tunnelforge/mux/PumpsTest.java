package tunnelforge.mux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;
import tunnelforge.http.HttpException;
import tunnelforge.net.Ledger;
import tunnelforge.net.ManualClock;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;

/** From a source into frames, and from an exchange into a sink. */
class PumpsTest {
    private static final int MEMORY = 1024 * 1024;

    private final Ledger memory = new Ledger(MEMORY);
    private final List<String> sent = new ArrayList<>();
    private final FrameBuffer frames = new FrameBuffer(0);
    private final Script source = new Script();
    private final Exchange exchange = exchange();

    private Exchange exchange() {
        assertTrue(memory.tryReserve(Limits.INITIAL_WINDOW));
        ManualClock clock = new ManualClock();
        ReceiveWindow window = new ReceiveWindow(memory, new RoundTrip(), Limits.INITIAL_WINDOW, clock.nanos());
        Exchange made = Exchange.answering("GET", false, Inbox.ofRequest(false, -1, window, memory, clock), Limits.INITIAL_WINDOW);
        made.attach(new RecordedAttachment() {
            @Override
            public int id() {
                return 7;
            }

            @Override
            public boolean send(FrameBuffer buffer, BooleanSupplier wanted) throws IOException {
                sent.add(text(buffer));
                return true;
            }
        });
        return made;
    }

    @AfterEach
    void close() {
        exchange.close();
        assertEquals(0, memory.used());
    }

    private static String text(FrameBuffer buffer) throws IOException {
        FrameReader reader = new FrameReader(new ByteArrayInputStream(buffer.array(), 0, buffer.length()), 70_000, 1_000);
        List<String> all = new ArrayList<>();
        while (reader.next()) {
            assertEquals(7, reader.id());
            String payload = new String(reader.array(), reader.offset(), reader.length(), StandardCharsets.US_ASCII);
            all.add(FrameType.name(reader.type()) + (payload.isEmpty() ? "" : " " + (payload.length() > 30 ? "*" + payload.length() : payload)));
        }
        return String.join(", ", all);
    }

    /** Gives these pieces, each at hand with the one before it unless it is behind a pause. */
    private static final class Script implements BodySource {
        private static final String PAUSE = "pause";
        private final Queue<Object> steps = new ArrayDeque<>();
        private final Fields trailers = new Fields();
        private byte[] piece = {};
        private int at;

        Script then(Object... more) {
            steps.addAll(Arrays.asList(more));
            return this;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            assertTrue(len > 0);
            while (at == piece.length) {
                Object step = steps.poll();
                switch (step) {
                    case null -> {
                        return -1;
                    }
                    case IOException e -> throw e;
                    case byte[] bytes -> {
                        piece = bytes;
                        at = 0;
                    }
                    case String text when text.equals(PAUSE) -> { }
                    case String text -> {
                        piece = text.getBytes(StandardCharsets.US_ASCII);
                        at = 0;
                    }
                    default -> throw new AssertionError(step);
                }
            }
            int count = Math.min(len, piece.length - at);
            System.arraycopy(piece, at, b, off, count);
            at += count;
            return count;
        }

        @Override
        public boolean ready() {
            return at < piece.length || !PAUSE.equals(steps.peek());
        }

        @Override
        public boolean ended() {
            return at == piece.length && steps.isEmpty();
        }

        @Override
        public Fields trailers() {
            return trailers;
        }
    }

    private void head() {
        frames.frame(7, FrameType.RESPONSE, new byte[] {'h'}, 0, 1);
    }

    // ---- From a source into frames. ----

    @Test
    void whatIsAtHandLeavesWithTheHeadAndTheEnd() throws IOException {
        head();
        Outflow.send(exchange, frames, source.then("all ", "of it"));
        assertEquals(List.of("RESPONSE h, DATA all of it, END"), sent);
    }

    @Test
    void theHeadDoesNotWaitForASourceThatIsSlow() throws IOException {
        head();
        Outflow.send(exchange, frames, source.then(Script.PAUSE, "slow", Script.PAUSE, "ly"));
        assertEquals(List.of("RESPONSE h", "DATA slow", "DATA ly, END"), sent);
    }

    @Test
    void anEmptyBodyIsAnEnd() throws IOException {
        head();
        Outflow.send(exchange, frames, source);
        assertEquals(List.of("RESPONSE h, END"), sent);
    }

    @Test
    void anEndThatIsLearnedLateLeavesAlone() throws IOException {
        Outflow.send(exchange, frames, source.then("body", Script.PAUSE));
        assertEquals(List.of("DATA body", "END"), sent);
    }

    @Test
    void trailersComeWithTheEndAndTooManyAreRefusedByWhoseFaultTheyAre() throws IOException {
        source.trailers.add("a", "b");
        Outflow.send(exchange, frames, source.then("x"));
        assertEquals(List.of("DATA x, END a: b\r\n\r\n"), sent);
        sent.clear();
        Script large = new Script();
        large.trailers.add("a", "x".repeat(Limits.MAX_TRAILERS));
        HttpException e = assertThrows(HttpException.class, () -> Outflow.send(exchange(), new FrameBuffer(0), large));
        assertEquals(502, e.status());
        memory.release(Limits.INITIAL_WINDOW);
    }

    @Test
    void piecesGrowWhileTheSourceFillsThem() throws IOException {
        long before = memory.used();
        Outflow.send(exchange, frames, source.then(new byte[Limits.INITIAL_WINDOW]));
        assertEquals(List.of("DATA *65536, END"), sent);
        assertEquals(before + Limits.MAX_DATA - 8 * 1024, memory.used(), "what the pieces grew by is charged");
    }

    /** A socket has nothing at hand that its reader would know of. */
    @Test
    void piecesGrowAlsoWhereEachIsWaitedFor() throws IOException {
        BodySource blocking = new BodySource() {
            private int left = 60 * 1024;

            @Override
            public int read(byte[] b, int off, int len) {
                int count = Math.min(len, left);
                left -= count;
                return count == 0 ? -1 : count;
            }

            @Override
            public boolean ready() {
                return false;
            }

            @Override
            public boolean ended() {
                return false;
            }

            @Override
            public Fields trailers() {
                return new Fields();
            }
        };
        Outflow.send(exchange, frames, blocking);
        assertEquals(List.of("DATA *8192", "DATA *32768", "DATA *20480", "END"), sent);
    }

    @Test
    void whereThereIsNoMemoryForLargerPiecesTheyStaySmall() throws IOException {
        assertTrue(memory.tryReserve(MEMORY / 2));
        Outflow.send(exchange, frames, source.then(new byte[20 * 1024]));
        assertEquals(List.of("DATA *8192", "DATA *8192", "DATA *4096, END"), sent);
        assertTrue(frames.capacity() < 20 * 1024);
        memory.release(MEMORY / 2);
    }

    @Test
    void whatCameBeforeASourceBrokeOffIsSentAndNoEnd() {
        IOException broken = new IOException("broken");
        assertSame(broken, assertThrows(IOException.class, () -> Outflow.send(exchange, frames, source.then("some", broken))));
        assertEquals(List.of("DATA some"), sent);
    }

    @Test
    void anExchangeThatIsOverWantsNoMore() throws IOException {
        Exchange asking = Exchange.asking("POST", false, Inbox.ofResponse(null, 0, memory, new ManualClock()), SendWindow.UNLIMITED, false);
        RecordedAttachment attachment = new RecordedAttachment();
        asking.attach(attachment);
        asking.deliverHead(null, LinkFixture.head(413), 100, 0);
        asking.deliverEnd(null, new Fields(), 0);
        Outflow.send(asking, frames, source.then("unwanted"));
        assertEquals(List.of("forget"), attachment.events);
        asking.close();
    }

    // ---- From an exchange into a sink. ----

    private static class Recording implements BodySink {
        private final List<String> events = new ArrayList<>();

        @Override
        public void write(byte[] b, int off, int len) {
            events.add(new String(b, off, len, StandardCharsets.US_ASCII));
        }

        @Override
        public void flush() {
            events.add("flush");
        }

        @Override
        public void end(Fields trailers) {
            events.add("end" + trailers.size());
        }
    }

    private static void deliver(Exchange to, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        to.deliverData(null, bytes, 0, bytes.length);
    }

    @Test
    void whatIsHereWholeIsFlushedOnce() throws IOException {
        deliver(exchange, "whole");
        Fields trailers = new Fields();
        trailers.add("a", "b");
        exchange.deliverEnd(null, trailers, 8);
        Recording sink = new Recording();
        Inflow.receive(exchange, sink);
        assertEquals(List.of("whole", "end1"), sink.events);
    }

    @Test
    void theSinkIsFlushedBeforeMoreIsWaitedFor() throws Exception {
        deliver(exchange, "first");
        Recording sink = new Recording() {
            @Override
            public void flush() {
                super.flush();
                try {
                    deliver(exchange, "second");
                    exchange.deliverEnd(null, new Fields(), 0);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        };
        Inflow.receive(exchange, sink);
        assertEquals(List.of("first", "flush", "second", "end0"), sink.events);
    }

    @Test
    void anExchangeThatBreaksOffDoesNotEndTheSink() throws IOException {
        deliver(exchange, "some");
        Recording sink = new Recording();
        exchange.fail(new ResetException(ResetCode.BROKEN_OFF, "lost", false));
        assertThrows(ResetException.class, () -> Inflow.receive(exchange, sink));
        assertEquals(List.of("some", "flush"), sink.events);
    }
}
