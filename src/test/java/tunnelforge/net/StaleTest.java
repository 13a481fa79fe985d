package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.Eventually;

/** A connection is not used again when anything is pending on any layer: another's answer would be taken for the next one's. */
class StaleTest {
    private static final byte[] ANSWER = "an answer".getBytes(StandardCharsets.US_ASCII);

    private static void answer(ConnectionPair pair) throws Exception {
        pair.near.out().write(ANSWER);
        assertArrayEquals(ANSWER, pair.far.in().readNBytes(ANSWER.length));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsQuietCanBeUsedAgain(boolean tls) throws Exception {
        try (ConnectionPair pair = ConnectionPair.make(tls)) {
            for (int i = 0; i < 3; i++) {
                answer(pair);
                assertFalse(pair.far.stale());
                assertFalse(pair.far.stale());
            }
        }
    }

    @Test
    void surplusBytesOfTheLastRecordAreSeen() throws Exception {
        try (ConnectionPair pair = ConnectionPair.make(true)) {
            pair.near.out().write("an answer, and more".getBytes(StandardCharsets.US_ASCII));
            assertArrayEquals(ANSWER, pair.far.in().readNBytes(ANSWER.length));
            assertTrue(pair.far.stale());
        }
    }

    @Test
    void aRecordThatWasReadAheadIsSeen() throws Exception {
        try (ConnectionPair pair = ConnectionPair.make(true)) {
            pair.near.out().write(ANSWER);
            pair.near.out().write(ANSWER);
            Eventually.await("both have arrived", () -> pair.far.pending() >= 2 * ANSWER.length + 40);
            assertArrayEquals(ANSWER, pair.far.in().readNBytes(ANSWER.length));
            assertTrue(pair.far.pending() > 0);
            assertTrue(pair.far.stale());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatComesLateIsSeen(boolean tls) throws Exception {
        try (ConnectionPair pair = ConnectionPair.make(tls)) {
            answer(pair);
            pair.near.out().write(1);
            Eventually.await("it is seen", pair.far::stale);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEndIsSeenWithoutAGoodbye(boolean tls) throws Exception {
        try (ConnectionPair pair = ConnectionPair.make(tls)) {
            answer(pair);
            pair.near.kill();
            Eventually.await("the end is seen", pair.far::stale);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEndIsSeenWithAGoodbye(boolean tls) throws Exception {
        try (ConnectionPair pair = ConnectionPair.make(tls)) {
            answer(pair);
            pair.near.close();
            Eventually.await("the end is seen", pair.far::stale);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aResetIsSeen(boolean tls) throws Exception {
        try (ConnectionPair pair = ConnectionPair.make(tls)) {
            answer(pair);
            pair.near.abort();
            Eventually.await("the reset is seen", pair.far::stale);
        }
    }

    @Test
    void whatTheWatchHasReadAheadIsSeen() throws Exception {
        try (ConnectionPair pair = new ConnectionPair()) {
            pair.far.watch(() -> { });
            pair.aQuietSecondPasses();
            assertEquals(1, pair.tasks.live());
            assertFalse(pair.far.stale());
            pair.near.out().write(ANSWER);
            Eventually.await("it is seen", pair.far::stale);
        }
    }
}
