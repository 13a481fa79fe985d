package tunnelforge.log;

import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.function.Consumer;

/**
 * Where a program says what happens: one line for each event, in the order in which the callers got there.
 *
 * <p>Any thread may call, and none is held up: lines wait in a queue for the thread {@code log}, which writes each in one write. When the reader of
 * the stream stalls, lines are dropped, and {@code log_dropped} says how many.
 *
 * <p>The event name is stable and for programs ({@code tunnel_registered}), the message is for people, and fields are
 * names and values in turn: {@code log.info("listening", "waiting for agents", "port", 443)}. What a peer sent belongs
 * in a field. Secrets belong nowhere.
 */
public final class Log {
    /** How much an event matters, least first. */
    public enum Level {
        /** What only someone looking for a fault wants to see, such as expected disconnects. */
        DEBUG,
        /** What the person who runs the program wants to know. */
        INFO,
        /** Something went wrong and was dealt with. */
        WARN,
        /** Something went wrong that a person must look at. */
        ERROR
    }

    /** How lines look. */
    public enum Format {
        /** {@code 12:03:04.123 INFO  message  (name=value name=value)}, in local time, without what stands in the message already; a stack follows, indented. */
        TEXT,
        /** For a person who sees them come: {@code 12:03:04 message}; what went wrong with its level and fields, and what is {@link Log#show shown} without the time. */
        TERMINAL,
        /** One JSON object on each line, in UTF-8: {@code time} (RFC 3339, UTC), {@code level}, {@code event}, {@code message}, fields. */
        JSON
    }

    private final Level least;
    private final boolean atTerminal;
    private final Clock clock;
    private final Consumer<LogEvent> sink;
    private final Runnable end;
    private final Runnable close;

    private Log(Level least, boolean atTerminal, Clock clock, Consumer<LogEvent> sink, Runnable end, Runnable close) {
        this.least = least;
        this.atTerminal = atTerminal;
        this.clock = clock;
        this.sink = sink;
        this.end = end;
        this.close = close;
    }

    /** A log whose sink has each event before the call returns. */
    Log(Level least, Clock clock, Consumer<LogEvent> sink) {
        this(least, false, clock, sink, () -> { }, () -> { });
    }

    /**
     * A log that writes to a stream, which stays the caller's to close. {@link #end} is due before the process ends.
     *
     * @param out where lines go; each is flushed
     * @param least the least level that is written
     */
    public static Log to(PrintStream out, Format format, Level least) {
        Clock clock = Clock.systemDefaultZone();
        Charset charset = charset(out, format);
        LineQueue queue = LineQueue.start(out, count -> LineSink.line(dropped(clock, count), charset, format, clock.getZone()));
        return new Log(least, format == Format.TERMINAL, clock, new LineSink(queue, charset, format, clock.getZone()), queue::end, queue::close);
    }

    /** A log that has written each line when the call returns, however long that takes. */
    static Log direct(PrintStream out, Format format, Level least, Clock clock) {
        return new Log(least, format == Format.TERMINAL, clock, new LineSink(line -> {
            out.write(line, 0, line.length);
            out.flush();
        }, charset(out, format), format, clock.getZone()), () -> { }, () -> { });
    }

    /** This log, for one of several things alike: each event says which one, in the field and, for people, in front of the message. */
    public Log about(String field, String name) {
        return new Log(least, atTerminal, clock, event -> sink.accept(event.about(field, name)), end, close);
    }

    private static Charset charset(PrintStream out, Format format) {
        return switch (format) {
            case TEXT, TERMINAL -> out.charset();
            case JSON -> StandardCharsets.UTF_8;
        };
    }

    private static LogEvent dropped(Clock clock, long count) {
        return LogEvent.of(clock.instant(), Level.WARN, "log_dropped", "lines of this log were dropped here: nobody read it in time",
                new Object[] {"count", count});
    }

    /**
     * Waits until what was logged is written, a second at most, and from now on also for each line that follows, within the same second: a process
     * that ends calls it so that its last lines are not lost, and a reader that has stopped cannot keep it.
     */
    public void end() {
        end.run();
    }

    /** For a log that ends before its program: waits as {@link #end} does; what is logged afterwards is dropped. */
    public void close() {
        close.run();
    }

    /**
     * Whether debug events are written, for callers whose fields cost something to make.
     *
     * @return true when the least level is {@link Level#DEBUG}
     */
    public boolean isDebug() {
        return least == Level.DEBUG;
    }

    /**
     * Logs at {@link Level#DEBUG}.
     *
     * @param event stable name, {@code [a-z][a-z0-9_]*}
     * @param namesAndValues field names (as the event's) and values in turn; values may be null
     * @throws IllegalArgumentException when a name is malformed or taken, or a value is missing
     */
    public void debug(String event, String message, Object... namesAndValues) {
        log(Level.DEBUG, event, message, namesAndValues);
    }

    /**
     * Logs at {@link Level#INFO}.
     *
     * @param event stable name, {@code [a-z][a-z0-9_]*}
     * @param namesAndValues field names (as the event's) and values in turn; values may be null
     * @throws IllegalArgumentException when a name is malformed or taken, or a value is missing
     */
    public void info(String event, String message, Object... namesAndValues) {
        log(Level.INFO, event, message, namesAndValues);
    }

    /**
     * Logs at {@link Level#INFO} what a person wants to find again, or to copy: at a terminal it has its line for itself, whatever the least level.
     *
     * @param event stable name, {@code [a-z][a-z0-9_]*}
     * @param namesAndValues as of {@link #info}
     */
    public void show(String event, String message, Object... namesAndValues) {
        if (atTerminal || Level.INFO.compareTo(least) >= 0) {
            sink.accept(LogEvent.of(clock.instant(), Level.INFO, event, message, namesAndValues).alone());
        }
    }

    /** Tells a person at a terminal something that is no event; nothing in another format. */
    public void hint(String message) {
        if (atTerminal) {
            show("hint", message);
        }
    }

    /**
     * Logs at {@link Level#WARN}.
     *
     * @param event stable name, {@code [a-z][a-z0-9_]*}
     * @param namesAndValues field names (as the event's) and values in turn; values may be null
     * @throws IllegalArgumentException when a name is malformed or taken, or a value is missing
     */
    public void warn(String event, String message, Object... namesAndValues) {
        log(Level.WARN, event, message, namesAndValues);
    }

    /**
     * Logs at {@link Level#ERROR}. An unchecked exception or an {@link Error} as a value, at any level, is written with its whole stack: in text
     * format on indented lines that follow, in JSON in the one field.
     *
     * @param event stable name, {@code [a-z][a-z0-9_]*}
     * @param namesAndValues field names (as the event's) and values in turn; values may be null
     * @throws IllegalArgumentException when a name is malformed or taken, or a value is missing
     */
    public void error(String event, String message, Object... namesAndValues) {
        log(Level.ERROR, event, message, namesAndValues);
    }

    private void log(Level level, String event, String message, Object[] namesAndValues) {
        if (level.compareTo(least) >= 0) {
            sink.accept(LogEvent.of(clock.instant(), level, event, message, namesAndValues));
        }
    }
}
