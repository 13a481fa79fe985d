package tunnelforge.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tunnelforge.text.Printable;

final class LogTest {
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2026-03-04T11:03:04.123Z"), ZoneId.of("Europe/Berlin"));

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8);
    private final Log text = Log.direct(out, Log.Format.TEXT, Log.Level.DEBUG, CLOCK);
    private final Log json = Log.direct(out, Log.Format.JSON, Log.Level.DEBUG, CLOCK);

    private String written() {
        String all = bytes.toString(StandardCharsets.UTF_8);
        bytes.reset();
        return all;
    }

    @Test
    void textLineHasLocalTimeLevelMessageAndFields() {
        text.info("listening", "waiting for agents", "port", 443, "domain", "tunnel.localhost", "tls", true);
        assertEquals("12:03:04.123 INFO  waiting for agents  (port=443 domain=tunnel.localhost tls=true)\n", written());
        text.debug("closed", "agent left");
        assertEquals("12:03:04.123 DEBUG agent left\n", written());
        text.warn("slow", "m");
        text.error("broken", "m");
        assertEquals("12:03:04.123 WARN  m\n12:03:04.123 ERROR m\n", written());
    }

    @Test
    void atATerminalAnEventIsItsMessageAndOnlyTroubleHasFields() {
        Log terminal = Log.direct(out, Log.Format.TERMINAL, Log.Level.INFO, CLOCK);
        terminal.show("tunnel_registered", "https://a.b", "tunnel_id", "x");
        terminal.hint("  leads to localhost:8080");
        terminal.info("request", "GET /\u001b[31m 200", "path", "/");
        terminal.warn("control_lost", "lost", "error", "reset");
        assertEquals("https://a.b\n  leads to localhost:8080\n12:03:04 GET /\\u001b[31m 200\n12:03:04 WARN lost  (error=reset)\n", written());
    }

    @Test
    void whatIsShownIsAnEventElsewhereAndAHintIsNothing() {
        text.show("tunnel_registered", "https://a.b", "tunnel_id", "xyz");
        text.hint("Ctrl-C ends");
        json.hint("Ctrl-C ends");
        assertEquals("12:03:04.123 INFO  https://a.b  (tunnel_id=xyz)\n", written());
    }

    @Test
    void whatIsAboutOneOfSeveralSaysWhich() {
        text.about("tunnel", "web").info("closed", "it has ended", "why", "reset");
        Log terminal = Log.direct(out, Log.Format.TERMINAL, Log.Level.INFO, CLOCK).about("tunnel", "web");
        terminal.show("tunnel_registered", "https://a.b");
        terminal.hint("  leads to localhost:8080");
        assertEquals("12:03:04.123 INFO  web: it has ended  (why=reset)\nweb: https://a.b\nweb: leads to localhost:8080\n", written());
        json.about("tunnel", "web").info("closed", "it has ended");
        assertTrue(written().endsWith("\"event\":\"closed\",\"message\":\"web: it has ended\",\"tunnel\":\"web\"}\n"));
    }

    @Test
    void textLeavesOutWhatTheMessageSays() {
        text.info("e", "listening on port 443", "port", 443, "domain", "tunnel.localhost");
        assertEquals("12:03:04.123 INFO  listening on port 443  (domain=tunnel.localhost)\n", written());
        text.info("e", "https://a.b -> localhost:8080", "url", "https://a.b", "target", "localhost:8080");
        assertEquals("12:03:04.123 INFO  https://a.b -> localhost:8080\n", written());
        text.info("e", "in 4430 ms, 5 s", "status", 443, "count", 5);
        assertEquals("12:03:04.123 INFO  in 4430 ms, 5 s  (status=443 count=5)\n", written());
        json.info("e", "port 443", "port", 443);
        assertTrue(written().endsWith("\"message\":\"port 443\",\"port\":443}\n"));
    }

    @Test
    void jsonLineHasUtcTimeAndKeepsNumbersBooleansAndNullUnquoted() {
        json.info("tunnel_registered", "ready", "url", "https://a.b/", "port", 1, "long", 1L << 40, "ratio", 0.5, "yes", true, "none", null);
        assertEquals("{\"time\":\"2026-03-04T11:03:04.123Z\",\"level\":\"info\",\"event\":\"tunnel_registered\",\"message\":\"ready\","
                + "\"url\":\"https://a.b/\",\"port\":1,\"long\":1099511627776,\"ratio\":0.5,\"yes\":true,\"none\":null}\n", written());
    }

    @Test
    void jsonQuotesNumbersThatJsonCannotWrite() {
        json.info("e", "m", "a", Double.NaN, "b", Float.NEGATIVE_INFINITY);
        assertTrue(written().endsWith("\"a\":\"NaN\",\"b\":\"-Infinity\"}\n"));
    }

    @Test
    void lineEndsInMessageAndValuesCannotForgeALine() {
        String forged = "x\r\n12:00:00.000 INFO  forged";
        text.info("e", forged, "v", forged + "!");
        assertEquals("12:03:04.123 INFO  x\\r\\n12:00:00.000 INFO  forged  (v=\"x\\r\\n12:00:00.000 INFO  forged!\")\n", written());
        json.info("e", "a\nb", "v", "c\"}\n{\"level\":\"error");
        assertTrue(written().endsWith("\"message\":\"a\\nb\",\"v\":\"c\\\"}\\n{\\\"level\\\":\\\"error\"}\n"));
    }

    @Test
    void terminalEscapesAreShownNotSent() {
        text.info("e", "\u001b[31mred\u001b[0m", "csi", "\u009b2J", "bell", "\u0007", "del", "\u007f", "nul", "\0");
        assertEquals("12:03:04.123 INFO  \\u001b[31mred\\u001b[0m  (csi=\"\\u009b2J\" bell=\"\\u0007\" del=\"\\u007f\" nul=\"\\u0000\")\n", written());
    }

    @Test
    void lineSeparatorsAndTextThatReordersOrHidesAreEscapedInBothFormats() {
        for (String hidden : List.of("\u2028", "\u2029", "\u0085", "\u202e", "\u2066", "\u200b", "\u200f", "\ufeff", "\ud800", "\udc00", "\ue000")) {
            String escaped = "\"a\\u%04xb\"".formatted((int) hidden.charAt(0));
            text.info("e", "m", "v", "a" + hidden + "b");
            assertEquals("12:03:04.123 INFO  m  (v=" + escaped + ")\n", written());
            json.info("e", "m", "v", "a" + hidden + "b");
            assertTrue(written().endsWith("\"v\":" + escaped + "}\n"));
        }
        json.info("e", "m", "tag", "\udb40\udc41");
        assertTrue(written().endsWith("\"tag\":\"\\udb40\\udc41\"}\n"));
    }

    @Test
    void lettersOfAllScriptsAndEmojiStayAsTheyAre() {
        text.info("e", "grüße", "v", "日本\ud83e\udd8a");
        assertEquals("12:03:04.123 INFO  grüße  (v=日本\ud83e\udd8a)\n", written());
    }

    @Test
    void textValueThatCouldBeTakenForMoreFieldsIsQuoted() {
        text.info("e", "m", "a", "x b=y", "c", "x)", "d", "", "f", "\\", "g", "a\u00a0b", "h", "\"");
        assertEquals("12:03:04.123 INFO  m  (a=\"x b=y\" c=\"x)\" d=\"\" f=\"\\\\\" g=\"a\u00a0b\" h=\"\\\"\")\n", written());
    }

    @Test
    void valueAtTheLimitIsWholeAndOnePastItIsCut() {
        text.info("e", "m", "v", "x".repeat(512));
        assertEquals("12:03:04.123 INFO  m  (v=" + "x".repeat(512) + ")\n", written());
        json.info("e", "m", "v", "x".repeat(513));
        assertTrue(written().endsWith("\"v\":\"" + "x".repeat(512) + "... (513 characters)\"}\n"));
    }

    @Test
    void cutNeverPartsASurrogatePair() {
        json.info("e", "m", "v", "x".repeat(511) + "\ud83e\udd8a");
        assertTrue(written().endsWith("\"" + "x".repeat(511) + "... (513 characters)\"}\n"));
    }

    @Test
    void messageIsCutToo() {
        text.info("e", "x".repeat(1025));
        assertEquals("12:03:04.123 INFO  " + "x".repeat(1024) + "... (1025 characters)\n", written());
    }

    @Test
    void checkedExceptionHasNoStack() {
        json.debug("e", "m", "error", new IOException("connection\nreset"));
        assertTrue(written().endsWith("\"error\":\"java.io.IOException: connection\\nreset\"}\n"));
        text.debug("e", "m", "error", new IOException("connection\nreset"));
        assertEquals("12:03:04.123 DEBUG m  (error=\"java.io.IOException: connection\\nreset\")\n", written());
    }

    /** A bug whose frame numbers so many stands at the top, with a cause that shares all but one of the frames below it. */
    private static RuntimeException bug(String message, int frames) {
        StackTraceElement[] stack = new StackTraceElement[frames];
        for (int i = 0; i < frames; i++) {
            stack[i] = new StackTraceElement("tunnelforge.deep.Place", "method" + i, "Place.java", i + 1);
        }
        RuntimeException bug = new IllegalStateException(message, new IOException("the cause"));
        bug.setStackTrace(stack);
        stack[0] = new StackTraceElement("tunnelforge.deep.Other", "read", "Other.java", 7);
        bug.getCause().setStackTrace(stack);
        return bug;
    }

    @Test
    void theStackOfABugWasCutAt512Characters() {
        RuntimeException bug = bug("a bug", 120);
        text.error("e", "m", "task", "one", "error", bug);
        List<String> lines = written().lines().toList();
        assertEquals("12:03:04.123 ERROR m  (task=one)", lines.getFirst());
        assertEquals("    error: java.lang.IllegalStateException: a bug", lines.get(1));
        for (int i = 0; i < 120; i++) {
            assertEquals("      at tunnelforge.deep.Place.method" + i + "(Place.java:" + (i + 1) + ")", lines.get(2 + i));
        }
        assertEquals(List.of("    caused by java.io.IOException: the cause", "      at tunnelforge.deep.Other.read(Other.java:7)",
                "      ... 119 more, as above"), lines.subList(122, lines.size()));
        json.error("e", "m", "error", bug);
        String line = written();
        assertEquals(1, line.lines().count());
        assertTrue(line.contains("\"error\":\"java.lang.IllegalStateException: a bug\\n  at tunnelforge.deep.Place.method0(Place.java:1)\\n"), line);
        assertTrue(line.endsWith("\\n  ... 119 more, as above\"}\n"), line);
    }

    @Test
    void aStackCannotForgeALine() {
        RuntimeException bug = new IllegalStateException("x\n12:00:00.000 INFO  forged\u001b[2J\n  at forged");
        bug.addSuppressed(new IllegalStateException("y\r\n12:00:00.000 INFO  forged"));
        text.error("e", "m", "error", bug);
        List<String> lines = written().lines().toList();
        assertEquals("    error: java.lang.IllegalStateException: x\\n12:00:00.000 INFO  forged\\u001b[2J\\n  at forged", lines.get(1));
        assertTrue(lines.contains("      suppressed: java.lang.IllegalStateException: y\\r\\n12:00:00.000 INFO  forged"), lines.toString());
        assertTrue(lines.stream().skip(1).allMatch(line -> line.startsWith("    ")), lines.toString());
        json.error("e", "m", "error", bug);
        assertEquals(1, written().lines().count());
    }

    @Test
    void aLongMessageDoesNotPushTheFramesOutOfAStack() {
        text.error("e", "m", "error", bug("x".repeat(100_000), 120));
        assertTrue(written().contains("      at tunnelforge.deep.Place.method119(Place.java:120)\n"));
    }

    @Test
    void theStackOfAnEndlessRecursionIsCutAndACircleOfCausesEnds() {
        text.error("e", "m", "error", bug("deep", 1024));
        String all = written();
        assertTrue(all.length() < 20_000, all);
        assertTrue(all.endsWith("    ... (cut: longer than 16384 characters)\n"), all);
        RuntimeException first = new IllegalStateException("first");
        RuntimeException second = new IllegalStateException("second", first);
        first.initCause(second);
        text.error("e", "m", "error", first);
        assertTrue(written().contains("caused by java.lang.IllegalStateException: second"));
    }

    @Test
    void eventsBelowTheLeastLevelAreNotWritten() {
        Log warn = Log.direct(out, Log.Format.TEXT, Log.Level.WARN, CLOCK);
        warn.debug("e", "m");
        warn.info("e", "m");
        assertEquals("", written());
        warn.warn("e", "m");
        warn.error("e", "m");
        assertEquals(2, written().lines().count());
        assertFalse(warn.isDebug());
        assertTrue(text.isDebug());
    }

    @Test
    void malformedNamesAndMissingValuesAreBugsOfTheCaller() {
        for (String name : List.of("", "Port", "a b", "1a", "_a", "a\"", "time", "level", "event", "message")) {
            assertThrows(IllegalArgumentException.class, () -> text.info("e", "m", name, 1), name);
        }
        assertThrows(IllegalArgumentException.class, () -> text.info("Event", "m"));
        assertThrows(IllegalArgumentException.class, () -> text.info("e", "m", "name"));
        assertThrows(IllegalArgumentException.class, () -> text.info("e", "m", 1, 2));
        assertThrows(IllegalArgumentException.class, () -> text.info("e", "m", "a", null, "a", 2));
        assertEquals("", written());
    }

    @Test
    void everyLineLeavesInOneWriteAndIsFlushed() {
        List<String> writes = new ArrayList<>();
        Log log = Log.to(new PrintStream(new WriteRecorder(writes)), Log.Format.JSON, Log.Level.INFO);
        log.info("e", "m".repeat(900), "a", "b".repeat(500), "c", "d".repeat(500));
        log.info("e", "two");
        log.end();
        assertEquals(2, writes.size());
        assertTrue(writes.stream().allMatch(write -> write.indexOf('\n') == write.length() - 1));
    }

    @Test
    void concurrentCallersNeverInterleave() throws Exception {
        int callers = 8;
        int lines = 200;
        Thread[] threads = new Thread[callers];
        for (int i = 0; i < callers; i++) {
            String caller = "c" + i + "-".repeat(i * 50);
            threads[i] = Thread.ofVirtual().start(() -> {
                for (int n = 0; n < lines; n++) {
                    text.info("e", "m", "caller", caller, "n", n);
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < callers; i++) {
            for (int n = 0; n < lines; n++) {
                expected.add("12:03:04.123 INFO  m  (caller=c" + i + "-".repeat(i * 50) + " n=" + n + ")");
            }
        }
        List<String> all = written().lines().toList();
        assertEquals(callers * lines, all.size());
        assertEquals(expected, new HashSet<>(all));
    }

    @Test
    void whateverIsLoggedStaysOnePrintableLine() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            StringBuilder value = new StringBuilder();
            for (int i = random.nextInt(30); i > 0; i--) {
                value.append((char) (random.nextBoolean() ? random.nextInt(256) : random.nextInt(65536)));
            }
            text.info("e", value.toString(), "v", value);
            json.info("e", value.toString(), "v", value);
            String all = written();
            String why = "seed " + seed + " round " + round;
            assertEquals(2, all.chars().filter(c -> c == '\n').count(), why);
            assertTrue(all.codePoints().allMatch(c -> c == '\n' || Printable.isPlain(c)), why);
        }
    }

    private static final class WriteRecorder extends OutputStream {
        private final List<String> writes;

        WriteRecorder(List<String> writes) {
            this.writes = writes;
        }

        @Override
        public void write(int b) {
            writes.add(String.valueOf((char) b));
        }

        @Override
        public void write(byte[] b, int off, int len) {
            writes.add(new String(b, off, len, StandardCharsets.UTF_8));
        }
    }
}
