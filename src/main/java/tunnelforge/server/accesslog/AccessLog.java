package tunnelforge.server.accesslog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import tunnelforge.log.Log;
import tunnelforge.server.edge.Served;
import tunnelforge.server.edge.ServedListener;

/**
 * Writes a line for each request of a visitor. Whoever has served it leaves it here and goes on: the daemon thread {@code access log} makes the lines and writes many at
 * once, within a second. What cannot be written is kept, and tried again, as long as there is room for it; then lines are dropped and counted.
 */
public final class AccessLog implements ServedListener, AutoCloseable {
    /** How long the end of the program waits for what is left to be written. */
    static final Duration END_LIMIT = Duration.ofSeconds(1);

    private static final long WRITE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long TELL_DROPPED_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);
    /** Bytes of one write, about. */
    private static final int BATCH = 64 * 1024;

    private final String where;
    private final LineFormat format;
    private final Output output;
    private final Log log;
    private final Backlog backlog = new Backlog(this::wake);
    private final AtomicLong dropped = new AtomicLong();
    private final Thread thread;
    private volatile boolean closing;
    // By the thread alone.
    private final LineBytes lines = new LineBytes();
    private ArrayDeque<Served> taken = new ArrayDeque<>();
    /** What could not be written yet; null when all was. */
    private ByteBuffer unwritten;
    private boolean failed;
    private long toldDropped = System.nanoTime() - TELL_DROPPED_EVERY_NANOS;

    AccessLog(String where, LineFormat format, Output output, Log log) {
        this.where = where;
        this.format = format;
        this.output = output;
        this.log = log;
        this.thread = Thread.ofPlatform().daemon().name("access log").unstarted(this::run);
    }

    /**
     * Starts the thread; it ends with {@link #close}.
     *
     * @param log learns when lines cannot be written
     * @throws IOException when the file cannot be written
     */
    public static AccessLog open(AccessLogOptions options, Log log) throws IOException {
        LineFormat format = switch (options.format()) {
            case COMBINED -> new CombinedFormat(ZoneId.systemDefault());
            case JSON -> new JsonFormat();
        };
        Output output;
        try {
            output = Output.of(options);
        } catch (IOException e) {
            throw new IOException("the access log " + options.where() + " cannot be written: " + e, e);
        }
        AccessLog opened = new AccessLog(options.where(), format, output, log);
        opened.start();
        return opened;
    }

    void start() {
        thread.start();
    }

    /** Memory of what waits, about. */
    int waiting() {
        return backlog.bytes();
    }

    @Override
    public void served(Served served) {
        if (format.tells(served) && !backlog.add(served)) {
            dropped.incrementAndGet();
        }
    }

    private void wake() {
        LockSupport.unpark(thread);
    }

    private void run() {
        boolean last;
        do {
            last = closing;
            try {
                writeAll();
                tellDropped(last);
            } catch (RuntimeException | Error e) {
                // That line is lost. The thread must live, of no memory too.
                dropped.incrementAndGet();
            }
            if (!last) {
                LockSupport.parkNanos(this, WRITE_EVERY_NANOS);
            }
        } while (!last);
        output.close();
    }

    /** Writes what there is, as far as it can be written. */
    void writeAll() {
        while (unwritten != null || fill()) {
            if (!write()) {
                return;
            }
        }
    }

    /** Makes lines for one write; false when there are none to make. */
    private boolean fill() {
        lines.clear();
        while (lines.length() < BATCH) {
            if (taken.isEmpty()) {
                taken = backlog.takeAll();
                if (taken.isEmpty()) {
                    break;
                }
            }
            format.write(taken.removeFirst(), lines);
        }
        unwritten = lines.length() == 0 ? null : lines.written();
        return unwritten != null;
    }

    private boolean write() {
        try {
            output.write(unwritten);
            unwritten = null;
            if (failed) {
                failed = false;
                log.info("access_log_written", "the access log is written again", "file", where);
            }
            return true;
        } catch (IOException e) {
            if (!failed) {
                failed = true;
                log.warn("access_log_not_written", "the access log cannot be written: lines wait while there is room for them, then they are dropped", "file", where, "error", e.toString());
            }
            return false;
        }
    }

    /** {@code last}: nothing more is written, and all that is left is dropped. */
    private void tellDropped(boolean last) {
        if (last) {
            dropped.addAndGet(left());
        }
        long now = System.nanoTime();
        if (dropped.get() > 0 && (last || !failed && now - toldDropped >= TELL_DROPPED_EVERY_NANOS)) {
            toldDropped = now;
            log.warn("access_log_dropped", "lines of the access log were dropped: they could not be written, or not in time", "file", where, "count", dropped.getAndSet(0));
        }
    }

    private long left() {
        long count = taken.size() + backlog.takeAll().size();
        while (unwritten != null && unwritten.hasRemaining()) {
            count += unwritten.get() == '\n' ? 1 : 0;
        }
        return count;
    }

    /** Waits until all is written, a second at most; what comes afterwards is not told. */
    @Override
    public void close() {
        closing = true;
        wake();
        try {
            thread.join(END_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
