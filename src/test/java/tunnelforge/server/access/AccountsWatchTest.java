package tunnelforge.server.access;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.log.Log;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.ManualClock;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;

/** When tunnels are held against new accounts. {@code AccountsTest} has what users see of it. */
final class AccountsWatchTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Usage.Store FORGETFUL = new Usage.Store() {
        @Override
        public Usage read() {
            return null;
        }

        @Override
        public void write(Usage usage) {
            // Nobody asks for it.
        }
    };

    private final RecordingLog log = new RecordingLog(Log.Level.INFO);
    private final ManualClock clock = new ManualClock();
    private final Tasks tasks = new Tasks(log.log());
    private final Ticker ticker = clock.ticker(tasks, log.log());
    private final List<Boolean> reviews = new CopyOnWriteArrayList<>();
    @TempDir
    private Path directory;

    private void review(boolean changed) {
        reviews.add(changed);
        if (changed && reviews.size() < 3) {
            throw new IllegalStateException("made by this test");
        }
    }

    @Test
    void aReviewThatBreaksOffIsMadeAgain() throws IOException {
        Path file = Files.writeString(directory.resolve("accounts.json"), "{}");
        try (Audit audit = Audit.in(directory, ticker, log.log());
                AccountsWatch watch = new AccountsWatch(file, "tunnel.example", FORGETFUL, tasks, ticker, InstantSource.system(), audit, log.log())) {
            Files.writeString(file, "{\"accounts\": []}");
            watch.onLook(this::review);
            clock.advanceUntil("four looks", LIMIT, () -> reviews.size() >= 4);
            assertEquals(List.of(true, true, true, false), reviews.subList(0, 4));
            assertEquals(1, log.entries("accounts_loaded").size());
        }
    }
}
