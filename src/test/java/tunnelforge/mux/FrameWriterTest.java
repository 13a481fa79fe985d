package tunnelforge.mux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static tunnelforge.mux.FrameWriter.ALWAYS;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.Eventually;
import tunnelforge.mux.FrameWriter.By;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Ledger;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.WireException;

class FrameWriterTest {
    private static final int SECONDS = 20;
    private static final int ALL = 1_000_000;

    private final GatedStream stream = new GatedStream();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicBoolean shared = new AtomicBoolean();
    private static final long MEMORY = 1L << 20;

    private final Ledger ledger = new Ledger(MEMORY);
    /** Runs while a sender's frames are being enqueued. */
    private volatile Runnable whileEnqueueing = () -> { };
    private final FrameWriter writer = new FrameWriter(stream, failures::incrementAndGet, this::isShared, ledger);
    private Thread flushing;

    private boolean isShared() {
        whileEnqueueing.run();
        return shared.get();
    }

    @BeforeEach
    void startFlushing() {
        flushing = Thread.ofVirtual().start(writer::flushPosted);
    }

    @AfterEach
    void theFlushTaskEnds() throws InterruptedException {
        writer.fail(new IOException("the test is over"));
        stream.permit(ALL);
        assertTrue(flushing.join(java.time.Duration.ofSeconds(SECONDS)));
        assertFalse(stream.overlapped(), "one task at a time writes");
    }

    /** A DATA frame whose payload is text. */
    private static FrameBuffer data(int id, String text) {
        FrameBuffer frame = new FrameBuffer(64);
        byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        frame.data(id, bytes, 0, bytes.length);
        return frame;
    }

    private static FrameBuffer ping(long value) {
        FrameBuffer frame = new FrameBuffer(16);
        frame.ping(value);
        return frame;
    }

    private static FrameBuffer large(int id, int frameBytes) {
        FrameBuffer frame = new FrameBuffer(frameBytes);
        frame.data(id, new byte[frameBytes - Limits.FRAME_HEADER], 0, frameBytes - Limits.FRAME_HEADER);
        return frame;
    }

    /** Id and text of each frame; large ones by their length. */
    private static List<String> frames(byte[] bytes) throws IOException {
        FrameReader reader = new FrameReader(new ByteArrayInputStream(bytes), 70_000, Limits.MAX_MESSAGE_BINARY);
        List<String> frames = new ArrayList<>();
        while (reader.next()) {
            String payload = switch (reader.type()) {
                case FrameType.DATA -> reader.length() > 1_000 ? "*" + reader.length()
                        : new String(reader.array(), reader.offset(), reader.length(), java.nio.charset.StandardCharsets.US_ASCII);
                case FrameType.PING -> "ping" + FrameBuffer.pingValue(reader.array(), reader.offset(), reader.length());
                default -> FrameType.name(reader.type());
            };
            frames.add(reader.id() + ":" + payload);
        }
        return frames;
    }

    private static FutureTask<Boolean> start(Callable<Boolean> body) {
        FutureTask<Boolean> task = new FutureTask<>(body);
        Thread.ofVirtual().start(task);
        return task;
    }

    private FutureTask<Boolean> sending(FrameBuffer frames) {
        return start(() -> {
            writer.send(frames, ALWAYS);
            return true;
        });
    }

    private static void done(FutureTask<Boolean> task) throws Exception {
        assertTrue(task.get(SECONDS, TimeUnit.SECONDS));
    }

    /** A sender that is stuck in the stream with a frame of its own. */
    private FutureTask<Boolean> stuckSender() throws InterruptedException {
        FutureTask<Boolean> first = sending(data(1, "first"));
        stream.awaitBegun(1);
        return first;
    }

    /** Fills the queue to just over its limit, behind a stuck sender. */
    private void fillQueue() throws IOException {
        int frame = Limits.MAX_DATA;
        for (int sum = 0; sum <= FrameWriter.QUEUE_LIMIT; sum += frame) {
            writer.send(large(2, frame), ALWAYS);
        }
    }

    private static void awaitWaiting(Thread thread) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (thread.getState() != Thread.State.WAITING) {
            assertTrue(System.nanoTime() - end < 0, "it is " + thread.getState());
            Thread.onSpinWait();
        }
    }

    @Test
    void whatWasPostedInOrderIsNotPassedByWhoWritesFirst() throws Exception {
        FrameWriter slow = new FrameWriter(stream, failures::incrementAndGet, this::isShared, ledger);
        stream.permit(ALL);
        slow.post(data(1, "left for the flush task, which has not come yet"), By.FLUSH_TASK);
        slow.open(data(0, "opened"), (id, mark) -> { });
        slow.post(data(2, "left again"), By.FLUSH_TASK);
        slow.send(data(3, "sent"), ALWAYS);
        assertEquals(List.of("1:left for the flush task, which has not come yet", "1:opened", "2:left again", "3:sent"), frames(stream.everything()));
    }

    @Test
    void whoFindsNobodyWritingWrites() throws Exception {
        stream.permit(ALL);
        writer.send(data(1, "a"), ALWAYS);
        assertSame(Thread.currentThread(), stream.writer(0));
        assertEquals(List.of("1:a"), frames(stream.everything()));
    }

    @Test
    void whatComesDuringAWriteLeavesInOneNextWrite() throws Exception {
        FutureTask<Boolean> first = stuckSender();
        List<String> expected = new ArrayList<>();
        for (int i = 2; i < 50; i++) {
            writer.send(data(i, "n" + i), ALWAYS);
            expected.add(i + ":n" + i);
        }
        stream.permit(ALL);
        done(first);
        assertEquals(2, stream.begun());
        assertEquals(expected, frames(stream.written(1)));
    }

    @Test
    void urgentFramesGoAheadOfQueuedOnes() throws Exception {
        FutureTask<Boolean> first = stuckSender();
        writer.send(data(2, "queued"), ALWAYS);
        writer.postUrgent(ping(7), By.FLUSH_TASK, ALWAYS);
        writer.postUrgent(ping(8), By.CALLER, ALWAYS);
        writer.send(data(3, "queued"), ALWAYS);
        stream.permit(ALL);
        done(first);
        assertEquals(List.of("0:ping7", "0:ping8", "2:queued", "3:queued"), frames(stream.written(1)));
    }

    @Test
    void aPostedFrameIsWrittenByTheFlushTaskWhenNobodyElseWrites() throws Exception {
        stream.permit(ALL);
        writer.postUrgent(ping(1), By.FLUSH_TASK, ALWAYS);
        stream.awaitBegun(1);
        assertSame(flushing, stream.writer(0));
        assertEquals(List.of("0:ping1"), frames(stream.everything()));
    }

    @Test
    void aSenderWaitsWhileTheQueueIsFullAndGoesOnWhenItLeaves() throws Exception {
        stuckSender();
        fillQueue();
        Thread sender = Thread.ofVirtual().unstarted(() -> {
            try {
                writer.send(data(9, "last"), ALWAYS);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        sender.start();
        awaitWaiting(sender);
        assertEquals(1, stream.begun());
        stream.permit(1);
        assertTrue(sender.join(java.time.Duration.ofSeconds(SECONDS)), "room is made when the queue is taken, not when it is written");
        stream.permit(ALL);
        stream.awaitBegun(3);
        assertEquals(List.of("9:last"), frames(stream.written(2)));
    }

    @Test
    void urgentAndPostedFramesDoNotWaitForRoom() throws Exception {
        FutureTask<Boolean> first = stuckSender();
        fillQueue();
        writer.postUrgent(ping(1), By.FLUSH_TASK, ALWAYS);
        writer.postUrgent(ping(2), By.CALLER, ALWAYS);
        stream.permit(ALL);
        done(first);
        assertEquals(List.of("0:ping1", "0:ping2", "2:*65528", "2:*65528", "2:*65528"), frames(stream.written(1)));
    }

    @Test
    void moreUrgentFramesThanTheLimitAreRefused() throws Exception {
        stuckSender();
        for (int i = 0; i < FrameWriter.URGENT_LIMIT / 16; i++) {
            writer.postUrgent(ping(i), By.FLUSH_TASK, ALWAYS);
        }
        WireException posted = assertThrows(WireException.class, () -> writer.postUrgent(ping(0), By.FLUSH_TASK, ALWAYS));
        assertEquals("more than 65536 bytes of answers wait for the peer to read", posted.getMessage());
        assertThrows(WireException.class, () -> writer.postUrgent(ping(0), By.CALLER, ALWAYS));
    }

    @Test
    void aSenderThatWritesForOthersIsRelieved() throws Exception {
        FutureTask<Boolean> first = stuckSender();
        for (int round = 1; round <= FrameWriter.ROUNDS; round++) {
            writer.send(data(2, "round" + round), ALWAYS);
            stream.permit(1);
            stream.awaitBegun(round + 1);
        }
        writer.send(data(2, "after"), ALWAYS);
        assertFalse(first.isDone());
        stream.permit(1);
        done(first);
        stream.awaitBegun(FrameWriter.ROUNDS + 2);
        for (int i = 1; i <= FrameWriter.ROUNDS; i++) {
            assertSame(stream.writer(0), stream.writer(i));
        }
        assertSame(flushing, stream.writer(FrameWriter.ROUNDS + 1));
        writer.send(data(2, "for the flush task"), ALWAYS);
        stream.permit(2);
        stream.awaitBegun(FrameWriter.ROUNDS + 3);
        assertSame(flushing, stream.writer(FrameWriter.ROUNDS + 2));
    }

    @Test
    void afterTheFlushTaskHasRelievedAnyoneWritesAgain() throws Exception {
        aSenderThatWritesForOthersIsRelieved();
        stream.permit(ALL);
        int before = stream.begun();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        do {
            writer.send(data(3, "x"), ALWAYS);
            assertTrue(System.nanoTime() - end < 0);
        } while (stream.writer(stream.begun() - 1) != Thread.currentThread());
        assertTrue(stream.begun() > before);
    }

    @Test
    void aFailedWriteWakesEverybodyWithItsReason() throws Exception {
        FutureTask<Boolean> first = stuckSender();
        fillQueue();
        FutureTask<Boolean> waiting = sending(data(3, "x"));
        FutureTask<Boolean> opening = start(() -> {
            writer.open(data(0, "x"), (id, mark) -> { });
            return true;
        });
        stream.failWith(new IOException("the cable is out"));
        for (FutureTask<Boolean> each : List.of(first, waiting, opening)) {
            ExecutionException e = assertThrows(ExecutionException.class, () -> each.get(SECONDS, TimeUnit.SECONDS));
            assertInstanceOf(IOException.class, e.getCause());
            assertTrue(e.getCause().getMessage().contains("the cable is out"), e.getCause().getMessage());
        }
        assertTrue(failures.get() >= 1);
        assertThrows(IOException.class, () -> writer.send(data(1, "x"), ALWAYS));
        assertThrows(IOException.class, () -> writer.postUrgent(ping(1), By.CALLER, ALWAYS));
        assertThrows(IOException.class, () -> writer.postUrgent(ping(1), By.FLUSH_TASK, ALWAYS));
        assertTrue(flushing.join(java.time.Duration.ofSeconds(SECONDS)));
    }

    @Test
    void endingItFromOutsideWakesWhoWaitsAndKeepsTheFirstReason() throws Exception {
        stuckSender();
        fillQueue();
        FutureTask<Boolean> waiting = sending(data(3, "x"));
        writer.fail(new IOException("closed by the peer"));
        writer.fail(new IOException("later"));
        ExecutionException e = assertThrows(ExecutionException.class, () -> waiting.get(SECONDS, TimeUnit.SECONDS));
        assertEquals("the data connection is gone: closed by the peer", e.getCause().getMessage());
        IOException late = assertThrows(IOException.class, () -> writer.open(data(0, "x"), (id, mark) -> { }));
        assertEquals("the data connection is gone: closed by the peer", late.getMessage());
    }

    @Test
    void exchangesGetRisingIdsInAllTheirFrames() throws Exception {
        stream.permit(ALL);
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            FrameBuffer frames = data(0, "body");
            frames.frame(0, FrameType.END, new byte[0], 0, 0);
            writer.open(frames, (id, mark) -> ids.add(id));
        }
        assertEquals(List.of(1, 2, 3), ids);
        assertEquals(List.of("1:body", "1:END", "2:body", "2:END", "3:body", "3:END"), frames(stream.everything()));
    }

    @Test
    void whatIsQueuedHasCertainlyNotLeftUntilItIsTaken() throws Exception {
        Map<Integer, Long> marks = new HashMap<>();
        FutureTask<Boolean> first = start(() -> {
            writer.open(data(0, "one"), marks::put);
            return true;
        });
        stream.awaitBegun(1);
        writer.open(data(0, "two"), marks::put);
        writer.send(data(1, "more of one"), ALWAYS);
        assertTrue(writer.mayHaveLeft(marks.get(1)), "a write that has begun may have got through");
        assertFalse(writer.mayHaveLeft(marks.get(2)));
        stream.permit(1);
        stream.awaitBegun(2);
        assertTrue(writer.mayHaveLeft(marks.get(2)));
        writer.open(data(0, "three"), marks::put);
        assertFalse(writer.mayHaveLeft(marks.get(3)));
        stream.failWith(new IOException("broken"));
        done(first);
        assertFalse(writer.mayHaveLeft(marks.get(3)));
        assertTrue(writer.mayHaveLeft(marks.get(2)));
    }

    @Test
    void postedFramesDoNotMakeQueuedOnesLookSent() throws Exception {
        stuckSender();
        Map<Integer, Long> marks = new HashMap<>();
        writer.postUrgent(ping(1), By.FLUSH_TASK, ALWAYS);
        writer.postUrgent(ping(2), By.CALLER, ALWAYS);
        writer.open(data(0, "x"), marks::put);
        writer.postUrgent(ping(3), By.FLUSH_TASK, ALWAYS);
        assertFalse(writer.mayHaveLeft(marks.get(1)));
        stream.failWith(new IOException("broken"));
        assertTrue(flushing.join(java.time.Duration.ofSeconds(SECONDS)));
        assertFalse(writer.mayHaveLeft(marks.get(1)));
    }

    // ---- Combined writes. ----

    /** Another task that is runnable at that moment. */
    private FutureTask<Boolean> sendingWhileAnotherComes(FrameBuffer own, FrameBuffer others) throws Exception {
        AtomicReference<FutureTask<Boolean>> other = new AtomicReference<>();
        whileEnqueueing = () -> {
            whileEnqueueing = () -> { };
            other.set(sending(others));
        };
        done(sending(own));
        whileEnqueueing = () -> { };
        return other.get();
    }

    @Test
    void onASharedConnectionOneWriteCarriesWhatOtherRunnableTasksSendAsWell() throws Exception {
        stream.permit(ALL);
        shared.set(true);
        int together = 0;
        for (int round = 0; round < 200; round++) {
            int before = stream.begun();
            done(sendingWhileAnotherComes(data(1, "one"), data(2, "two")));
            together += stream.begun() - before == 1 ? 1 : 0;
        }
        assertTrue(together > 0, "no write has carried both");
        assertEquals(400, frames(stream.everything()).size());
    }

    @Test
    void aLargeFrameIsNotHeldBack() throws Exception {
        shared.set(true);
        FutureTask<Boolean> first = sending(large(1, FrameWriter.WORTH_A_WRITE));
        stream.awaitBegun(1);
        stream.permit(ALL);
        done(first);
        assertEquals(0, ledger.used(), "it was not copied");
    }

    @Test
    void aPostedFrameIsNotPassedByAGatheredOne() throws Exception {
        shared.set(true);
        stream.permit(ALL);
        for (int i = 0; i < 100; i++) {
            writer.post(data(1, "before"), By.FLUSH_TASK);
            writer.send(data(1, "behind"), ALWAYS);
        }
        assertEquals(Collections.nCopies(100, List.of("1:before", "1:behind")).stream().flatMap(List::stream).toList(), frames(stream.everything()));
    }

    // ---- What is not wanted any more. ----

    @Test
    void framesThatAreNotWantedAnyMoreWhenThereIsRoomForThemAreDropped() throws Exception {
        stuckSender();
        fillQueue();
        AtomicBoolean reset = new AtomicBoolean();
        FutureTask<Boolean> waiting = new FutureTask<>(() -> writer.send(data(9, "late"), () -> !reset.get()));
        Thread sender = Thread.ofVirtual().start(waiting);
        awaitWaiting(sender);
        reset.set(true);
        FrameBuffer frame = new FrameBuffer(64);
        frame.reset(9, ResetCode.CANCELLED, "");
        writer.post(frame, By.FLUSH_TASK);
        stream.permit(ALL);
        assertFalse(waiting.get(SECONDS, TimeUnit.SECONDS));
        stream.awaitBegun(2);
        List<String> frames = frames(stream.everything());
        assertEquals("9:RESET", frames.get(frames.size() - 1));
    }

    // ---- Memory. ----

    @Test
    void aSenderForWhomThereIsNoMemoryInTheQueueWaitsLikeOneBeforeAFullQueue() throws Exception {
        assertTrue(ledger.tryReserve(MEMORY));
        FutureTask<Boolean> first = stuckSender();
        FutureTask<Boolean> second = new FutureTask<>(() -> {
            writer.send(large(2, 60_000), ALWAYS);
            return true;
        });
        awaitWaiting(Thread.ofVirtual().start(second));
        stream.permit(ALL);
        done(first);
        done(second);
        assertEquals(List.of("1:first", "2:*59992"), frames(stream.everything()));
        ledger.release(MEMORY);
    }

    @Test
    void whatCannotWaitAndForWhichThereIsNoMemoryEndsTheConnection() throws Exception {
        assertTrue(ledger.tryReserve(MEMORY));
        stuckSender();
        writer.post(data(1, "there is room for a little"), By.FLUSH_TASK);
        assertThrows(IOException.class, () -> writer.post(large(1, 60_000), By.FLUSH_TASK));
        assertEquals(1, failures.get());
        ledger.release(MEMORY);
    }

    /** As many as a peer may make necessary: to lose the connection for want of memory would cost all that it carries. */
    @Test
    void anUrgentFrameForWhichThereIsNoMemoryLeavesAllTheSame() throws Exception {
        assertTrue(ledger.tryReserve(MEMORY));
        FutureTask<Boolean> first = stuckSender();
        FrameBuffer pong = new FrameBuffer(32);
        pong.ping(7);
        int many = FrameWriter.URGENT_LIMIT / pong.length();
        for (int i = 0; i < many; i++) {
            writer.postUrgent(pong, By.FLUSH_TASK, ALWAYS);
        }
        assertEquals(0, failures.get());
        stream.permit(ALL);
        done(first);
        assertEquals(1 + many, frames(stream.everything()).size());
        ledger.release(MEMORY);
    }

    /** A PONG or a RESET found no memory while some visitor waited for it, and cost a sound connection with all its exchanges. */
    @Test
    void whatCannotWaitIsQueuedWhileOthersWaitForMemory() throws Exception {
        assertTrue(ledger.tryReserve(1));
        stuckSender();
        Thread waiting = Thread.ofVirtual().start(() -> {
            try {
                ledger.reserve(MEMORY, java.time.Duration.ofSeconds(SECONDS), new Cancellation());
            } catch (InterruptedException e) {
                // The test is over.
            }
        });
        Eventually.await("it waits", () -> waiting.getState() == Thread.State.TIMED_WAITING);
        assertFalse(ledger.tryReserve(1));
        for (int i = 0; i < 1_000; i++) {
            writer.postUrgent(ping(i), By.FLUSH_TASK, ALWAYS);
            writer.post(ping(i), By.FLUSH_TASK);
        }
        assertEquals(0, failures.get());
        waiting.interrupt();
        waiting.join();
        ledger.release(1);
    }

    /** Whoever wrote was gone, and what others sent was queued for ever. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWriteForWhichNoMemoryIsLeftEndsTheConnection(boolean byFlushTask) throws Exception {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) {
                throw new AssertionError("frames are written whole");
            }

            @Override
            public void write(byte[] b, int off, int length) {
                throw new OutOfMemoryError("Cannot reserve direct buffer memory");
            }
        };
        CountDownLatch ended = new CountDownLatch(1);
        FrameWriter other = new FrameWriter(broken, ended::countDown, shared::get, ledger);
        if (byFlushTask) {
            other.postUrgent(ping(1), By.FLUSH_TASK, ALWAYS);
            assertThrows(OutOfMemoryError.class, other::flushPosted);
        } else {
            assertThrows(OutOfMemoryError.class, () -> other.send(ping(1), ALWAYS));
        }
        assertTrue(ended.await(SECONDS, TimeUnit.SECONDS));
        assertThrows(IOException.class, () -> other.send(ping(2), ALWAYS));
        assertThrows(IOException.class, () -> other.postUrgent(ping(3), By.FLUSH_TASK, ALWAYS));
    }

    @Test
    void theQueueGivesItsMemoryBackWhenItIsIdle() throws Exception {
        FutureTask<Boolean> first = stuckSender();
        fillQueue();
        assertTrue(ledger.used() > 0);
        stream.permit(ALL);
        done(first);
        writer.rest();
        writer.rest();
        assertEquals(0, ledger.used());
    }

    /** Many senders at once on a stream that is now fast, now slow: nothing lost, doubled, torn or overtaken within one sender. */
    @Test
    void everyFrameArrivesWholeAndInItsSendersOrder() throws Exception {
        shared.set(true);
        long seed = System.nanoTime();
        int senders = 24;
        int each = 400;
        List<FutureTask<Boolean>> running = new ArrayList<>();
        for (int s = 1; s <= senders; s++) {
            int id = s;
            Random random = new Random(seed + s);
            running.add(start(() -> {
                for (int n = 0; n < each; n++) {
                    FrameBuffer frame = data(id, n + " " + "x".repeat(random.nextInt(random.nextInt(20) == 0 ? 900 : 30)));
                    switch (random.nextInt(8)) {
                        case 0 -> writer.postUrgent(ping(id), By.CALLER, ALWAYS);
                        case 1 -> writer.postUrgent(ping(id), By.FLUSH_TASK, ALWAYS);
                        default -> { }
                    }
                    writer.send(frame, ALWAYS);
                }
                return true;
            }));
        }
        Random pace = new Random(seed);
        while (!running.stream().allMatch(FutureTask::isDone)) {
            stream.permit(1 + pace.nextInt(4));
            Thread.yield();
        }
        stream.permit(ALL);
        for (FutureTask<Boolean> sender : running) {
            done(sender);
        }
        int[] next = new int[senders + 1];
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        List<String> frames = frames(stream.everything());
        while (frames.stream().filter(frame -> !frame.startsWith("0:")).count() < (long) senders * each) {
            assertTrue(System.nanoTime() - end < 0, "seed " + seed + ": frames are missing");
            frames = frames(stream.everything());
        }
        for (String frame : frames) {
            int id = Integer.parseInt(frame.substring(0, frame.indexOf(':')));
            if (id > 0) {
                int number = Integer.parseInt(frame.substring(frame.indexOf(':') + 1, frame.indexOf(' ')));
                assertEquals(next[id]++, number, "seed " + seed + " sender " + id);
            }
        }
        assertTrue(stream.begun() < senders * each, "some writes carry several frames");
    }

    // ---- The end of the connection. ----

    private interface Ending {
        void of(FrameWriter writer) throws Exception;
    }

    /** Who learns of the end may wait for a lock under which another task is about to queue a last frame: that was a deadlock of both. */
    private void assertEndsWithoutTheLock(Ledger memory, Ending ending) throws Exception {
        AtomicReference<FrameWriter> ends = new AtomicReference<>();
        AtomicReference<Boolean> free = new AtomicReference<>();
        OutputStream out = new OutputStream() {
            @Override
            public void write(int b) {
                throw new AssertionError("one byte");
            }

            @Override
            public void write(byte[] b, int off, int len) {
                ends.get().endWhenSent();
            }
        };
        ends.set(new FrameWriter(out, () -> {
            Thread other = Thread.ofPlatform().daemon().start(ends.get()::bytes);
            try {
                free.set(other.join(java.time.Duration.ofSeconds(SECONDS)));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }, () -> false, memory));
        ending.of(ends.get());
        assertEquals(true, free.get());
    }

    @Test
    void theEndBehindTheLastFrameIsToldWithoutTheLock() throws Exception {
        assertEndsWithoutTheLock(ledger, each -> each.send(data(1, "the last"), () -> true));
    }

    @Test
    void theEndForWantOfMemoryIsToldWithoutTheLock() throws Exception {
        assertEndsWithoutTheLock(new Ledger(1), each -> assertThrows(IOException.class, () -> each.post(large(1, 60_000), By.FLUSH_TASK)));
    }
}
