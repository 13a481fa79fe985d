package tunnelforge.net;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Sees that a connection's peer has left while nobody reads from it: the task that would is waiting for something else. While anybody asks for it and
 * nobody has read for a second, one task reads ahead. When there is no room for that, or nothing more to read, the ticker asks the socket now and then.
 */
final class Watch {
    private static final long BEGINS_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ReadAhead ahead;
    private final Tasks tasks;
    private final Runnable probe;
    private final BooleanSupplier isReset;
    private final Cancellation gone = new Cancellation();
    /** Those that want to know. */
    private final AtomicInteger asking = new AtomicInteger();
    private final AtomicBoolean running = new AtomicBoolean();
    private int readCalls = -1;
    private long quietSince;
    private boolean probed;

    /**
     * A watch that nobody has asked for yet.
     *
     * @param probe has the system find out whether a peer that has ended its stream is still there
     * @param isReset asks the socket
     */
    Watch(ReadAhead ahead, Tasks tasks, Runnable probe, BooleanSupplier isReset) {
        this.ahead = ahead;
        this.tasks = tasks;
        this.probe = probe;
        this.isReset = isReset;
    }

    private final class Asking implements Cancellation.Registration {
        private final AtomicBoolean closed = new AtomicBoolean();

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                asking.decrementAndGet();
            }
        }
    }

    /** From now on somebody wants to know. */
    Cancellation.Registration ask() {
        asking.incrementAndGet();
        return new Asking();
    }

    /** Cancelled when the peer has left. */
    Cancellation gone() {
        return gone;
    }

    void peerHasLeft() {
        gone.cancel();
    }

    boolean isGone() {
        return gone.cancelled();
    }

    /** By the ticker. */
    void tick(long now) {
        if (!isWanted() || running.get()) {
            readCalls = -1;
            return;
        }
        int calls = ahead.readCalls();
        if (calls < 0 || calls != readCalls) {
            readCalls = calls;
            quietSince = now;
        } else if (now - quietSince >= BEGINS_AFTER_NANOS) {
            quietSince = now;
            if (ahead.hasEnded() && !probed) {
                probed = true;
                probe.run();
            }
            if (!ahead.isFull() && !ahead.hasEnded()) {
                start();
            } else if (isReset.getAsBoolean()) {
                peerHasLeft();
            }
        }
    }

    private boolean isWanted() {
        return asking.get() > 0 && !isGone();
    }

    private void start() {
        running.set(true);
        try {
            tasks.start("watch", this::run);
        } catch (OutOfMemoryError e) {
            // The next second may be better.
            running.set(false);
        }
    }

    private void run() {
        try {
            ahead.watch(this::isWanted);
        } finally {
            running.set(false);
        }
    }
}
