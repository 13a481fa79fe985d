package tunnelforge.agent.tunnel;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import tunnelforge.net.Ledger;

/**
 * What may be served at once, and the memory that it costs. A place is held by the task that serves until that task has ended: work that
 * the server has given up still counts while it goes on.
 */
final class Places {
    /** Beyond the agreed number, for tasks that are about to end: the server knows a little earlier than the task that its place is free. */
    static final int ENDING = 64;

    /** A local connection with its buffers, the first frames, and what a task takes with it. */
    static final int BYTES = 32 * 1024;
    /** A head is kept as it came, and taken apart. */
    private static final int BYTES_PER_HEAD_BYTE = 2;

    private final Ledger memory;
    private final AtomicInteger taken = new AtomicInteger();
    private final Tally exchanges = new Tally();
    private volatile boolean ending;

    Places(Ledger memory) {
        this.memory = memory;
    }

    /** One of them; given back once, whoever closes it again. */
    final class Place implements AutoCloseable {
        private final long bytes;
        private final AtomicBoolean open = new AtomicBoolean(true);
        private final AtomicBoolean awaited = new AtomicBoolean(true);

        private Place(long bytes) {
            this.bytes = bytes;
        }

        /** {@link #awaitNone} does not wait for this one: it is a session's, which may last for ever. */
        void doNotAwait() {
            if (awaited.compareAndSet(true, false)) {
                exchanges.leave();
            }
        }

        @Override
        public void close() {
            if (open.compareAndSet(true, false)) {
                memory.release(bytes);
                taken.decrementAndGet();
                doNotAwait();
            }
        }
    }

    /** A place, or null when {@code most} and those that are about to end are taken, or there is no memory for another. */
    Place take(int most, int headBytes) {
        long bytes = BYTES + (long) BYTES_PER_HEAD_BYTE * headBytes;
        // Counted first: whoever waits for none either sees it or has said so before.
        exchanges.enter();
        boolean free = taken.incrementAndGet() <= (long) most + ENDING;
        if (ending || !free || !memory.tryReserve(bytes)) {
            exchanges.leave();
            taken.decrementAndGet();
            return null;
        }
        return new Place(bytes);
    }

    /** Gives no place any more; waits until all exchanges have ended, or for {@code limit}. */
    void awaitNone(Duration limit) throws InterruptedException {
        ending = true;
        exchanges.awaitNone(limit);
    }

    int taken() {
        return taken.get();
    }
}
