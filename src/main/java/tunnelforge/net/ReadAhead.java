package tunnelforge.net;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * A connection's raw input. It takes more than it is asked for where it is asked for little, so that one system call brings many TLS records: TLS asks for
 * five bytes, and then for the rest of the record. It is also where a task lets others run ({@link Turns}), and where the watch reads while nobody else
 * does.
 *
 * <p>One task at a time is in a raw read: the reader, or the watch for it. A reader that comes meanwhile takes what the watch has read, or waits for it.
 *
 * <pre>
 *   nobody reads ── read() ──▶ reader in a raw read ── bytes ──▶ nobody reads
 *        │ watch()
 *        ▼
 *   watch in a raw read ── bytes, a reader waits ──▶ nobody reads (the watch ends)
 *        └─ bytes, nobody waits ──▶ watch in a raw read, or (the buffer is full) nobody reads
 * </pre>
 */
final class ReadAhead extends InputStream {
    /** After a read that took this long the buffer is small again. */
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Where the bytes come from. */
    interface Source {
        /** Like {@link InputStream#read(byte[], int, int)}. */
        int read(byte[] b, int off, int len) throws IOException;

        /** How many bytes can be read without waiting; 0 also where that is not known. Also while another task reads. */
        int available() throws IOException;

        /** Whether a read might return without waiting: true also where that is not known. */
        default boolean mayBeReady() throws IOException {
            return available() > 0;
        }
    }

    /** Who learns that the stream is over. */
    interface End {
        /** It has ended, or a read has failed; called without a lock, by the task that read, once or more often. */
        void over(boolean failed);
    }

    private final Source raw;
    private final End end;
    private final TimeLimits limits;
    private final Clock clock;
    private final Turns turns;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition read = lock.newCondition();
    /** Its array is replaced while no task is in a raw read. */
    private final ReadBuffer buffer;
    /** A task is in a raw read, and perhaps writes into the buffer where that ends. */
    private boolean reading;
    private boolean byWatch;
    private boolean readerWaits;
    private int readCalls;
    private volatile boolean ended;
    private IOException failure;
    /** There was no room to read ahead. */
    private boolean full;

    ReadAhead(Source raw, End end, TimeLimits limits, Clock clock, Ledger ledger) {
        this.raw = raw;
        this.end = end;
        this.limits = limits;
        this.clock = clock;
        this.buffer = new ReadBuffer(ledger);
        this.turns = new Turns(clock);
    }

    // ---- The reader. ----

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        if (len == 0) {
            return 0;
        }
        if (turns.owesPark()) {
            turns.beforeRead(available() > 0 || raw.mayBeReady());
        }
        int count = takeOrRead(b, off, len);
        turns.afterRead();
        return count;
    }

    /** By the reader: it has waited for something else since its last read, or is another task than before. */
    void waitedElsewhere() {
        turns.waitedElsewhere();
    }

    private int takeOrRead(byte[] b, int off, int len) throws IOException {
        while (true) {
            boolean direct;
            lock.lock();
            try {
                readCalls++;
                awaitWatch();
                if (!buffer.isEmpty()) {
                    full = false;
                    return buffer.take(b, off, len);
                }
                if (failure != null) {
                    throw failure;
                }
                if (ended) {
                    return -1;
                }
                direct = len >= buffer.size();
                if (!direct) {
                    buffer.makeRoom();
                }
                reading = true;
                byWatch = false;
            } finally {
                lock.unlock();
            }
            if (direct) {
                return readOnce(b, off, len);
            }
            readOnce(buffer.array(), 0, buffer.room());
        }
    }

    private void awaitWatch() {
        while (buffer.isEmpty() && reading) {
            readerWaits = true;
            read.awaitUninterruptibly();
        }
        readerWaits = false;
    }

    /** The raw read of whoever has set {@code reading}. */
    private int readOnce(byte[] b, int off, int len) throws IOException {
        int count = 0;
        boolean waited = false;
        try {
            long began = clock.nanos();
            count = raw.read(b, off, len);
            long now = clock.nanos();
            waited = now - began >= IDLE_NANOS;
            if (!byWatch) {
                turns.rawRead(count, began, now);
            }
            if (count > 0) {
                limits.heard(count, now);
            }
            return count;
        } catch (IOException e) {
            failure = e;
            throw e;
        } finally {
            readDone(b, count, waited);
        }
    }

    private void readDone(byte[] b, int count, boolean waited) {
        boolean over;
        lock.lock();
        try {
            reading = false;
            if (count < 0) {
                ended = true;
            }
            over = ended || failure != null;
            if (b == buffer.array() && count > 0) {
                buffer.added(count);
            }
            if (waited) {
                buffer.isTooLarge();
            }
            read.signalAll();
        } finally {
            lock.unlock();
        }
        if (over) {
            end.over(failure != null);
        }
    }

    @Override
    public int available() throws IOException {
        lock.lock();
        try {
            if (!buffer.isEmpty() || ended || failure != null) {
                return buffer.length();
            }
        } finally {
            lock.unlock();
        }
        return raw.available();
    }

    // ---- The watch. ----

    /** Reads ahead until the reader comes back, the buffer is full, the stream is over, or nobody asks for it any longer. */
    void watch(BooleanSupplier wanted) {
        try {
            while (wanted.getAsBoolean() && beginsWatching()) {
                readOnce(buffer.array(), buffer.end(), buffer.room());
            }
        } catch (IOException e) {
            // The reader gets it too.
        }
    }

    private boolean beginsWatching() {
        lock.lock();
        try {
            if (reading || readerWaits || ended || failure != null) {
                return false;
            }
            if (!buffer.makeRoom()) {
                full = true;
                return false;
            }
            reading = true;
            byWatch = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** How often the reader has called; -1 while it reads or waits. It does not say when: who looks twice can tell. */
    int readCalls() {
        lock.lock();
        try {
            return reading && !byWatch || readerWaits ? -1 : readCalls;
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing more can be read ahead, so that an end is not seen that way. */
    boolean isFull() {
        lock.lock();
        try {
            return full;
        } finally {
            lock.unlock();
        }
    }

    // ---- Anybody. ----

    boolean hasEnded() {
        return ended;
    }

    /** Whether anything has come that the reader has not taken, be it an end. Only while nobody reads: {@code probe} asks the raw socket. */
    boolean isStale(BooleanSupplier probe) {
        lock.lock();
        try {
            if (!buffer.isEmpty() || ended || failure != null) {
                return true;
            }
        } finally {
            lock.unlock();
        }
        return whileNobodyReads(probe);
    }

    /** What {@code probe} says while no read can begin; false when one is under way. */
    boolean whileNobodyReads(BooleanSupplier probe) {
        lock.lock();
        try {
            if (reading || readerWaits) {
                return false;
            }
            reading = true;
            byWatch = true;
        } finally {
            lock.unlock();
        }
        try {
            return probe.getAsBoolean();
        } finally {
            lock.lock();
            try {
                reading = false;
                read.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** The connection is closed: gives back what was charged. */
    void release() {
        lock.lock();
        try {
            buffer.release();
        } finally {
            lock.unlock();
        }
    }
}
