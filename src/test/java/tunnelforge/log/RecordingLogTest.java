package tunnelforge.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RecordingLogTest {
    @Test
    void keepsEventsWithTheValuesThatWerePassed() {
        RecordingLog recording = new RecordingLog();
        recording.log().debug("a", "first", "n", 1);
        recording.log().warn("b", "second");
        assertEquals(2, recording.entries().size());
        assertEquals(1, recording.entries("a").getFirst().fields().get("n"));
        assertEquals(Log.Level.WARN, recording.entries("b").getFirst().level());
    }

    @Test
    void awaitReturnsAsSoonAsTheEventIsThere() throws Exception {
        RecordingLog recording = new RecordingLog();
        Thread other = Thread.ofVirtual().start(() -> recording.log().info("ready", "m"));
        assertEquals("m", recording.await("ready", Duration.ofSeconds(5)).message());
        other.join();
    }

    @Test
    void awaitSaysWhatWasLoggedInstead() {
        RecordingLog recording = new RecordingLog();
        recording.log().info("other", "m");
        AssertionError error = assertThrows(AssertionError.class, () -> recording.await("ready", Duration.ofMillis(1)));
        assertTrue(error.getMessage().startsWith("no ready within PT0.001S; logged: [Entry["), error.getMessage());
    }
}
