package tunnelforge.mux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.http.Fields;
import tunnelforge.net.Ledger;
import tunnelforge.net.ManualClock;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.WireException;

/** The states of an exchange on the server's side; what the reading task would deliver, the test delivers. */
class ExchangeTest {
    private static final int NO_LENGTH = -1;
    private static final ResetException LOST = new ResetException(ResetCode.OUTCOME_UNKNOWN, "lost", false);

    private final Ledger memory = new Ledger(1L << 20);
    private final ManualClock clock = new ManualClock();
    private RecordedAttachment attachment;
    private Exchange exchange;

    @BeforeEach
    void open() {
        exchange = asking("POST", false, false);
    }

    private Exchange asking(String method, boolean upgrade, boolean end) {
        assertTrue(memory.tryReserve(Limits.INITIAL_WINDOW));
        ReceiveWindow window = new ReceiveWindow(memory, new RoundTrip(), Limits.INITIAL_WINDOW, clock.nanos());
        Exchange made = Exchange.asking(method, upgrade, Inbox.ofResponse(window, 0, memory, clock), Limits.INITIAL_WINDOW, end);
        attachment = new RecordedAttachment();
        made.attach(attachment);
        return made;
    }

    private Exchange withoutWindows(String method) {
        Exchange made = Exchange.asking(method, false, Inbox.ofResponse(null, 0, memory, clock), SendWindow.UNLIMITED, false);
        made.attach(new RecordedAttachment());
        return made;
    }

    @AfterEach
    void close() {
        exchange.close();
        assertEquals(0, memory.used());
    }

    private void reopen(String method, boolean upgrade, boolean end) {
        exchange.close();
        exchange = asking(method, upgrade, end);
    }

    private static byte[] pattern(int from, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) ((from + i) * 7 + ((from + i) >> 8));
        }
        return bytes;
    }

    private void data(int from, int count) throws IOException {
        exchange.deliverData(null, pattern(from, count), 0, count);
    }

    private byte[] takeAtOnce() throws IOException {
        int count = exchange.inbox().awaitData();
        byte[] taken = Arrays.copyOfRange(exchange.inbox().data(), exchange.inbox().dataOffset(), exchange.inbox().dataOffset() + count);
        exchange.taken(count);
        return taken;
    }

    private void sendEnd() throws IOException {
        FrameBuffer end = new FrameBuffer(8);
        end.end(exchange.id());
        exchange.send(end, 0, true);
    }

    private static <T> FutureTask<T> start(Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(body);
        Thread thread = Thread.ofVirtual().start(task);
        long end = System.nanoTime() + LinkFixture.LIMIT.toNanos();
        while (thread.getState() != Thread.State.WAITING && !task.isDone()) {
            assertTrue(System.nanoTime() - end < 0, "it is " + thread.getState());
            Thread.onSpinWait();
        }
        return task;
    }

    private static <T> T result(FutureTask<T> task) throws Exception {
        return task.get(LinkFixture.LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private static ResetException failure(FutureTask<?> task) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> result(task));
        return (ResetException) e.getCause();
    }

    // ---- Receiving. ----

    @Test
    void informationalHeadsThenTheFinalOneThenTheBody() throws Exception {
        exchange.deliverHead(null, LinkFixture.head(103), 100, 0);
        exchange.deliverHead(null, LinkFixture.head(200), 100, NO_LENGTH);
        data(0, 10);
        Fields trailers = new Fields();
        trailers.add("Checksum", "x");
        exchange.deliverEnd(null, trailers, 20);
        assertEquals(103, exchange.awaitHead().status());
        assertEquals(200, exchange.awaitHead().status());
        assertEquals(10, exchange.inbox().dataAtHand());
        assertEquals(10, exchange.wholeRest());
        assertArrayEquals(pattern(0, 10), takeAtOnce());
        assertEquals(0, exchange.inbox().awaitData());
        assertEquals("x", exchange.inbox().trailers().get("Checksum"));
        assertTrue(exchange.isOver());
        assertTrue(exchange.peerEnded());
    }

    @Test
    void asManyInformationalHeadsAsAllowedAndNoMore() throws IOException {
        for (int i = 0; i < Limits.MAX_INFORMATIONAL; i++) {
            exchange.deliverHead(null, LinkFixture.head(103), 100, 0);
        }
        WireException e = assertThrows(WireException.class, () -> exchange.deliverHead(null, LinkFixture.head(103), 100, 0));
        assertEquals("more than 16 informational responses", e.getMessage());
        exchange.deliverHead(null, LinkFixture.head(200), 100, 0);
    }

    @Test
    void aSecondFinalHeadBreaksTheProtocol() throws IOException {
        exchange.deliverHead(null, LinkFixture.head(200), 100, NO_LENGTH);
        assertThrows(WireException.class, () -> exchange.deliverHead(null, LinkFixture.head(200), 100, NO_LENGTH));
        assertThrows(WireException.class, () -> exchange.deliverHead(null, LinkFixture.head(103), 100, 0));
    }

    @Test
    void dataAndEndBeforeTheHeadBreakTheProtocol() throws IOException {
        assertThrows(WireException.class, () -> data(0, 1));
        assertThrows(WireException.class, () -> exchange.deliverEnd(null, new Fields(), 0));
        exchange.deliverHead(null, LinkFixture.head(100), 100, 0);
        assertThrows(WireException.class, () -> data(0, 1));
        assertThrows(WireException.class, () -> exchange.deliverEnd(null, new Fields(), 0));
    }

    @Test
    void switchingProtocolsIsAnAnswerToAnUpgradeOnly() throws IOException {
        assertThrows(WireException.class, () -> exchange.deliverHead(null, LinkFixture.head(101), 100, 0));
        reopen("GET", true, false);
        exchange.deliverHead(null, LinkFixture.head(101), 100, 0);
        assertEquals(101, exchange.awaitHead().status());
    }

    @Test
    void dataBeyondTheCreditBreaksTheProtocol() throws IOException {
        exchange.deliverHead(null, LinkFixture.head(200), 100, NO_LENGTH);
        data(0, Limits.INITIAL_WINDOW);
        assertThrows(WireException.class, () -> data(0, 1));
    }

    @Test
    void moreDataThanTheContentLengthIsAReset() throws IOException {
        exchange.deliverHead(null, LinkFixture.head(200), 100, 10);
        data(0, 10);
        ResetException e = assertThrows(ResetException.class, () -> data(10, 1));
        assertEquals(ResetCode.PROTOCOL, e.code());
    }

    @Test
    void anEndBeforeTheContentLengthIsAReset() throws IOException {
        exchange.deliverHead(null, LinkFixture.head(200), 100, 10);
        data(0, 9);
        ResetException e = assertThrows(ResetException.class, () -> exchange.deliverEnd(null, new Fields(), 0));
        assertEquals(ResetCode.PROTOCOL, e.code());
        assertEquals("END after 9 bytes of a Content-Length of 10", e.getMessage());
    }

    @Test
    void whatHadArrivedIsGivenOutBeforeTheFailure() throws IOException {
        exchange.deliverHead(null, LinkFixture.head(103), 100, 0);
        exchange.deliverHead(null, LinkFixture.head(200), 100, NO_LENGTH);
        data(0, 5);
        exchange.fail(LOST);
        assertEquals(103, exchange.awaitHead().status());
        assertEquals(200, exchange.awaitHead().status());
        assertArrayEquals(pattern(0, 5), takeAtOnce());
        assertSame(LOST, assertThrows(ResetException.class, exchange.inbox()::awaitData));
        assertSame(LOST, assertThrows(ResetException.class, exchange::awaitHead));
    }

    @Test
    void aFailureAfterTheWholeResponseIsNone() throws IOException {
        exchange.deliverHead(null, LinkFixture.head(200), 100, NO_LENGTH);
        data(0, 5);
        exchange.deliverEnd(null, new Fields(), 0);
        exchange.fail(LOST);
        exchange.reset(ResetCode.CANCELLED, "too late");
        assertEquals(200, exchange.awaitHead().status());
        assertArrayEquals(pattern(0, 5), takeAtOnce());
        assertEquals(0, exchange.inbox().awaitData());
    }

    /** data() and dataOffset() are asked for one after the other, without the lock. */
    @Test
    void theBytesThatWereAwaitedStayWhereTheyAreWhileTheRingGrows() throws IOException {
        exchange.deliverHead(null, LinkFixture.head(200), 100, NO_LENGTH);
        data(0, 1_000);
        exchange.inbox().awaitData();
        exchange.taken(600);
        data(1_000, 300);
        int count = exchange.inbox().awaitData();
        byte[] bytes = exchange.inbox().data();
        data(1_300, 5_000);
        int offset = exchange.inbox().dataOffset();
        assertArrayEquals(pattern(600, count), Arrays.copyOfRange(bytes, offset, offset + count));
        assertSame(bytes, exchange.inbox().data());
        exchange.taken(count);
        for (int at = 600 + count; at < 6_300;) {
            byte[] next = takeAtOnce();
            assertArrayEquals(pattern(at, next.length), next);
            at += next.length;
        }
    }

    @Test
    void waitersForHeadAndDataAreWokenByWhatArrives() throws Exception {
        FutureTask<Integer> head = start(() -> exchange.awaitHead().status());
        Thread waiting = exchange.deliverHead(null, LinkFixture.head(204), 100, 0);
        assertNotNull(waiting);
        java.util.concurrent.locks.LockSupport.unpark(waiting);
        assertEquals(204, result(head));
        FutureTask<Integer> end = start(exchange.inbox()::awaitData);
        java.util.concurrent.locks.LockSupport.unpark(exchange.deliverEnd(null, new Fields(), 0));
        assertEquals(0, result(end));
    }

    @Test
    void takingGivesCreditBackOnTheWireAndNoneOnceTheEndIsHere() throws Exception {
        exchange.deliverHead(null, LinkFixture.head(200), 100, NO_LENGTH);
        data(0, 40_000);
        assertArrayEquals(pattern(0, 40_000), takeAtOnce());
        assertEquals(List.of("WINDOW 40000"), attachment.events);
        data(40_000, 60_000);
        exchange.deliverEnd(null, new Fields(), 0);
        assertEquals(60_000, exchange.wholeRest());
        while (takeAtOnce().length > 0) {
            // To the end.
        }
        assertEquals(List.of("WINDOW 40000", "forget"), attachment.events);
    }

    // ---- Sending. ----

    @Test
    void creditIsWhatThePeerHasRoomForInPiecesOfOneFrame() throws Exception {
        assertEquals(Limits.INITIAL_WINDOW, exchange.awaitCredit());
        exchange.send(new FrameBuffer(8), Limits.INITIAL_WINDOW - 1, false);
        assertEquals(1, exchange.awaitCredit());
        exchange.send(new FrameBuffer(8), 1, false);
        FutureTask<Integer> waiting = start(exchange::awaitCredit);
        assertFalse(waiting.isDone());
        java.util.concurrent.locks.LockSupport.unpark(exchange.deliverCredit(null, 1_000_000));
        assertEquals(Limits.MAX_DATA, result(waiting));
    }

    @Test
    void creditOfNothingOrAboveTheLimitBreaksTheProtocol() throws IOException {
        assertThrows(WireException.class, () -> exchange.deliverCredit(null, 0));
        exchange.deliverCredit(null, Limits.MAX_CREDIT - Limits.INITIAL_WINDOW);
        assertThrows(WireException.class, () -> exchange.deliverCredit(null, 1));
    }

    @Test
    void anAnswerThatIsCompleteFirstWakesWhoWaitsToSendTheRequest() throws Exception {
        exchange.send(new FrameBuffer(8), Limits.INITIAL_WINDOW, false);
        FutureTask<Integer> sender = start(exchange::awaitCredit);
        exchange.deliverHead(null, LinkFixture.head(413), 100, 0);
        exchange.deliverEnd(null, new Fields(), 0);
        assertEquals(0, result(sender));
    }

    /** A retired connection ended by it, and the last frames of the other direction were lost with it. */
    @Test
    void theReadingTaskForgetsNoExchangeThatAnotherIsJustEnding() throws Exception {
        exchange.deliverHead(null, LinkFixture.head(200), 100, NO_LENGTH);
        exchange.reset(ResetCode.CANCELLED, "first");
        assertEquals(List.of("RESET CANCELLED", "forget"), attachment.events);
        exchange.fail(new ResetException(ResetCode.BROKEN_OFF, "late", false));
        assertEquals(List.of("RESET CANCELLED", "forget"), attachment.events);
    }

    @Test
    void whatIsSentAfterTheEndOfTheResponseIsDropped() throws Exception {
        exchange.deliverHead(null, LinkFixture.head(200), 100, 0);
        exchange.deliverEnd(null, new Fields(), 0);
        assertEquals(0, exchange.awaitCredit());
        FrameBuffer frames = new FrameBuffer(64);
        frames.data(1, new byte[5], 0, 5);
        exchange.send(frames, 5, false);
        sendEnd();
        assertEquals(List.of("forget"), attachment.events);
    }

    @Test
    void sendersLearnOfAFailure() throws Exception {
        exchange.send(new FrameBuffer(8), Limits.INITIAL_WINDOW, false);
        FutureTask<Integer> sender = start(exchange::awaitCredit);
        exchange.fail(LOST);
        assertSame(LOST, failure(sender));
        assertSame(LOST, assertThrows(ResetException.class, () -> exchange.send(new FrameBuffer(8), 0, false)));
    }

    /** To whoever carries a body that must not look like a failure of the visitor or the local service. */
    @Test
    void sendersLearnOfALostConnectionAsOfAFailure() {
        attachment.lost = true;
        FrameBuffer frames = new FrameBuffer(64);
        frames.data(exchange.id(), new byte[5], 0, 5);
        ResetException e = assertThrows(ResetException.class, () -> exchange.send(frames, 5, false));
        assertEquals(ResetCode.BROKEN_OFF, e.code());
    }

    // ---- Both, after a 101. ----

    private void beginSession() throws IOException {
        reopen("GET", true, false);
        exchange.deliverHead(null, LinkFixture.head(101), 100, NO_LENGTH);
        assertEquals(101, exchange.awaitHead().status());
    }

    @Test
    void aSessionIsOverWhenBothHaveEndedThePeerFirst() throws IOException {
        beginSession();
        data(0, 3);
        exchange.deliverEnd(null, new Fields(), 0);
        assertFalse(exchange.isOver());
        assertArrayEquals(pattern(0, 3), takeAtOnce());
        assertEquals(0, exchange.inbox().awaitData());
        assertTrue(exchange.awaitCredit() > 0, "the other direction goes on");
        assertThrows(WireException.class, () -> data(3, 1), "nothing may follow an END");
        assertThrows(WireException.class, () -> exchange.deliverEnd(null, new Fields(), 0));
        sendEnd();
        assertTrue(exchange.isOver());
        assertEquals(List.of("send 8", "forget"), attachment.events);
    }

    @Test
    void aSessionIsOverWhenBothHaveEndedWeFirst() throws IOException {
        beginSession();
        sendEnd();
        assertFalse(exchange.isOver());
        data(0, 3);
        assertArrayEquals(pattern(0, 3), takeAtOnce());
        exchange.deliverEnd(null, new Fields(), 0);
        assertTrue(exchange.isOver());
        assertEquals(0, exchange.inbox().awaitData());
    }

    @Test
    void aRefusedUpgradeIsOverWithTheResponse() throws IOException {
        reopen("GET", true, false);
        exchange.deliverHead(null, LinkFixture.head(403), 100, 2);
        data(0, 2);
        exchange.deliverEnd(null, new Fields(), 0);
        assertTrue(exchange.isOver());
    }

    // ---- Ending early. ----

    @Test
    void ourResetWakesEverybodyAndIsSentOnce() throws Exception {
        exchange.send(new FrameBuffer(8), Limits.INITIAL_WINDOW, false);
        FutureTask<Integer> sender = start(exchange::awaitCredit);
        FutureTask<Object> receiver = start(exchange::awaitHead);
        exchange.reset(ResetCode.CANCELLED, "the visitor has left");
        exchange.reset(ResetCode.BROKEN_OFF, "again");
        exchange.close();
        assertEquals(ResetCode.CANCELLED, failure(sender).code());
        assertEquals("the visitor has left", failure(receiver).getMessage());
        assertEquals(List.of("send 0", "RESET CANCELLED", "forget"), attachment.events);
    }

    /** The reading task may have found the exchange just before it was ended: what it then delivers is late, and no violation. */
    @Test
    void whatIsDeliveredToAnExchangeThatWasJustClosedIsDropped() throws IOException {
        exchange.deliverHead(null, LinkFixture.head(200), 100, 5);
        data(0, 5);
        exchange.close();
        assertNull(exchange.deliverData(null, new byte[10], 0, 10));
        assertNull(exchange.deliverCredit(null, Limits.MAX_CREDIT));
        assertNull(exchange.deliverEnd(null, new Fields(), 0));
        assertNull(exchange.deliverHead(null, LinkFixture.head(200), 100, 5));
        assertEquals(-1, exchange.inbox().dataAtHand());
        assertEquals(0, memory.used());
    }

    @Test
    void closingGivesItsMemoryBackOnceInEveryState() throws IOException {
        assertEquals(Limits.INITIAL_WINDOW, memory.used());
        exchange.close();
        assertEquals(0, memory.used());
        exchange.close();
        assertEquals(0, memory.used());
        exchange.taken(0);

        reopen("GET", false, true);
        exchange.deliverHead(null, LinkFixture.head(200), 100, NO_LENGTH);
        data(0, 100);
        exchange.close();
        assertEquals(0, memory.used());

        reopen("GET", false, true);
        exchange.fail(LOST);
        exchange.close();
        assertEquals(0, memory.used());

        reopen("GET", false, true);
        exchange.deliverHead(null, LinkFixture.head(200), 100, 0);
        exchange.deliverEnd(null, new Fields(), 0);
        exchange.close();
        assertEquals(0, memory.used());
    }

    @Test
    void theHookRunsOnceHoweverItIsSet() {
        AtomicInteger runs = new AtomicInteger();
        exchange.onEnd(runs::incrementAndGet);
        exchange.fail(LOST);
        exchange.fail(LOST);
        assertEquals(1, runs.get());
        exchange.onEnd(runs::incrementAndGet);
        assertEquals(2, runs.get(), "what is set after the failure runs at once");
    }

    @Test
    void everyHookRunsWhenThisSideResetsTheExchange() {
        AtomicInteger runs = new AtomicInteger();
        exchange.onEnd(runs::incrementAndGet);
        exchange.onEnd(runs::incrementAndGet).close();
        exchange.onEnd(runs::incrementAndGet);
        exchange.reset(ResetCode.CANCELLED, "");
        assertEquals(2, runs.get());
    }

    @Test
    void anExchangeThatIsCompleteRunsNoHook() throws IOException {
        exchange.onEnd(() -> {
            throw new AssertionError("it has not ended early");
        });
        exchange.deliverHead(null, LinkFixture.head(200), 100, 0);
        exchange.deliverEnd(null, new Fields(), 0);
        exchange.fail(LOST);
    }

    @Test
    void theHookRunsOnceWhenItIsSetWhileTheExchangeFails() throws Exception {
        for (int i = 0; i < 2_000; i++) {
            Exchange racing = withoutWindows("GET");
            AtomicInteger runs = new AtomicInteger();
            Thread failing = Thread.ofVirtual().start(() -> racing.fail(LOST));
            racing.onEnd(runs::incrementAndGet);
            failing.join();
            assertEquals(1, runs.get(), "round " + i);
        }
    }

    /** What the hook would have killed may belong to a stranger by then. */
    @Test
    void theKillOfAnExchangeNeverHitsWhatTheNextOneHasTaken() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch mayGoOn = new CountDownLatch(1);
        AtomicReference<String> owner = new AtomicReference<>("first");
        AtomicReference<String> killed = new AtomicReference<>();
        EndHook hook = exchange.onEnd(() -> {
            running.countDown();
            awaitLatch(mayGoOn);
            killed.set(owner.get());
        });
        Thread failing = Thread.ofVirtual().start(() -> exchange.fail(LOST));
        awaitLatch(running);
        FutureTask<Boolean> closing = start(() -> {
            hook.close();
            owner.set("second");
            return true;
        });
        assertFalse(closing.isDone(), "the hook is running");
        mayGoOn.countDown();
        assertTrue(result(closing));
        failing.join();
        assertEquals("first", killed.get());
    }

    /** The peer's next request could come before its place was free, and was refused. */
    @Test
    void whoAnswersMakesRoomBeforeThePeerLearnsOfTheReset() {
        exchange.close();
        attachment.events.clear();
        exchange = Exchange.answering("GET", false, Inbox.ofRequest(false, 0, null, memory, clock), Limits.INITIAL_WINDOW);
        exchange.attach(attachment);
        exchange.reset(ResetCode.CANCELLED, "the local service has left");
        assertEquals(List.of("forget", "RESET CANCELLED"), attachment.events);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertTrue(latch.await(LinkFixture.LIMIT.toSeconds(), TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void dataThatWaitsForItsTurnDoesNotComeBehindTheResetOfItsExchange() {
        attachment.whileWaiting = () -> exchange.reset(ResetCode.CANCELLED, "the visitor has left");
        FrameBuffer frames = new FrameBuffer(64);
        frames.data(1, new byte[5], 0, 5);
        ResetException e = assertThrows(ResetException.class, () -> exchange.send(frames, 5, false));
        assertEquals("the visitor has left", e.getMessage());
        assertEquals(List.of("RESET CANCELLED", "forget", "dropped"), attachment.events);
    }

    // ---- Memory. ----

    @Test
    void largeHeadsAndTrailersAreChargedUntilTheExchangeIsClosed() throws IOException {
        long before = memory.used();
        exchange.deliverHead(null, LinkFixture.head(103), 4 * 1024, 0);
        assertEquals(before, memory.used());
        exchange.deliverHead(null, LinkFixture.head(200), 60 * 1024, NO_LENGTH);
        assertEquals(before + 60 * 1024, memory.used());
        exchange.deliverEnd(null, new Fields(), 128 * 1024);
        assertEquals(before + 188 * 1024, memory.used());
    }

    @Test
    void trailersThatTheMemoryDoesNotCoverAreAReset() throws IOException {
        exchange.deliverHead(null, LinkFixture.head(200), 100, NO_LENGTH);
        long free = memory.capacity() - memory.used();
        assertTrue(memory.tryReserve(free));
        ResetException e = assertThrows(ResetException.class, () -> exchange.deliverEnd(null, new Fields(), 128 * 1024));
        assertEquals(ResetCode.OVERLOADED, e.code());
        memory.release(free);
    }

    // ---- Without windows. ----

    @Test
    void withoutWindowsTheDelivererWaitsWhileTheReaderDoesNotTake() throws Exception {
        Exchange unwindowed = withoutWindows("GET");
        unwindowed.deliverHead(null, LinkFixture.head(200), 100, NO_LENGTH);
        int pieces = 4;
        for (int i = 0; i < pieces; i++) {
            unwindowed.deliverData(null, new byte[Limits.MAX_DATA], 0, Limits.MAX_DATA);
        }
        FutureTask<Thread> next = start(() -> unwindowed.deliverData(null, new byte[1], 0, 1));
        assertFalse(next.isDone(), "256 KiB wait for the visitor");
        unwindowed.taken(1);
        result(next);
        FutureTask<Thread> another = start(() -> unwindowed.deliverData(null, new byte[1], 0, 1));
        assertFalse(another.isDone());
        unwindowed.reset(ResetCode.CANCELLED, "");
        result(another);
        unwindowed.close();
    }

    @Test
    void withoutWindowsCreditNeverEnds() throws Exception {
        Exchange unwindowed = withoutWindows("POST");
        for (int i = 0; i < 1_000; i++) {
            assertEquals(Limits.MAX_DATA, unwindowed.awaitCredit());
            unwindowed.send(new FrameBuffer(8), Limits.MAX_DATA, false);
        }
        unwindowed.close();
    }
}
