package tunnelforge.log;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** Keeps every event, debug too unless told otherwise, for tests of any package; {@link #await} waits for one instead of sleeping. */
public final class RecordingLog {
    /** One event; values are the objects that were passed. */
    public record Entry(Log.Level level, String event, String message, Map<String, Object> fields) {
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private final List<Entry> entries = new ArrayList<>();
    private final Log log;

    public RecordingLog() {
        this(Log.Level.DEBUG);
    }

    /** Keeps events of at least this level. */
    public RecordingLog(Log.Level least) {
        log = new Log(least, Clock.systemUTC(), this::add);
    }

    /** The log to hand to what is tested. */
    public Log log() {
        return log;
    }

    /** A log that does this with each event, such as to throw because no memory is left. */
    public static Log failing(Runnable failure) {
        return new Log(Log.Level.DEBUG, Clock.systemUTC(), event -> failure.run());
    }

    /** All entries so far, oldest first. */
    public List<Entry> entries() {
        lock.lock();
        try {
            return List.copyOf(entries);
        } finally {
            lock.unlock();
        }
    }

    /** The entries of one event so far, oldest first. */
    public List<Entry> entries(String event) {
        return entries().stream().filter(entry -> entry.event().equals(event)).toList();
    }

    /** The first entry of the event, at once when it is already there. AssertionError after the deadline. */
    public Entry await(String event, Duration deadline) throws InterruptedException {
        return await(entry -> entry.event().equals(event), event, deadline);
    }

    /** The first entry that fits, at once when it is already there. AssertionError after the deadline. */
    public Entry await(Predicate<Entry> wanted, String what, Duration deadline) throws InterruptedException {
        long nanos = deadline.toNanos();
        lock.lock();
        try {
            for (int seen = 0;;) {
                for (; seen < entries.size(); seen++) {
                    if (wanted.test(entries.get(seen))) {
                        return entries.get(seen);
                    }
                }
                if (nanos <= 0) {
                    throw new AssertionError("no " + what + " within " + deadline + "; logged: " + entries);
                }
                nanos = added.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    private void add(LogEvent event) {
        lock.lock();
        try {
            entries.add(new Entry(event.level(), event.event(), event.message(), event.fields()));
            added.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
