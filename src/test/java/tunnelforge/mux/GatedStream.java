package tunnelforge.mux;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A stream whose every write waits for the test, and that keeps each write, with who made it, apart. */
final class GatedStream extends OutputStream {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<byte[]> writes = new ArrayList<>();
    private final List<Thread> writers = new ArrayList<>();
    private long permits;
    private IOException failure;
    private boolean busy;
    private boolean overlapped;

    /** Lets {@code count} more writes through. */
    void permit(long count) {
        lock.lock();
        try {
            permits += count;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Fails the write that waits and all after it. */
    void failWith(IOException cause) {
        lock.lock();
        try {
            failure = cause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until {@code count} writes have begun. */
    void awaitBegun(int count) throws InterruptedException {
        lock.lock();
        try {
            long left = LIMIT_NANOS;
            while (writes.size() < count) {
                if (left <= 0) {
                    throw new AssertionError(writes.size() + " writes instead of " + count);
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many writes have begun. */
    int begun() {
        lock.lock();
        try {
            return writes.size();
        } finally {
            lock.unlock();
        }
    }

    byte[] written(int index) {
        lock.lock();
        try {
            return writes.get(index);
        } finally {
            lock.unlock();
        }
    }

    Thread writer(int index) {
        lock.lock();
        try {
            return writers.get(index);
        } finally {
            lock.unlock();
        }
    }

    byte[] everything() {
        lock.lock();
        try {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            writes.forEach(all::writeBytes);
            return all.toByteArray();
        } finally {
            lock.unlock();
        }
    }

    /** Whether two tasks ever wrote at once. */
    boolean overlapped() {
        lock.lock();
        try {
            return overlapped;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] b, int off, int length) throws IOException {
        lock.lock();
        try {
            overlapped |= busy;
            busy = true;
            writes.add(Arrays.copyOfRange(b, off, off + length));
            writers.add(Thread.currentThread());
            changed.signalAll();
            while (permits == 0 && failure == null) {
                changed.awaitUninterruptibly();
            }
            if (failure != null) {
                throw failure;
            }
            permits--;
            busy = false;
        } finally {
            lock.unlock();
        }
    }
}
