package tunnelforge.server.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.Eventually;
import tunnelforge.log.RecordingLog;

/** What becomes of lines on their way to a file that is put aside, or cannot be written, or to a reader that has stopped. */
@Timeout(60)
final class AccessLogTest {
    private static final Pattern NUMBER = Pattern.compile("GET /(\\d+) HTTP");
    private static final Path FULL = Path.of("/dev/full");

    @TempDir
    private Path directory;

    private final RecordingLog log = new RecordingLog();

    private AccessLog open(Path file) throws IOException {
        return AccessLog.open(new AccessLogOptions(file, AccessLogOptions.Format.COMBINED), log.log());
    }

    private AccessLog started(Output output) {
        AccessLog accessLog = new AccessLog("scripted", new CombinedFormat(ZoneOffset.UTC), output, log.log());
        accessLog.start();
        return accessLog;
    }

    private static int number(String line) {
        ServedSamples.combined(line);
        Matcher number = NUMBER.matcher(line);
        assertTrue(number.find(), line);
        return Integer.parseInt(number.group(1));
    }

    private static List<Integer> numbers(Path file) throws IOException {
        return Files.readAllLines(file, StandardCharsets.US_ASCII).stream().map(AccessLogTest::number).toList();
    }

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    // ---- Files. ----

    @Test
    void linesAreThereWithinASecondOrTwo() throws Exception {
        Path file = directory.resolve("access.log");
        try (AccessLog accessLog = open(file)) {
            accessLog.served(ServedSamples.get("/0"));
            Eventually.await("the line is there", () -> file.toFile().length() > 0);
            assertEquals(upTo(1), numbers(file));
        }
    }

    @Test
    void whatIsThereStaysAndClosingWritesTheRest() throws Exception {
        Path file = directory.resolve("access.log");
        Files.writeString(file, "before\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
        AccessLog accessLog = open(file);
        accessLog.served(ServedSamples.get("/0"));
        accessLog.served(ServedSamples.get("/1"));
        accessLog.close();
        List<String> lines = Files.readAllLines(file);
        assertEquals("before", lines.getFirst());
        assertEquals(upTo(2), lines.stream().skip(1).map(AccessLogTest::number).toList());
        assertEquals("rw-rw-r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void aNewFileIsNotForEverybody() throws Exception {
        Path file = directory.resolve("access.log");
        open(file).close();
        assertFalse(Files.getPosixFilePermissions(file).stream().anyMatch(each -> each.name().startsWith("OTHERS") || each.name().equals("GROUP_WRITE")));
    }

    @Test
    void aFileThatCannotBeMadeIsToldAtOnce() {
        Path file = directory.resolve("nowhere/access.log");
        assertTrue(assertThrows(IOException.class, () -> open(file)).getMessage().contains(file.toString()));
    }

    @Test
    void rotationUnderLoadLosesAndDoublesNoLine() throws Exception {
        int tasks = 4;
        int each = 20_000;
        Path file = directory.resolve("access.log");
        AccessLog accessLog = open(file);
        AtomicInteger next = new AtomicInteger();
        CountDownLatch running = new CountDownLatch(tasks);
        for (int task = 0; task < tasks; task++) {
            Thread.ofVirtual().start(() -> {
                for (int i = 0; i < each; i++) {
                    accessLog.served(ServedSamples.get("/" + next.getAndIncrement()));
                    if (i % 100 == 0) {
                        // What comes faster than it can be written is dropped, which is another test.
                        Eventually.await("there is room", () -> accessLog.waiting() < Backlog.MAX_BYTES / 2);
                    }
                }
                running.countDown();
            });
        }
        int rotated = 0;
        while (running.getCount() > 0) {
            if (Files.exists(file) && Files.size(file) > 0) {
                Files.move(file, directory.resolve("access.log." + ++rotated));
                if (rotated % 3 == 0) {
                    // As logrotate's "create" does.
                    Files.createFile(file);
                }
            }
            Thread.yield();
        }
        accessLog.close();
        List<Integer> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path part : files.toList()) {
                all.addAll(numbers(part));
            }
        }
        assertTrue(rotated > 3, rotated + " rotations");
        assertEquals(tasks * each, all.size());
        assertEquals(tasks * each, new HashSet<>(all).size());
        assertEquals(List.of(), log.entries());
    }

    @Test
    void aFileThatIsRemovedIsMadeAnew() throws Exception {
        Path file = directory.resolve("access.log");
        try (AccessLog accessLog = open(file)) {
            accessLog.served(ServedSamples.get("/0"));
            Eventually.await("the line is there", () -> file.toFile().length() > 0);
            Files.delete(file);
            accessLog.served(ServedSamples.get("/1"));
            Eventually.await("the next line is there", () -> file.toFile().length() > 0);
            assertEquals(List.of(1), numbers(file));
        }
    }

    @Test
    void aFullDiskIsToldOnce() throws Exception {
        assumeTrue(Files.isWritable(FULL), "no " + FULL);
        AccessLog accessLog = open(FULL);
        for (int i = 0; i < 100; i++) {
            accessLog.served(ServedSamples.get("/" + i));
        }
        log.await("access_log_not_written", Eventually.LIMIT);
        accessLog.close();
        assertEquals(1, log.entries("access_log_not_written").size());
        assertEquals(100L, log.await("access_log_dropped", Eventually.LIMIT).fields().get("count"));
    }

    // ---- Outputs that fail or stop. ----

    /** A disk with room for so many bytes. */
    private static final class Disk implements Output {
        private final StringBuilder content = new StringBuilder();
        private int room;
        private volatile int attempts;

        Disk(int room) {
            this.room = room;
        }

        @Override
        public synchronized void write(ByteBuffer lines) throws IOException {
            attempts++;
            while (lines.hasRemaining()) {
                if (room == 0) {
                    throw new IOException("No space left on device");
                }
                content.append((char) lines.get());
                room--;
            }
        }

        synchronized void makeRoom() {
            room = Integer.MAX_VALUE;
        }

        synchronized List<String> lines() {
            return content.toString().lines().toList();
        }

        @Override
        public void close() {
        }
    }

    @Test
    void whatWaitsForRoomOnTheDiskIsWrittenWholeAndOnce() throws Exception {
        // In the middle of the third line.
        Disk disk = new Disk(150);
        AccessLog accessLog = started(disk);
        for (int i = 0; i < 1_000; i++) {
            accessLog.served(ServedSamples.get("/" + i));
        }
        log.await("access_log_not_written", Eventually.LIMIT);
        int attempts = disk.attempts;
        Eventually.await("it is tried again", () -> disk.attempts > attempts);
        disk.makeRoom();
        log.await("access_log_written", Eventually.LIMIT);
        accessLog.close();
        assertEquals(upTo(1_000), disk.lines().stream().map(AccessLogTest::number).toList());
        assertEquals(1, log.entries("access_log_not_written").size());
        assertEquals(List.of(), log.entries("access_log_dropped"));
    }

    /** A reader that takes nothing until it is let. */
    private static final class Reader implements Output {
        private final Semaphore stopped = new Semaphore(0);
        private final CountDownLatch go = new CountDownLatch(1);
        private final StringBuilder content = new StringBuilder();

        @Override
        public void write(ByteBuffer lines) {
            stopped.release();
            boolean wait = true;
            while (wait) {
                try {
                    go.await();
                    wait = false;
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            content.append(StandardCharsets.US_ASCII.decode(lines));
            lines.position(lines.limit());
        }

        @Override
        public void close() {
        }
    }

    @Test
    void aReaderThatStopsHoldsNobodyUpAndWhatIsTooMuchIsCounted() throws Exception {
        int count = 50_000;
        Reader reader = new Reader();
        AccessLog accessLog = started(reader);
        accessLog.served(ServedSamples.get("/0"));
        reader.stopped.acquire();
        for (int i = 1; i < count; i++) {
            accessLog.served(ServedSamples.get("/" + i));
        }
        assertTrue(accessLog.waiting() <= Backlog.MAX_BYTES, accessLog.waiting() + " bytes wait");
        reader.go.countDown();
        long dropped = (Long) log.await("access_log_dropped", Eventually.LIMIT).fields().get("count");
        accessLog.close();
        Set<Integer> written = new HashSet<>(reader.content.toString().lines().map(AccessLogTest::number).toList());
        assertEquals(count, written.size() + dropped);
        assertTrue(dropped > 0 && written.size() > 1_000, dropped + " dropped");
    }

    @Test
    void aReaderThatHasStoppedDoesNotKeepTheProgram() throws Exception {
        Reader reader = new Reader();
        AccessLog accessLog = started(reader);
        accessLog.served(ServedSamples.get("/0"));
        reader.stopped.acquire();
        long began = System.nanoTime();
        accessLog.close();
        assertTrue(System.nanoTime() - began < Duration.ofSeconds(5).toNanos(), "closing takes a second at most");
        reader.go.countDown();
    }
}
