package tunnelforge.mux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.TunnelLimits;
import tunnelforge.wire.WireException;

/** Frames by hand against a link's reading task. */
class FrameLinkTest {
    private static final byte[] NONE = {};

    private static void assertBreaksTheProtocol(LinkFixture fixture, String message) throws Exception {
        IOException cause = fixture.awaitEnd();
        assertInstanceOf(WireException.class, cause);
        assertEquals(message, cause.getMessage());
    }

    private static void assertAlive(LinkFixture fixture) throws IOException {
        fixture.send(frames -> frames.ping(4711));
        String frame;
        do {
            frame = fixture.next();
        } while (!frame.startsWith("PONG"));
        assertEquals("PONG 0 4711", frame);
    }

    // ---- Ids. ----

    @ParameterizedTest
    @ValueSource(ints = {FrameType.RESPONSE, FrameType.DATA, FrameType.END, FrameType.RESET, FrameType.WINDOW})
    void aFrameOfAnExchangeThatWasNeverOpenedEndsTheServersLink(int type) throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            fixture.open("GET", false, true).close();
            fixture.send(frames -> frames.frame(2, type, NONE, 0, 0));
            assertBreaksTheProtocol(fixture, FrameType.name(type) + " for exchange 2, which was never opened");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {FrameType.DATA, FrameType.END, FrameType.RESET, FrameType.WINDOW})
    void aFrameOfAnExchangeThatWasNeverOpenedEndsTheAgentsLink(int type) throws Exception {
        try (LinkFixture fixture = LinkFixture.agent().start()) {
            fixture.request(7, "GET 0").close();
            fixture.send(frames -> frames.frame(8, type, NONE, 0, 0));
            assertBreaksTheProtocol(fixture, FrameType.name(type) + " for exchange 8, which was never opened");
        }
    }

    @Test
    void idZeroIsNoExchange() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            fixture.send(frames -> frames.data(0, new byte[1], 0, 1));
            assertBreaksTheProtocol(fixture, "DATA for exchange 0, which was never opened");
        }
    }

    @Test
    void framesOfAnExchangeThatIsOverAreDropped() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            fixture.open("GET", false, true).close();
            for (int type : new int[] {FrameType.RESPONSE, FrameType.DATA, FrameType.END, FrameType.RESET, FrameType.WINDOW}) {
                fixture.send(frames -> frames.frame(1, type, NONE, 0, 0));
                fixture.role.awaitSeen("late " + FrameType.name(type) + " 1");
            }
            assertAlive(fixture);
        }
    }

    @Test
    void requestsOutOfOrderEndTheAgentsLink() throws Exception {
        try (LinkFixture fixture = LinkFixture.agent().start()) {
            fixture.request(3, "GET 0").close();
            fixture.send(frames -> frames.frame(3, FrameType.REQUEST, "GET 0".getBytes(), 0, 5));
            assertBreaksTheProtocol(fixture, "REQUEST 3 is out of order");
        }
    }

    @Test
    void aRequestToAServerAndAResponseToAnAgentEndTheLink() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            fixture.send(frames -> frames.frame(1, FrameType.REQUEST, NONE, 0, 0));
            assertBreaksTheProtocol(fixture, "REQUEST to a server");
        }
        try (LinkFixture fixture = LinkFixture.agent().start()) {
            Exchange exchange = fixture.request(1, "GET 0");
            fixture.sendHead(1, 200);
            assertBreaksTheProtocol(fixture, "RESPONSE to an agent");
            exchange.close();
        }
    }

    // ---- Single frames. ----

    @Test
    void unknownTypesAndMessagesAreIgnoredButFromOneTypeOnTheyEndTheLink() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            fixture.send(frames -> {
                frames.frame(0, 127, new byte[100], 0, 100);
                frames.frame(99, 12, NONE, 0, 0);
                frames.message(0, "{\"type\":\"news\"}");
                frames.frame(0, FrameType.DRAIN, NONE, 0, 0);
            });
            fixture.role.awaitSeen("message 0 {\"type\":\"news\"}");
            fixture.role.awaitSeen("drain");
            assertAlive(fixture);
            fixture.send(frames -> frames.frame(0, 128, NONE, 0, 0));
            assertBreaksTheProtocol(fixture, "frame of unknown type 128; types from 128 on may not be ignored");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {FrameType.PING, FrameType.PONG})
    void aPingMustHaveEightBytes(int type) throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            fixture.send(frames -> frames.frame(0, type, new byte[7], 0, 7));
            assertBreaksTheProtocol(fixture, "PING or PONG of 7 bytes; it takes 8");
        }
    }

    @Test
    void anUnknownResetCodeIsBrokenOff() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            Exchange exchange = fixture.open("GET", false, true);
            fixture.send(frames -> frames.frame(1, FrameType.RESET, new byte[] {1, 2, 'w', 'h', 'y'}, 0, 5));
            ResetException e = assertThrows(ResetException.class, exchange::awaitHead);
            assertEquals(ResetCode.BROKEN_OFF, e.code());
            assertEquals("why", e.getMessage());
            assertFalse(e.safeToSendAgain());
            exchange.close();
        }
    }

    @Test
    void aResetWithoutItsCodeEndsTheLink() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            Exchange exchange = fixture.open("GET", false, true);
            fixture.send(frames -> frames.frame(1, FrameType.RESET, new byte[1], 0, 1));
            assertBreaksTheProtocol(fixture, "RESET of 1 bytes has no code; it takes 2");
            exchange.close();
        }
    }

    @Test
    void notRunMaySafelyBeSentAgain() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            Exchange exchange = fixture.open("POST", false, true);
            fixture.send(frames -> frames.reset(1, ResetCode.NOT_RUN, "full"));
            assertTrue(assertThrows(ResetException.class, exchange::awaitHead).safeToSendAgain());
            exchange.close();
        }
    }

    // ---- What breaks one exchange and not the link. ----

    @Test
    void aBodyThatBreaksItsContentLengthIsResetAndTheLinkGoesOn() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            Exchange tooLong = fixture.open("GET", false, true);
            Exchange tooShort = fixture.open("GET", false, true);
            fixture.sendHead(1, 200, "Content-Length", "3");
            fixture.sendHead(2, 200, "Content-Length", "3");
            fixture.send(frames -> {
                frames.data(1, new byte[4], 0, 4);
                frames.data(2, new byte[2], 0, 2);
                frames.end(2);
                frames.data(1, new byte[4], 0, 4);
                frames.end(1);
            });
            assertEquals("REQUEST 1", fixture.next());
            assertEquals("END 1", fixture.next());
            assertEquals("REQUEST 2", fixture.next());
            assertEquals("END 2", fixture.next());
            assertEquals("RESET 1 PROTOCOL", fixture.next());
            assertEquals("RESET 2 PROTOCOL", fixture.next());
            for (Exchange exchange : new Exchange[] {tooLong, tooShort}) {
                assertEquals(200, exchange.awaitHead().status());
                assertEquals(ResetCode.PROTOCOL, assertThrows(ResetException.class, () -> {
                    for (int count; (count = exchange.inbox().awaitData()) > 0;) {
                        exchange.taken(count);
                    }
                }).code());
                exchange.close();
            }
            assertAlive(fixture);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\n", ""})
    void aResponseHeadThatIsNoneIsReset(String head) throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            Exchange exchange = fixture.open("GET", false, true);
            fixture.send(frames -> frames.frame(1, FrameType.RESPONSE, head.getBytes(), 0, head.length()));
            assertEquals(ResetCode.UPSTREAM_INVALID, assertThrows(ResetException.class, exchange::awaitHead).code());
            assertAlive(fixture);
            exchange.close();
        }
    }

    @Test
    void trailersThatAreNoneAreReset() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            Exchange exchange = fixture.open("GET", false, true);
            fixture.sendHead(1, 200, "Transfer-Encoding", "chunked");
            fixture.send(frames -> frames.frame(1, FrameType.END, "x".getBytes(), 0, 1));
            assertEquals(200, exchange.awaitHead().status());
            assertEquals(ResetCode.PROTOCOL, assertThrows(ResetException.class, exchange.inbox()::awaitData).code());
            assertAlive(fixture);
            exchange.close();
        }
    }

    @Test
    void aHeadWithoutContentLengthAndTransferEncodingHasNoBody() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            Exchange exchange = fixture.open("GET", false, true);
            fixture.sendHead(1, 200);
            fixture.send(frames -> frames.data(1, new byte[1], 0, 1));
            assertEquals(200, exchange.awaitHead().status());
            assertEquals(ResetCode.PROTOCOL, assertThrows(ResetException.class, exchange.inbox()::awaitData).code());
            exchange.close();
        }
    }

    // ---- Flow control over the wire. ----

    @ParameterizedTest
    @ValueSource(longs = {0, 0x80000000L, 0xffffffffL})
    void creditThatIsNoneEndsTheLink(long credit) throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            Exchange exchange = fixture.open("POST", false, false);
            byte[] payload = {(byte) (credit >> 24), (byte) (credit >> 16), (byte) (credit >> 8), (byte) credit};
            fixture.send(frames -> frames.frame(1, FrameType.WINDOW, payload, 0, 4));
            assertBreaksTheProtocol(fixture, "WINDOW of " + credit + "; it grants 1 to 2147483647");
            exchange.close();
        }
    }

    @Test
    void creditAboveTheLimitInSumEndsTheLink() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            Exchange exchange = fixture.open("POST", false, false);
            fixture.send(frames -> frames.window(1, Integer.MAX_VALUE - Limits.INITIAL_WINDOW));
            fixture.send(frames -> frames.window(1, 1));
            assertBreaksTheProtocol(fixture, "WINDOW of 1 on a credit of 2147483647");
            exchange.close();
        }
    }

    @Test
    void whatLeavesWithTheRequestCountsAgainstTheCredit() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            Exchange exchange = fixture.open("POST", false, 1_000, false);
            assertEquals(Limits.INITIAL_WINDOW - 1_000, exchange.awaitCredit());
            exchange.close();
        }
    }

    @Test
    void withoutWindowsAWindowFrameIsIgnored() throws Exception {
        try (LinkFixture fixture = LinkFixture.withoutWindows().start()) {
            Exchange exchange = fixture.open("POST", false, false);
            fixture.budget.release(Limits.INITIAL_WINDOW);
            fixture.send(frames -> {
                frames.frame(1, FrameType.WINDOW, new byte[4], 0, 4);
                frames.window(1, Integer.MAX_VALUE);
            });
            assertAlive(fixture);
            exchange.close();
        }
    }

    // ---- The agent's side. ----

    @Test
    void aRequestWithoutBodyCostsNoBudget() throws Exception {
        try (LinkFixture fixture = LinkFixture.agent(10).start()) {
            Exchange exchange = fixture.request(1, "GET 0");
            assertEquals(0, fixture.budget.used());
            exchange.close();
        }
    }

    @Test
    void theLimitsThatTheServerHasNamedHoldBothWays() throws Exception {
        try (LinkFixture fixture = LinkFixture.agent(new TunnelLimits(4_096, 10_000, 10, 10)).start()) {
            Exchange exchange = fixture.request(1, "POST -1");
            assertEquals(10_000, fixture.budget.used());
            assertEquals(4_096, exchange.awaitCredit());
            exchange.send(new FrameBuffer(8), 4_096, false);
            exchange.send(new FrameBuffer(8), 4_096, false);
            assertEquals(10_000 - 2 * 4_096, exchange.awaitCredit());
            fixture.send(frames -> frames.data(1, new byte[10_001], 0, 10_001));
            assertBreaksTheProtocol(fixture, "DATA of 10001 bytes exceeds the credit of 10000");
            exchange.close();
        }
    }

    @Test
    void aRequestThatTheBudgetDoesNotCoverIsRefusedAndItsBodyDropped() throws Exception {
        try (LinkFixture fixture = LinkFixture.agent(Limits.INITIAL_WINDOW).start()) {
            Exchange first = fixture.request(1, "POST -1");
            assertEquals(Limits.INITIAL_WINDOW, fixture.budget.used());
            fixture.send(frames -> {
                frames.frame(2, FrameType.REQUEST, "POST 5".getBytes(), 0, 6);
                frames.data(2, new byte[5], 0, 5);
                frames.end(2);
            });
            assertEquals("RESET 2 NOT_RUN", fixture.next());
            fixture.role.awaitSeen("late END 2");
            first.close();
            Exchange third = fixture.request(3, "POST 5");
            third.close();
        }
    }

    @Test
    void dataBeforeThe101EndsTheLink() throws Exception {
        try (LinkFixture fixture = LinkFixture.agent().start()) {
            Exchange exchange = fixture.request(1, "GET 0 upgrade");
            fixture.send(frames -> frames.data(1, new byte[1], 0, 1));
            assertBreaksTheProtocol(fixture, "DATA where none is allowed");
            exchange.close();
        }
    }

    @Test
    void afterThe101BytesGoBothWaysUntilBothHaveEnded() throws Exception {
        try (LinkFixture fixture = LinkFixture.agent().start()) {
            Exchange exchange = fixture.request(1, "GET 0 upgrade");
            exchange.beginSession();
            fixture.send(frames -> {
                frames.data(1, new byte[3], 0, 3);
                frames.end(1);
            });
            assertEquals(3, exchange.inbox().awaitData());
            exchange.taken(3);
            assertEquals(0, exchange.inbox().awaitData());
            assertFalse(exchange.isOver());
            FrameBuffer frames = new FrameBuffer(64);
            frames.data(1, new byte[2], 0, 2);
            frames.end(1);
            exchange.send(frames, 2, true);
            assertTrue(exchange.isOver());
            assertEquals("DATA 1 2", fixture.next());
            assertEquals("END 1", fixture.next());
            exchange.close();
        }
    }

    @Test
    void anAnswerBeforeTheEndOfTheRequestEndsTheExchangeAndTheRestIsDropped() throws Exception {
        try (LinkFixture fixture = LinkFixture.agent().start()) {
            Exchange exchange = fixture.request(1, "POST -1");
            fixture.send(frames -> frames.data(1, new byte[10], 0, 10));
            assertEquals(10, exchange.inbox().awaitData());
            FrameBuffer answer = new FrameBuffer(64);
            answer.end(1);
            exchange.send(answer, 0, true);
            assertTrue(exchange.isOver());
            assertEquals("END 1", fixture.next());
            exchange.taken(10);
            assertThrows(ResetException.class, exchange.inbox()::awaitData);
            fixture.send(frames -> {
                frames.data(1, new byte[Limits.MAX_DATA], 0, Limits.MAX_DATA);
                frames.data(1, new byte[Limits.MAX_DATA], 0, Limits.MAX_DATA);
                frames.end(1);
            });
            fixture.role.awaitSeen("late END 1");
            assertAlive(fixture);
            exchange.close();
        }
    }

    @Test
    void aResetFromTheServerRunsTheHook() throws Exception {
        try (LinkFixture fixture = LinkFixture.agent().start()) {
            Exchange exchange = fixture.request(1, "POST -1");
            java.util.concurrent.CountDownLatch ran = new java.util.concurrent.CountDownLatch(1);
            exchange.onEnd(ran::countDown);
            fixture.send(frames -> frames.reset(1, ResetCode.CANCELLED, ""));
            assertTrue(ran.await(LinkFixture.LIMIT.toSeconds(), TimeUnit.SECONDS));
            assertTrue(exchange.peerEnded());
            exchange.close();
        }
    }

    // ---- Liveness and loss. ----

    @Test
    void silenceIsAskedAfterAndThenEndsTheLink() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            assertTrue(fixture.nextIsPing(), "the round trip is measured at the start");
            fixture.clock.advance(Limits.PING_AFTER.minusSeconds(1));
            fixture.send(frames -> frames.ping(3));
            assertEquals("PONG 0 3", fixture.next());
            fixture.clock.advance(Limits.PING_AFTER);
            assertTrue(fixture.nextIsPing());
            fixture.clock.advance(Limits.DEAD_AFTER.minus(Limits.PING_AFTER));
            assertFalse(fixture.ended.isDone());
            fixture.clock.advance(Duration.ofSeconds(1));
            assertInstanceOf(IOException.class, fixture.awaitEnd());
        }
    }

    @Test
    void withoutWindowsSilenceIsNotJudged() throws Exception {
        try (LinkFixture fixture = LinkFixture.withoutWindows().start()) {
            fixture.clock.advance(Limits.DEAD_AFTER.multipliedBy(2));
            assertAlive(fixture);
        }
    }

    // ---- Suspects. ----

    @Test
    void aLinkThatIsSuspectIsKilledUnlessAFrameComesInTime() throws Exception {
        Duration limit = Duration.ofSeconds(2);
        try (LinkFixture fixture = LinkFixture.server().start()) {
            assertTrue(fixture.nextIsPing());
            fixture.link.suspect(limit);
            assertTrue(fixture.nextIsPing());
            assertTrue(fixture.link.isSuspect());
            fixture.clock.advance(limit);
            assertTrue(fixture.link.isSuspect());
            fixture.send(frames -> frames.pong(1));
            assertAlive(fixture);
            assertFalse(fixture.link.isSuspect());
            fixture.clock.advance(limit);
            assertAlive(fixture);
            fixture.link.suspect(limit);
            fixture.clock.advance(limit.plusMillis(1));
            assertInstanceOf(IOException.class, fixture.awaitEnd());
        }
    }

    /** It need not answer PING, and is at work; but nobody waits for one that carries nothing. */
    @Test
    void withoutWindowsASuspectIsKilledOnlyWhenItCarriesNothing() throws Exception {
        Duration limit = Duration.ofSeconds(2);
        try (LinkFixture fixture = LinkFixture.withoutWindows().start()) {
            Exchange exchange = fixture.open("GET", false, true);
            fixture.budget.release(Limits.INITIAL_WINDOW);
            fixture.link.suspect(limit);
            fixture.clock.advance(limit.multipliedBy(2));
            assertTrue(fixture.link.isSuspect());
            assertFalse(fixture.ended.isDone());
            exchange.close();
            fixture.clock.advance(limit);
            assertInstanceOf(IOException.class, fixture.awaitEnd());
        }
    }

    @Test
    void whatHasGoneOverALinkIsCountedBothWays() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            assertTrue(fixture.nextIsPing());
            long before = fixture.link.bytesCarried();
            Exchange exchange = fixture.open("POST", false, 1_000, true);
            assertEquals(before + 3 * Limits.FRAME_HEADER + 1 + 1_000, fixture.link.bytesCarried());
            fixture.send(frames -> frames.pong(-1));
            assertAlive(fixture);
            // What has come: two frames of 16 bytes; and one that answers.
            assertEquals(before + 3 * Limits.FRAME_HEADER + 1 + 1_000 + 3 * 16, fixture.link.bytesCarried());
            exchange.close();
        }
    }

    @Test
    void anEndOfTheStreamBetweenExchangesIsNoFailure() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            fixture.peer().shutdownOutput();
            assertNull(fixture.awaitEnd());
            assertThrows(IOException.class, () -> fixture.open("GET", false, true));
            fixture.budget.release(Limits.INITIAL_WINDOW);
        }
    }

    @Test
    void aLostLinkLeavesTheOutcomeOfWhatHasLeftUnknown() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            Exchange exchange = fixture.open("POST", false, true);
            fixture.peer().close();
            ResetException e = assertThrows(ResetException.class, exchange::awaitHead);
            assertEquals(ResetCode.OUTCOME_UNKNOWN, e.code());
            assertFalse(e.safeToSendAgain());
            exchange.close();
        }
    }

    @Test
    void aLostLinkLeavesWhatWasOnlyQueuedSafeToSendAgain() throws Exception {
        try (LinkFixture fixture = LinkFixture.server().start()) {
            Exchange sent = fixture.open("POST", false, false);
            fixture.send(frames -> frames.window(1, Integer.MAX_VALUE - Limits.INITIAL_WINDOW));
            Thread stuck = Thread.ofVirtual().start(() -> {
                FrameBuffer frames = new FrameBuffer(0);
                frames.data(1, new byte[Limits.MAX_DATA], 0, Limits.MAX_DATA);
                try {
                    while (sent.awaitCredit() > 0) {
                        sent.send(frames, Limits.MAX_DATA, false);
                    }
                } catch (IOException e) {
                    // The link has ended.
                }
            });
            // Nobody reads: when the streams are full the sender waits for room in the queue, or is in the socket.
            awaitQueueing(fixture, stuck);
            Exchange queued = fixture.open("POST", false, true);
            fixture.peer().close();
            assertFalse(assertThrows(ResetException.class, sent::awaitHead).safeToSendAgain());
            assertTrue(assertThrows(ResetException.class, queued::awaitHead).safeToSendAgain());
            sent.close();
            queued.close();
            assertTrue(stuck.join(LinkFixture.LIMIT));
        }
    }

    /** Waits until what is sent no longer leaves; the queue is then not yet full, so that opening does not wait. */
    private static void awaitQueueing(LinkFixture fixture, Thread stuck) {
        long end = System.nanoTime() + LinkFixture.LIMIT.toNanos();
        int waiting = 0;
        while (waiting < 1_000) {
            assertTrue(System.nanoTime() - end < 0, "the sender is " + stuck.getState());
            waiting = stuck.getState() == Thread.State.WAITING ? waiting + 1 : 0;
            java.util.concurrent.locks.LockSupport.parkNanos(100_000);
        }
    }

    @Test
    void anAgentsExchangeBreaksOffWithItsLink() throws Exception {
        try (LinkFixture fixture = LinkFixture.agent().start()) {
            Exchange exchange = fixture.request(1, "POST -1");
            fixture.send(frames -> frames.data(1, new byte[10], 0, 10));
            fixture.peer().shutdownOutput();
            for (int taken = 0; taken < 10;) {
                int count = exchange.inbox().awaitData();
                exchange.taken(count);
                taken += count;
            }
            assertEquals(ResetCode.BROKEN_OFF, assertThrows(ResetException.class, exchange.inbox()::awaitData).code());
            exchange.close();
        }
    }
}
