package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.Eventually;

class WatchTest {
    private static final byte[] HELLO = {'h', 'e', 'l', 'l', 'o'};

    private final CountDownLatch gone = new CountDownLatch(1);
    private final AtomicInteger timesGone = new AtomicInteger();

    private void onGone() {
        timesGone.incrementAndGet();
        gone.countDown();
    }

    private void assertGone(ConnectionPair pair) throws InterruptedException {
        assertTrue(gone.await(ConnectionPair.LIMIT.toSeconds(), TimeUnit.SECONDS), "nobody was told");
        assertTrue(pair.near.gone().cancelled());
        assertEquals(1, timesGone.get());
    }

    private static void awaitWatching(ConnectionPair pair) {
        pair.aQuietSecondPasses();
        assertEquals(1, pair.tasks.live(), "one task watches");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aResetIsSeenWhileNobodyReads(boolean tls) throws Exception {
        try (ConnectionPair pair = ConnectionPair.make(tls)) {
            pair.near.watch(this::onGone);
            assertFalse(pair.near.gone().cancelled());
            awaitWatching(pair);
            pair.far.abort();
            assertGone(pair);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aResetBehindBytesThatNobodyHasReadIsSeen(boolean tls) throws Exception {
        try (ConnectionPair pair = ConnectionPair.make(tls)) {
            pair.near.watch(this::onGone);
            pair.far.out().write(new byte[10_000]);
            pair.awaitArrival();
            pair.far.abort();
            pair.aQuietSecondPasses();
            assertGone(pair);
        }
    }

    /** To the system they look like a reset. Over TLS the socket was told of this end's, and the watch was not. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void twoEndsBehindMoreThanIsReadAheadAreNoReset(boolean tls) throws Exception {
        try (ConnectionPair pair = ConnectionPair.make(tls)) {
            pair.near.watch(this::onGone);
            pair.far.out().write(new byte[120_000]);
            pair.awaitArrival();
            pair.near.finish();
            pair.far.finish();
            pair.aQuietSecondPasses();
            Eventually.await("the watch has filled its buffer", () -> {
                pair.aQuietSecondPasses();
                return pair.tasks.live() == 0;
            });
            pair.aQuietSecondPasses();
            assertFalse(pair.near.gone().cancelled());
        }
    }

    /** Only Linux says so before the bytes are read. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aResetBehindMoreThanIsReadAheadIsSeen(boolean tls) throws Exception {
        if (!System.getProperty("os.name").equals("Linux")) {
            return;
        }
        try (ConnectionPair pair = ConnectionPair.make(tls)) {
            pair.near.watch(this::onGone);
            FutureTask<Void> writing = ConnectionPair.start(() -> {
                while (true) {
                    pair.far.out().write(new byte[64 * 1024]);
                }
            });
            pair.awaitArrival();
            Eventually.await("the watch has filled its buffer", () -> {
                pair.aQuietSecondPasses();
                return pair.tasks.live() == 0;
            });
            pair.aQuietSecondPasses();
            assertFalse(pair.near.gone().cancelled(), "a peer that waits is there");
            pair.far.abort();
            Eventually.await("the reset is seen", () -> {
                pair.aQuietSecondPasses();
                return pair.near.gone().cancelled();
            });
            assertGone(pair);
            assertThrows(Exception.class, () -> ConnectionPair.result(writing));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEndIsNotGoneBeforeItsLimit(boolean tls) throws Exception {
        try (ConnectionPair pair = ConnectionPair.make(tls)) {
            pair.near.watch(this::onGone);
            awaitWatching(pair);
            pair.far.finish();
            if (tls) {
                pair.far.close();
            }
            Eventually.await("the end is seen", () -> pair.tasks.live() == 0);
            pair.clock.advance(Duration.ofDays(1));
            assertFalse(pair.near.gone().cancelled(), "a half-close is not leaving");
            pair.near.endIsGoneAfter(Duration.ofDays(1).plusSeconds(1));
            pair.clock.advance(Duration.ofSeconds(1).minusNanos(1));
            assertFalse(pair.near.gone().cancelled());
            pair.clock.advance(Duration.ofNanos(1));
            assertGone(pair);
        }
    }

    @Test
    void whatIsWrittenToAPeerThatHasEndedItsStreamShowsThatItIsThere() throws Exception {
        try (ConnectionPair pair = new ConnectionPair()) {
            pair.near.endIsGoneAfter(Duration.ofMinutes(1));
            pair.near.watch(this::onGone);
            awaitWatching(pair);
            pair.far.finish();
            Eventually.await("the end is seen", () -> pair.tasks.live() == 0);
            for (int i = 0; i < 3; i++) {
                pair.clock.advance(Duration.ofSeconds(59));
                pair.near.out().write(HELLO);
            }
            assertFalse(pair.near.gone().cancelled());
            assertArrayEquals(HELLO, pair.far.in().readNBytes(HELLO.length));
            pair.clock.advance(Duration.ofMinutes(1));
            assertGone(pair);
        }
    }

    @Test
    void aResetBehindAnEndIsSeen() throws Exception {
        if (!System.getProperty("os.name").equals("Linux")) {
            return;
        }
        try (ConnectionPair pair = new ConnectionPair()) {
            pair.near.watch(this::onGone);
            awaitWatching(pair);
            pair.far.finish();
            Eventually.await("the end is seen", () -> pair.tasks.live() == 0);
            pair.aQuietSecondPasses();
            assertFalse(pair.near.gone().cancelled());
            pair.far.abort();
            Eventually.await("the reset is seen", () -> {
                pair.aQuietSecondPasses();
                return pair.near.gone().cancelled();
            });
            assertGone(pair);
        }
    }

    /** Its system answers what is written to it with a reset. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPeerThatHasClosedIsGoneWhenSomethingIsWrittenToIt(boolean tls) throws Exception {
        if (!System.getProperty("os.name").equals("Linux")) {
            return;
        }
        try (ConnectionPair pair = ConnectionPair.make(tls)) {
            pair.near.watch(this::onGone);
            awaitWatching(pair);
            pair.far.close();
            Eventually.await("the end is seen", () -> pair.tasks.live() == 0);
            assertFalse(pair.near.gone().cancelled());
            pair.near.out().write(HELLO);
            Eventually.await("the reset is seen", () -> {
                pair.aQuietSecondPasses();
                return pair.near.gone().cancelled();
            });
            assertGone(pair);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEndIsSeenWhileNobodyReadsAndTheReaderGetsWhatCameBeforeIt(boolean tls) throws Exception {
        try (ConnectionPair pair = ConnectionPair.make(tls)) {
            pair.near.endIsGoneAfter(Duration.ofSeconds(10));
            pair.near.watch(this::onGone);
            awaitWatching(pair);
            pair.far.out().write(HELLO);
            pair.far.close();
            Eventually.await("the end is seen", () -> pair.tasks.live() == 0);
            pair.clock.advance(Duration.ofSeconds(10));
            assertGone(pair);
            assertArrayEquals(HELLO, pair.near.in().readNBytes(HELLO.length));
            assertEquals(-1, pair.near.in().read());
        }
    }

    @Test
    void aReaderIsNotWatched() throws Exception {
        try (ConnectionPair pair = new ConnectionPair()) {
            pair.near.watch(this::onGone);
            FutureTask<Integer> reading = ConnectionPair.start(() -> pair.near.in().read());
            Eventually.await("it reads", pair.near::isReading);
            pair.aQuietSecondPasses();
            pair.aQuietSecondPasses();
            assertEquals(0, pair.tasks.live());
            pair.far.out().write(HELLO);
            assertEquals('h', ConnectionPair.result(reading));
        }
    }

    @Test
    void nobodyIsWatchedForWhomNobodyAsks() throws Exception {
        try (ConnectionPair pair = new ConnectionPair()) {
            pair.near.watch(this::onGone).close();
            pair.aQuietSecondPasses();
            assertEquals(0, pair.tasks.live());
            pair.far.abort();
            assertThrows(IOException.class, () -> pair.near.in().read());
            assertTrue(pair.near.gone().cancelled(), "the reader has seen it");
            assertEquals(0, timesGone.get());
            pair.near.watch(this::onGone);
            assertGone(pair);
        }
    }

    @Test
    void oneTaskWatchesForAllThatAsk() throws Exception {
        try (ConnectionPair pair = new ConnectionPair()) {
            AtomicInteger told = new AtomicInteger();
            for (int i = 0; i < 10; i++) {
                pair.near.watch(told::incrementAndGet);
                pair.aQuietSecondPasses();
                assertEquals(1, pair.tasks.live());
            }
            Cancellation.Registration taken = pair.near.watch(told::incrementAndGet);
            taken.close();
            taken.close();
            pair.near.watch(this::onGone);
            pair.far.abort();
            assertGone(pair);
            assertEquals(10, told.get());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closingTheConnectionEndsTheWatchAndTellsThoseThatAsk(boolean polite) throws Exception {
        try (ConnectionPair pair = ConnectionPair.make(true)) {
            pair.near.watch(this::onGone);
            awaitWatching(pair);
            if (polite) {
                pair.near.close();
            } else {
                pair.near.kill();
            }
            assertGone(pair);
            assertTrue(pair.tasks.awaitNone(ConnectionPair.LIMIT));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReaderThatComesBackIsGivenWhatComesAndTheWatchEnds(boolean tls) throws Exception {
        try (ConnectionPair pair = ConnectionPair.make(tls)) {
            pair.near.watch(this::onGone);
            awaitWatching(pair);
            FutureTask<byte[]> reading = ConnectionPair.start(() -> pair.near.in().readNBytes(2 * HELLO.length));
            Eventually.await("a reader has come", pair.near::isReading);
            pair.far.out().write(HELLO);
            assertTrue(pair.tasks.awaitNone(ConnectionPair.LIMIT));
            pair.far.out().write(HELLO);
            assertArrayEquals("hellohello".getBytes(), ConnectionPair.result(reading));
            assertFalse(pair.near.gone().cancelled());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aKillEndsAReaderThatWaitsForTheWatch(boolean tls) throws Exception {
        try (ConnectionPair pair = ConnectionPair.make(tls)) {
            pair.near.watch(this::onGone);
            awaitWatching(pair);
            FutureTask<Integer> waiting = ConnectionPair.start(() -> pair.near.in().read());
            Eventually.await("a reader has come", pair.near::isReading);
            pair.near.kill();
            assertThrows(ExecutionException.class, () -> ConnectionPair.result(waiting));
            assertGone(pair);
        }
    }

    @Test
    void aReaderThatWaitsForTheWatchCanBeLate() throws Exception {
        try (ConnectionPair pair = new ConnectionPair()) {
            pair.near.watch(this::onGone);
            awaitWatching(pair);
            pair.near.readLimit(Duration.ofMinutes(1));
            FutureTask<Integer> waiting = ConnectionPair.start(() -> pair.near.in().read());
            Eventually.await("a reader has come", pair.near::isReading);
            pair.clock.advance(Duration.ofMinutes(1));
            assertThrows(ExecutionException.class, () -> ConnectionPair.result(waiting));
            assertTrue(pair.near.late());
            assertGone(pair);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsReadAheadIsReadInOrder(boolean tls) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] sent = new byte[300_000];
        random.nextBytes(sent);
        try (ConnectionPair pair = ConnectionPair.make(tls)) {
            pair.near.watch(this::onGone);
            FutureTask<Void> writing = ConnectionPair.start(() -> {
                Random pieces = new Random(seed + 1);
                for (int at = 0; at < sent.length;) {
                    int count = Math.min(sent.length - at, 1 + pieces.nextInt(10_000));
                    pair.far.out().write(sent, at, count);
                    at += count;
                }
                return null;
            });
            byte[] got = new byte[sent.length];
            for (int at = 0; at < sent.length;) {
                if (random.nextInt(4) == 0) {
                    pair.aQuietSecondPasses();
                }
                int count = pair.near.in().read(got, at, Math.min(sent.length - at, 1 + random.nextInt(40_000)));
                assertTrue(count > 0, "seed " + seed + ": end at " + at);
                at += count;
            }
            ConnectionPair.result(writing);
            assertArrayEquals(sent, got, "seed " + seed);
        }
    }
}
