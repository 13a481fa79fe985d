package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
    private static final int HEADER = 5;

    private final ManualClock clock = new ManualClock();
    private final Ledger ledger = new Ledger(1 << 20);
    private final Script script = new Script();
    private final ReadAhead ahead = new ReadAhead(script, script, new TimeLimits(clock), clock, ledger);

    /** Gives what it was told to, and notes how much it was asked for each time. */
    private final class Script implements ReadAhead.Source, ReadAhead.End {
        private final Deque<byte[]> pieces = new ArrayDeque<>();
        private final List<Integer> asked = new ArrayList<>();
        private final List<Boolean> overs = new ArrayList<>();
        private Duration takes = Duration.ZERO;
        private IOException failure;
        private byte next;

        void add(int count) {
            byte[] piece = new byte[count];
            for (int i = 0; i < count; i++) {
                piece[i] = next++;
            }
            pieces.add(piece);
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            asked.add(len);
            clock.advance(takes);
            byte[] piece = pieces.poll();
            if (piece == null) {
                if (failure != null) {
                    throw failure;
                }
                return -1;
            }
            int count = Math.min(len, piece.length);
            System.arraycopy(piece, 0, b, off, count);
            if (count < piece.length) {
                pieces.addFirst(Arrays.copyOfRange(piece, count, piece.length));
            }
            return count;
        }

        @Override
        public int available() {
            return 0;
        }

        @Override
        public void over(boolean failed) {
            overs.add(failed);
        }
    }

    private byte read;

    private void assertReads(int count) throws IOException {
        byte[] got = new byte[count];
        assertEquals(count, ahead.readNBytes(got, 0, count));
        for (byte b : got) {
            assertEquals(read++, b);
        }
    }

    @Test
    void oneRawReadBringsManySmallOnes() throws IOException {
        script.add(600);
        for (int i = 0; i < 6; i++) {
            assertReads(HEADER);
            assertReads(95);
        }
        assertEquals(List.of(ReadBuffer.SMALL), script.asked);
        assertEquals(-1, ahead.read());
        assertEquals(-1, ahead.read());
        assertEquals(List.of(false), script.overs, "asked once");
    }

    @Test
    void aLargeReadGoesPastTheBuffer() throws IOException {
        script.add(10_000);
        assertReads(10_000);
        assertEquals(List.of(10_000), script.asked);
        assertEquals(0, ledger.used());
    }

    @Test
    void theBufferGrowsWhileReadsFillItAndIsSmallAgainAfterAPause() throws IOException {
        script.add(200_000);
        for (int i = 0; i < 40; i++) {
            assertReads(HEADER);
            assertReads(1_000);
        }
        assertEquals(List.of(ReadBuffer.SMALL, 4 * ReadBuffer.SMALL, ReadBuffer.LARGE), script.asked.subList(0, 3));
        assertEquals(ReadBuffer.LARGE - ReadBuffer.SMALL, ledger.used());
        script.pieces.clear();
        script.takes = Duration.ofSeconds(1);
        ahead.skipNBytes(ahead.available());
        read = script.next;
        script.add(10);
        assertReads(10);
        script.add(10);
        assertReads(10);
        assertEquals(ReadBuffer.SMALL, script.asked.getLast());
        assertEquals(0, ledger.used());
    }

    @Test
    void whereThereIsNoMemoryItStaysSmall() throws IOException {
        assertTrue(ledger.tryReserve(ledger.capacity()));
        script.add(100_000);
        for (int i = 0; i < 90; i++) {
            assertReads(1_000);
        }
        assertEquals(List.of(), script.asked.stream().filter(each -> each != ReadBuffer.SMALL).toList());
        assertEquals(ledger.capacity(), ledger.used());
    }

    @Test
    void whatWasChargedIsGivenBackOnceWhenTheConnectionIsClosed() throws IOException {
        script.add(100_000);
        for (int i = 0; i < 20; i++) {
            assertReads(1_000);
        }
        assertTrue(ledger.used() > 0);
        ahead.release();
        ahead.release();
        assertEquals(0, ledger.used());
        script.takes = Duration.ofSeconds(1);
        for (int i = 0; i < 80; i++) {
            assertReads(1_000);
        }
        assertEquals(0, ledger.used());
    }

    @Test
    void aFailureComesBehindWhatWasReadBefore() throws IOException {
        script.failure = new IOException("reset");
        script.add(10);
        ahead.watch(() -> true);
        assertEquals(List.of(true), script.overs);
        assertReads(10);
        assertSame(script.failure, assertThrows(IOException.class, ahead::read));
        assertSame(script.failure, assertThrows(IOException.class, ahead::read));
    }

    @Test
    void theWatchStopsWhenItsBufferIsFullAndLosesNothing() throws IOException {
        script.add(100_000);
        ahead.watch(() -> true);
        assertTrue(ahead.isFull());
        assertEquals(ReadBuffer.LARGE, ahead.available());
        assertReads(10_000);
        assertFalse(ahead.isFull());
        ahead.watch(() -> true);
        assertTrue(ahead.isFull());
        assertEquals(ReadBuffer.LARGE, ahead.available());
        assertReads(90_000);
        assertEquals(-1, ahead.read());
    }

    @Test
    void theWatchWithoutMemoryReadsLittleAhead() throws IOException {
        assertTrue(ledger.tryReserve(ledger.capacity()));
        script.add(100_000);
        ahead.watch(() -> true);
        assertTrue(ahead.isFull());
        assertEquals(ReadBuffer.SMALL, ahead.available());
        assertReads(100_000);
    }

    @Test
    void nothingIsReadAheadThatNobodyWants() {
        script.add(10);
        ahead.watch(() -> false);
        assertEquals(List.of(), script.asked);
    }

    /** A read that throws something unexpected must not leave a reader waiting for it. */
    @Test
    void aBugInARawReadHoldsNobodyUp() {
        OutOfMemoryError noMemory = new OutOfMemoryError("Java heap space");
        AtomicBoolean first = new AtomicBoolean(true);
        ReadAhead failing = new ReadAhead(new ReadAhead.Source() {
            @Override
            public int read(byte[] b, int off, int len) {
                if (first.getAndSet(false)) {
                    throw noMemory;
                }
                b[off] = 7;
                return 1;
            }

            @Override
            public int available() {
                return 0;
            }
        }, failed -> {
            throw new AssertionError("it is not over");
        }, new TimeLimits(clock), clock, ledger);
        assertSame(noMemory, assertThrows(OutOfMemoryError.class, failing::read));
        byte[] got = new byte[10];
        try {
            assertEquals(1, failing.read(got));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertArrayEquals(new byte[] {7, 0, 0, 0, 0, 0, 0, 0, 0, 0}, got);
    }

    // ---- Running is not free. ----

    /** Always has input; a task that reads it never parks by itself. */
    private static final class Endless implements ReadAhead.Source {
        private final boolean tells;

        Endless(boolean tells) {
            this.tells = tells;
        }

        @Override
        public int read(byte[] b, int off, int len) {
            return len;
        }

        @Override
        public int available() {
            return tells ? 1 : 0;
        }

        @Override
        public boolean mayBeReady() {
            return true;
        }
    }

    private static int carriers() {
        return Integer.getInteger("jdk.virtualThreadScheduler.parallelism", Runtime.getRuntime().availableProcessors());
    }

    private static void assertOthersRunBesideReadersOf(int pieceBytes, boolean tells) throws InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        int readers = 2 * carriers();
        CountDownLatch running = new CountDownLatch(readers);
        CountDownLatch ended = new CountDownLatch(readers);
        for (int i = 0; i < readers; i++) {
            Thread.ofVirtual().start(() -> {
                ReadAhead endless = new ReadAhead(new Endless(tells), failed -> { }, new TimeLimits(Clock.SYSTEM), Clock.SYSTEM, new Ledger(1 << 20));
                byte[] piece = new byte[pieceBytes];
                try {
                    running.countDown();
                    while (!over.get()) {
                        endless.read(piece);
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                } finally {
                    ended.countDown();
                }
            });
        }
        try {
            assertTrue(running.await(20, TimeUnit.SECONDS), "the readers hold each other up");
            for (int i = 0; i < 20; i++) {
                // From a platform thread, as what the poller makes runnable: it enters the queue that a busy carrier looks at last.
                CountDownLatch ran = new CountDownLatch(1);
                Thread.ofVirtual().start(ran::countDown);
                assertTrue(ran.await(20, TimeUnit.SECONDS), "task " + i + " got no turn");
            }
        } finally {
            over.set(true);
        }
        assertTrue(ended.await(20, TimeUnit.SECONDS));
    }

    @Test
    void readersOfSmallPiecesThatAreAlwaysThereLetOthersRun() throws InterruptedException {
        assertOthersRunBesideReadersOf(40, true);
    }

    @Test
    void readersOfLargePiecesThatAreAlwaysThereLetOthersRun() throws InterruptedException {
        assertOthersRunBesideReadersOf(64 * 1024, true);
    }

    /** A Unix socket says nothing: a reader that has not parked was taken for one that had. */
    @Test
    void readersOfWhatDoesNotSayThatItIsReadyLetOthersRun() throws InterruptedException {
        assertOthersRunBesideReadersOf(64 * 1024, false);
    }
}
