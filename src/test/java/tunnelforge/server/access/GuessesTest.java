package tunnelforge.server.access;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tunnelforge.net.ManualClock;
import tunnelforge.text.Addresses;

/** Whoever guesses waits longer and longer, and nobody else does. */
final class GuessesTest {
    private static final InetAddress GUESSER = Addresses.parse("192.0.2.1");
    private static final InetAddress NEIGHBOUR = Addresses.parse("192.0.2.2");

    private static final int MOST = 300;

    private final ManualClock clock = new ManualClock();
    private final Guesses guesses = new Guesses(clock, MOST);
    private long next;

    private void failed(InetAddress address) {
        guesses.failed(address, ByteBuffer.allocate(32).putLong(++next).array());
    }

    private void failed(InetAddress address, int times) {
        for (int i = 0; i < times; i++) {
            failed(address);
        }
    }

    private Duration wait(InetAddress address) {
        return guesses.refusedFor(address);
    }

    @Test
    void aFewMistakesCostNothingAndThenEachWaitIsTwiceTheOneBefore() {
        failed(GUESSER, Guesses.FREE - 1);
        assertEquals(Duration.ZERO, wait(GUESSER));
        Duration expected = Guesses.FIRST_WAIT;
        for (int i = 0; i < 10; i++) {
            failed(GUESSER);
            assertEquals(expected, wait(GUESSER));
            clock.advance(expected.minusMillis(1));
            assertEquals(Duration.ofMillis(1), wait(GUESSER));
            clock.advance(Duration.ofMillis(1));
            assertEquals(Duration.ZERO, wait(GUESSER));
            expected = expected.multipliedBy(2);
        }
        failed(GUESSER, 100);
        assertEquals(Guesses.LONGEST_WAIT, wait(GUESSER));
    }

    @Test
    void othersNeitherWaitNorHelp() {
        failed(GUESSER, Guesses.FREE);
        assertEquals(Duration.ZERO, wait(NEIGHBOUR));
        guesses.succeeded(NEIGHBOUR);
        assertEquals(Guesses.FIRST_WAIT, wait(GUESSER));
    }

    @Test
    void aVisitorOfIpv6IsItsNetworkOf64Bits() {
        failed(Addresses.parse("2001:db8:1:2::1"), Guesses.FREE - 1);
        failed(Addresses.parse("2001:db8:1:2:ffff::9"));
        assertEquals(Guesses.FIRST_WAIT, wait(Addresses.parse("2001:db8:1:2:3::")));
        assertEquals(Duration.ZERO, wait(Addresses.parse("2001:db8:1:3::1")));
    }

    @Test
    void theSameMistakeAgainIsNoGuess() {
        byte[] old = new byte[32];
        for (int i = 0; i < 1_000; i++) {
            guesses.failed(GUESSER, old);
        }
        failed(GUESSER, Guesses.FREE - 2);
        assertEquals(Duration.ZERO, wait(GUESSER));
        failed(GUESSER);
        assertEquals(Guesses.FIRST_WAIT, wait(GUESSER));
    }

    @Test
    void whoIsRightAfterAFewMistakesIsForgivenOnce() {
        failed(GUESSER, Guesses.FREE - 1);
        guesses.succeeded(GUESSER);
        failed(GUESSER, Guesses.FREE - 1);
        assertEquals(Duration.ZERO, wait(GUESSER));
        // Somebody else at the same address, who is right all the time, hides no guesser.
        guesses.succeeded(GUESSER);
        failed(GUESSER);
        assertEquals(Guesses.FIRST_WAIT, wait(GUESSER));
        guesses.succeeded(GUESSER);
        assertEquals(Guesses.FIRST_WAIT, wait(GUESSER));
        failed(GUESSER);
        assertEquals(Guesses.FIRST_WAIT.multipliedBy(2), wait(GUESSER));
    }

    @Test
    void anHourWithoutAMistakeMakesItAsNew() {
        failed(GUESSER, 50);
        clock.advance(Guesses.FORGOTTEN_AFTER);
        failed(GUESSER);
        assertEquals(Guesses.LONGEST_WAIT, wait(GUESSER));
        clock.advance(Guesses.FORGOTTEN_AFTER.plusNanos(1));
        failed(GUESSER, Guesses.FREE - 1);
        assertEquals(Duration.ZERO, wait(GUESSER));
    }

    @Test
    void thoseThatHaveRestedAreForgottenByWhateverComes() {
        failed(GUESSER, Guesses.FREE);
        clock.advance(Duration.ofMinutes(30));
        failed(NEIGHBOUR);
        clock.advance(Duration.ofMinutes(31));
        assertEquals(Duration.ZERO, wait(NEIGHBOUR));
        assertEquals(1, guesses.size());
        clock.advance(Duration.ofMinutes(30));
        assertEquals(Duration.ZERO, wait(NEIGHBOUR));
        assertEquals(0, guesses.size());
    }

    @Test
    void ofMoreAddressesThanAreKeptTheOneThatWasWrongLastIsKnown() {
        failed(GUESSER, Guesses.FREE);
        failed(NEIGHBOUR, Guesses.FREE);
        for (int i = 0; i < MOST - 1; i++) {
            failed(Addresses.parse("10.0." + i / 256 + '.' + i % 256));
        }
        assertEquals(Duration.ZERO, wait(GUESSER), "forgotten for the last one");
        assertEquals(Guesses.FIRST_WAIT, wait(NEIGHBOUR));
    }
}
