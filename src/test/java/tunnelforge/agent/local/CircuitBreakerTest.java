package tunnelforge.agent.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.ManualClock;
import tunnelforge.wire.ResetCode;

class CircuitBreakerTest {
    private static final int MOST = 3;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final LocalFailure REFUSED = new LocalFailure(ResetCode.UPSTREAM_REFUSED, "the agent could not connect to there");

    private final RecordingLog log = new RecordingLog();
    private final ManualClock clock = new ManualClock();
    private final CircuitBreaker breaker = new CircuitBreaker(MOST, new Target.Tcp("127.0.0.1", 1, false), clock, log.log());

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            breaker.failed(REFUSED);
        }
    }

    private void assertTold(String... events) {
        assertEquals(List.of(events), log.entries().stream().map(RecordingLog.Entry::event).toList());
    }

    @Test
    void afterSoManyFailuresInARowVisitorsAreToldAtOnce() {
        fail(MOST - 1);
        assertNull(breaker.refuses());
        breaker.succeeded();
        fail(MOST - 1);
        assertNull(breaker.refuses());
        assertTold();
        fail(1);
        assertEquals(ResetCode.UPSTREAM_REFUSED, breaker.refuses().code());
        assertEquals("the agent could not connect to there 3 times in a row, and does not try again before 6 s have passed", breaker.refuses().reason());
        clock.advance(FIRST_PAUSE.minusMillis(1));
        assertTrue(breaker.refuses().reason().endsWith("before 1 s have passed"));
        assertTold("circuit_opened");
    }

    @Test
    void oneTriesAfterThePauseAndClosesItWhenItIsServed() {
        fail(MOST);
        clock.advance(FIRST_PAUSE);
        assertNull(breaker.refuses(), "the one that tries");
        assertNotNull(breaker.refuses());
        breaker.succeeded();
        assertNull(breaker.refuses());
        fail(MOST - 1);
        assertNull(breaker.refuses());
        assertTold("circuit_opened", "circuit_half_open", "circuit_closed");
    }

    @Test
    void aTryThatFailsMakesThePauseLonger() {
        fail(MOST);
        for (long pause = FIRST_PAUSE.toSeconds(), round = 0; round < 10; round++) {
            clock.advance(Duration.ofSeconds(pause).minusMillis(1));
            assertNotNull(breaker.refuses());
            clock.advance(Duration.ofMillis(1));
            assertNull(breaker.refuses());
            fail(1);
            assertNotNull(breaker.refuses());
            pause = Math.min(60, 2 * pause);
        }
    }

    @Test
    void whereTheOneThatTriesIsNeverHeardOfAnotherOneDoes() {
        fail(MOST);
        clock.advance(FIRST_PAUSE);
        assertNull(breaker.refuses());
        clock.advance(FIRST_PAUSE);
        assertNull(breaker.refuses());
        assertNotNull(breaker.refuses());
        assertTold("circuit_opened", "circuit_half_open");
    }

    @ParameterizedTest
    @EnumSource(value = ResetCode.class, names = {"UPSTREAM_REFUSED", "UPSTREAM_TIMEOUT"}, mode = EnumSource.Mode.EXCLUDE)
    void whatSaysThatTheServiceIsThereDoesNotCount(ResetCode code) {
        for (int i = 0; i < 10 * MOST; i++) {
            breaker.failed(new LocalFailure(code, "something else"));
        }
        assertNull(breaker.refuses());
    }

    @Test
    void unlessAskedForItNeverOpens() {
        CircuitBreaker off = new CircuitBreaker(0, new Target.Tcp("127.0.0.1", 1, false), clock, log.log());
        for (int i = 0; i < 1_000; i++) {
            off.failed(REFUSED);
            assertNull(off.refuses());
        }
    }
}
