package tunnelforge.agent.traffic;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.Deflater;
import tunnelforge.net.Ledger;

/** How many responses a program compresses at once. A new deflater costs half a microsecond more than one that is used again (measured, of 2 to 8 for 1 KiB), so none are kept. */
public final class Deflaters {
    /** At once, of all tunnels: each holds memory for as long as its visitor reads. */
    static final int MOST = 64;
    /** What zlib takes outside of the heap with its usual window and tables (zconf.h: 2^17 + 2^17), and the buffers of a {@link GzipSource}. */
    static final int BYTES = 256 * 1024 + GzipSource.BUFFERS;

    /** Up to so many bytes the fastest level does as well as the usual one, in two thirds of its time. */
    private static final int SHORT = 4 * 1024;

    private final AtomicInteger taken = new AtomicInteger();

    public Deflaters() {
    }

    /**
     * One of them.
     *
     * @param length the bytes to compress where they are known, else more
     * @param memory is charged
     * @return null when all are taken, or when memory is to be had for what is needed only
     */
    Lease take(long length, Ledger memory) {
        if (taken.incrementAndGet() > MOST) {
            taken.decrementAndGet();
            return null;
        }
        if (!memory.tryGrow(BYTES)) {
            taken.decrementAndGet();
            return null;
        }
        try {
            return new Lease(new Deflater(length <= SHORT ? Deflater.BEST_SPEED : Deflater.DEFAULT_COMPRESSION, true), memory);
        } catch (OutOfMemoryError e) {
            giveBack(memory);
            throw e;
        }
    }

    private void giveBack(Ledger memory) {
        memory.release(BYTES);
        taken.decrementAndGet();
    }

    int taken() {
        return taken.get();
    }

    /** A deflater, ended when this is closed. For one task. */
    final class Lease implements AutoCloseable {
        private final Deflater deflater;
        private final Ledger memory;
        private boolean open = true;

        private Lease(Deflater deflater, Ledger memory) {
            this.deflater = deflater;
            this.memory = memory;
        }

        /** Raw: without a wrapper of its own. */
        Deflater deflater() {
            return deflater;
        }

        @Override
        public void close() {
            if (open) {
                open = false;
                deflater.end();
                giveBack(memory);
            }
        }
    }
}
