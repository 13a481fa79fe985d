package tunnelforge.net;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** A connection's raw output: notes how long a write takes, TLS's own ones included. */
final class RawOutput extends OutputStream {
    private static final int PIECE = 32 * 1024;

    private final OutputStream raw;
    private final TimeLimits limits;
    private final Runnable onFailure;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean inPieces;

    /** {@code onFailure}: a write has failed, so the peer has gone. */
    RawOutput(OutputStream raw, TimeLimits limits, Runnable onFailure) {
        this.raw = raw;
        this.limits = limits;
        this.onFailure = onFailure;
    }

    /** Whether large writes are made in pieces, so that whoever measures a slow peer sees it move. */
    void inPieces(boolean on) {
        inPieces = on;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        lock.lock();
        try {
            limits.writeBegins();
            int most = inPieces ? PIECE : len;
            for (int done = 0; done < len;) {
                int piece = Math.min(most, len - done);
                raw.write(b, off + done, piece);
                limits.taken(piece);
                done += piece;
            }
        } catch (IOException e) {
            onFailure.run();
            throw e;
        } finally {
            limits.writeEnds();
            lock.unlock();
        }
    }

    /** What {@code probe} says when nobody writes meanwhile, which would disturb it; else false. Never waits. */
    boolean whileNobodyWrites(BooleanSupplier probe) {
        if (!lock.tryLock()) {
            return false;
        }
        try {
            return probe.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }
}
