package tunnelforge.log;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/**
 * Stands between the tasks that log and a stream whose reader may stop. A task leaves its line here and goes on; the daemon thread {@code log}
 * writes the lines in their order, each in one write. What does not fit is dropped and counted.
 *
 * <p>Once one line is dropped, all are dropped until the queue is empty, and then a line says how many: so the log has one gap at a known place
 * instead of a hole after every few lines.
 */
final class LineQueue implements Consumer<byte[]> {
    static final int MAX_LINES = 4096;
    static final int MAX_BYTES = 1024 * 1024;
    /** How long the end of the program waits for a reader, all lines together. */
    static final Duration END_LIMIT = Duration.ofSeconds(1);

    private final PrintStream out;
    private final LongFunction<byte[]> lineOfDropped;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final Condition idle = lock.newCondition();
    // Has its size from the start: to log that no memory is left must need little of it.
    private final ArrayDeque<byte[]> lines = new ArrayDeque<>(MAX_LINES);
    private int bytes;
    private long dropped;
    private boolean writing;
    private boolean ending;
    private boolean closed;
    private long patienceNanos = END_LIMIT.toNanos();

    private LineQueue(PrintStream out, LongFunction<byte[]> lineOfDropped) {
        this.out = out;
        this.lineOfDropped = lineOfDropped;
    }

    /**
     * Starts the thread; it ends with {@link #close}.
     *
     * @param lineOfDropped makes the line that says how many lines were dropped
     */
    static LineQueue start(PrintStream out, LongFunction<byte[]> lineOfDropped) {
        LineQueue queue = new LineQueue(out, lineOfDropped);
        Thread.ofPlatform().daemon().name("log").start(queue::run);
        return queue;
    }

    @Override
    public void accept(byte[] line) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (dropped > 0 || lines.size() == MAX_LINES || line.length > MAX_BYTES - bytes) {
                dropped++;
            } else {
                lines.add(line);
                bytes += line.length;
                filled.signal();
            }
            if (ending) {
                awaitIdle();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until all is written. From now on each line is waited for, since the process may be gone right after it; all waiting together has one limit. */
    void end() {
        lock.lock();
        try {
            ending = true;
            awaitIdle();
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #end}; then the thread ends, and nothing is taken any more. */
    void close() {
        lock.lock();
        try {
            awaitIdle();
            closed = true;
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    private void awaitIdle() {
        try {
            while (isBusy() && patienceNanos > 0) {
                patienceNanos = Math.min(patienceNanos, idle.awaitNanos(patienceNanos));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isBusy() {
        return writing || !lines.isEmpty() || dropped > 0;
    }

    private void run() {
        while (true) {
            try {
                byte[] line = next();
                if (line == null) {
                    return;
                }
                out.write(line, 0, line.length);
                out.flush();
            } catch (RuntimeException | Error e) {
                // That line is lost. The thread must live, of no memory too: there is no other place to report it.
            }
        }
    }

    /** Null when there will be no other. */
    private byte[] next() {
        lock.lock();
        try {
            writing = false;
            while (!isBusy()) {
                idle.signalAll();
                if (closed) {
                    return null;
                }
                filled.awaitUninterruptibly();
            }
            writing = true;
            byte[] line = lines.poll();
            if (line != null) {
                bytes -= line.length;
                return line;
            }
            long count = dropped;
            dropped = 0;
            return lineOfDropped.apply(count);
        } finally {
            lock.unlock();
        }
    }
}
