package tunnelforge.server.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tunnelforge.log.Log;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.ManualClock;
import tunnelforge.net.Ticker;

/** A public port gets garbage all day: it must be seen, and not fill the log. */
final class TurnedAwayTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration ALMOST = MINUTE.minusMillis(1);

    private final RecordingLog log = new RecordingLog(Log.Level.INFO);
    private final ManualClock clock = new ManualClock();
    private final Ticker ticker = clock.ticker(log.log());
    private final TurnedAway turnedAway = new TurnedAway("visitors_refused", "visitors", ticker, log.log());

    private static InetAddress address(int number) {
        try {
            return InetAddress.getByAddress(new byte[] {(byte) 192, 0, (byte) (number >> 8), (byte) number});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private void garbage(int times, int from) {
        for (int i = 0; i < times; i++) {
            turnedAway.tell("not_tls", "this was no TLS", address(from));
        }
    }

    private List<String> events() {
        return log.entries().stream().map(RecordingLog.Entry::event).toList();
    }

    @Test
    void theFirstIsToldAtOnceWithItsReasonAndPeer() {
        turnedAway.tell("handshake_failed", "a TLS handshake failed", address(7), "error", "no cipher suites in common");
        RecordingLog.Entry entry = log.entries().getFirst();
        assertEquals("handshake_failed", entry.event());
        assertEquals(Log.Level.INFO, entry.level());
        assertEquals("a TLS handshake failed", entry.message());
        assertEquals(Map.of("peer", "192.0.0.7", "error", "no cipher suites in common"), entry.fields());
    }

    @Test
    void eachIsCountedByItsKindForEver() {
        garbage(300, 2);
        turnedAway.tell("handshake_failed", "a TLS handshake failed", address(3));
        clock.advance(MINUTE);
        garbage(1, 1);
        assertEquals(Map.of("not_tls", 301L, "handshake_failed", 1L), turnedAway.told());
    }

    @Test
    void thoseThatFollowAreToldTogetherAtTheEndOfTheMinute() {
        garbage(1, 1);
        garbage(300, 2);
        turnedAway.tell("handshake_failed", "a TLS handshake failed", address(3));
        clock.advance(ALMOST);
        assertEquals(List.of("not_tls"), events());
        clock.advance(Duration.ofMillis(1));
        assertEquals(List.of("not_tls", "visitors_refused"), events());
        RecordingLog.Entry told = log.entries().getLast();
        assertEquals("301 more connections of visitors were refused in a minute (1 handshake_failed, 300 not_tls), from 2 addresses; the last one: "
                + "a TLS handshake failed", told.message());
        assertEquals(Map.of("count", 301, "kinds", "1 handshake_failed, 300 not_tls", "addresses", 2, "peer", "192.0.0.3"), told.fields());
    }

    @Test
    void afterAMinuteThatWasNotQuietNoneIsToldByItself() {
        garbage(2, 1);
        clock.advance(MINUTE);
        garbage(3, 1);
        clock.advance(ALMOST);
        assertEquals(List.of("not_tls", "visitors_refused"), events());
        clock.advance(Duration.ofMillis(1));
        assertEquals(List.of("not_tls", "visitors_refused", "visitors_refused"), events());
        assertEquals(3, log.entries().getLast().fields().get("count"));
    }

    @Test
    void afterAQuietMinuteTheNextIsToldAtOnce() {
        garbage(1, 1);
        clock.advance(MINUTE);
        clock.advance(MINUTE);
        assertEquals(List.of("not_tls"), events(), "there is nothing to add");
        garbage(1, 1);
        assertEquals(List.of("not_tls", "not_tls"), events());
    }

    @Test
    void atLevelDebugEachHasItsLine() {
        RecordingLog debug = new RecordingLog();
        TurnedAway each = new TurnedAway("visitors_refused", "visitors", ticker, debug.log());
        for (int i = 0; i < 3; i++) {
            each.tell("not_tls", "this was no TLS", address(i));
        }
        assertEquals(List.of(Log.Level.INFO, Log.Level.DEBUG, Log.Level.DEBUG), debug.entries("not_tls").stream().map(RecordingLog.Entry::level).toList());
        clock.advance(MINUTE);
        assertEquals(2, debug.entries("visitors_refused").getFirst().fields().get("count"));
    }

    @Test
    void addressesAreToldApartUpToALimit() {
        garbage(1, 0);
        for (int i = 0; i < 3 * TurnedAway.MAX_ADDRESSES; i++) {
            garbage(1, i);
        }
        clock.advance(MINUTE);
        RecordingLog.Entry told = log.entries().getLast();
        assertEquals(3 * TurnedAway.MAX_ADDRESSES, told.fields().get("count"));
        assertEquals(TurnedAway.MAX_ADDRESSES, told.fields().get("addresses"));
        assertTrue(told.message().contains("from 1000 addresses or more"), told.message());
    }

    @Test
    void whatWasCountedIsToldAtTheEnd() {
        garbage(5, 1);
        turnedAway.close();
        assertEquals(4, log.entries("visitors_refused").getFirst().fields().get("count"));
        assertEquals(0, ticker.size());
        turnedAway.close();
        assertEquals(1, log.entries("visitors_refused").size());
    }

    @Test
    void manyTasksLoseNone() throws Exception {
        List<Thread> tasks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            tasks.add(Thread.ofVirtual().start(() -> garbage(500, 1)));
        }
        for (Thread task : tasks) {
            task.join();
        }
        clock.advance(MINUTE);
        assertEquals(List.of("not_tls", "visitors_refused"), events());
        assertEquals(20 * 500 - 1, log.entries().getLast().fields().get("count"));
    }
}
