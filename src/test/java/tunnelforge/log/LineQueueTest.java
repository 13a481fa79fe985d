package tunnelforge.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of lines that nobody reads. */
@Timeout(60)
final class LineQueueTest {
    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");
    private static final Pattern DROPPED = Pattern.compile("\"level\":\"warn\",\"event\":\"log_dropped\",.*\"count\":(\\d+)");

    /** A reader that stops until {@link #go}, and what it has read. */
    private static final class Reader extends OutputStream {
        private final CountDownLatch stopped = new CountDownLatch(1);
        private final CountDownLatch go = new CountDownLatch(1);
        private final List<String> writes = new ArrayList<>();

        @Override
        public void write(int b) {
            throw new AssertionError("a line leaves in one write");
        }

        @Override
        public void write(byte[] b, int off, int len) {
            stopped.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            writes.add(new String(b, off, len, StandardCharsets.UTF_8));
        }
    }

    private final Reader reader = new Reader();
    private final Log log = Log.to(new PrintStream(reader), Log.Format.JSON, Log.Level.INFO);

    private void stopTheReader() throws InterruptedException {
        log.info("e", "held", "n", 0);
        reader.stopped.await();
    }

    private static int number(String line, Pattern pattern) {
        Matcher matcher = pattern.matcher(line);
        assertTrue(matcher.find(), line);
        return Integer.parseInt(matcher.group(1));
    }

    @Test
    void tasksWereHeldUpWhenNobodyReadTheLog() throws Exception {
        PipedOutputStream pipe = new PipedOutputStream();
        PipedInputStream unread = new PipedInputStream(pipe, 4096);
        Log piped = Log.to(new PrintStream(pipe), Log.Format.JSON, Log.Level.INFO);
        int count = 20_000;
        for (int n = 0; n < count; n++) {
            piped.info("e", "m", "n", n);
        }
        long began = System.nanoTime();
        piped.end();
        piped.info("e", "the last words", "n", count);
        assertTrue(System.nanoTime() - began < Duration.ofSeconds(10).toNanos(), "the end waited for a reader that had stopped");
        // Now somebody reads: all lines are there in order, but for one gap that is counted.
        BufferedReader lines = new BufferedReader(new InputStreamReader(unread, StandardCharsets.UTF_8));
        int next = 0;
        String line = lines.readLine();
        while (!line.contains("log_dropped")) {
            assertEquals(next++, number(line, NUMBER));
            line = lines.readLine();
        }
        assertTrue(next >= LineQueue.MAX_LINES, "kept only " + next);
        assertEquals(count + 1 - next, number(line, DROPPED));
        piped.info("e", "after the gap", "n", -1);
        assertTrue(lines.readLine().contains("after the gap"));
    }

    @Test
    void atTheLimitOfLinesNoneIsDroppedAndOnePastItOneIs() throws InterruptedException {
        stopTheReader();
        for (int n = 1; n <= LineQueue.MAX_LINES + 1; n++) {
            log.info("e", "m", "n", n);
        }
        reader.go.countDown();
        log.end();
        assertEquals(LineQueue.MAX_LINES + 2, reader.writes.size());
        for (int n = 0; n <= LineQueue.MAX_LINES; n++) {
            assertEquals(n, number(reader.writes.get(n), NUMBER));
        }
        assertEquals(1, number(reader.writes.getLast(), DROPPED));
    }

    @Test
    void longLinesAreLimitedByTheirBytes() throws InterruptedException {
        stopTheReader();
        String message = "m".repeat(1024);
        int most = LineQueue.MAX_BYTES / 1024;
        for (int n = 1; n <= most; n++) {
            log.info("e", message, "n", n);
        }
        // The queue has room for this one, but it would come after a gap.
        log.info("e", "short", "n", most + 1);
        reader.go.countDown();
        log.end();
        int whole = reader.writes.size() - 1;
        int bytes = reader.writes.subList(1, whole).stream().mapToInt(String::length).sum();
        assertTrue(bytes <= LineQueue.MAX_BYTES && bytes > LineQueue.MAX_BYTES - 2 * 1024, "kept " + bytes);
        assertEquals(most + 2 - whole, number(reader.writes.getLast(), DROPPED));
    }

    @Test
    void theEndWaitsForLinesThatAreOnTheirWayAndForThoseThatFollow() {
        reader.go.countDown();
        for (int n = 0; n < 1000; n++) {
            log.info("e", "m", "n", n);
        }
        log.end();
        assertEquals(1000, reader.writes.size());
        log.info("stopped", "stopped");
        assertEquals(1001, reader.writes.size());
    }

    @Test
    void aWriteThatFailsDoesNotEndTheLog() {
        List<String> writes = new ArrayList<>();
        Log failing = Log.to(new PrintStream(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("one byte");
            }

            @Override
            public void write(byte[] b, int off, int len) throws IOException {
                writes.add(new String(b, off, len, StandardCharsets.UTF_8));
                switch (writes.size()) {
                    case 1 -> throw new IOException("nobody is there");
                    case 2 -> throw new OutOfMemoryError("a test's");
                    default -> { }
                }
            }
        }), Log.Format.TEXT, Log.Level.INFO);
        failing.info("e", "one");
        failing.info("e", "two");
        failing.info("e", "three");
        failing.end();
        assertEquals(3, writes.size());
    }
}
