package tunnelforge.agent.traffic;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;

/**
 * A body in the gzip format (RFC 1952), compressed as it is read. Whenever the body would have to be waited for, what has been read of it is flushed, so that its recipient can decode all of it.
 *
 * <p>It has an output of its own, and does not compress into its reader's array: zlib puts in another marker each time that a flush just fills what it is given.
 */
final class GzipSource implements BodySource {
    private static final int INPUT = 16 * 1024;
    private static final int OUTPUT = 8 * 1024;
    /** The most that one keeps beside its deflater. */
    static final int BUFFERS = INPUT + OUTPUT;

    /** No name, no time, no flags; the system is unknown. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};
    private static final int TRAILER = 8;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    /** Taken in one turn: some 10 ms. Virtual threads are never preempted, and a source that is a file never waits. */
    private static final int TURN_BYTES = 512 * 1024;

    private final BodySource body;
    private final Deflater deflater;
    private final CRC32 crc = new CRC32();
    private final byte[] input;
    private final byte[] output;
    /** Of the output: what has been made and not been read. */
    private int from;
    private int to;
    private boolean begun;
    /** Something was taken of the body that no flush has brought out. */
    private boolean owesFlush;
    private boolean ended;
    private int turn;

    /**
     * Compresses a body.
     *
     * @param deflater new, without a wrapper; the caller's to end
     * @param length the body's bytes where they are known, else more
     */
    GzipSource(BodySource body, Deflater deflater, long length) {
        this.body = body;
        this.deflater = deflater;
        this.input = new byte[(int) Math.min(INPUT, length)];
        this.output = new byte[(int) Math.min(OUTPUT, length)];
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        if (len == 0) {
            return 0;
        }
        while (from == to) {
            if (ended) {
                return -1;
            }
            make();
        }
        int count = Math.min(len, to - from);
        System.arraycopy(output, from, b, off, count);
        from += count;
        return count;
    }

    @Override
    public boolean ready() {
        if (from < to || ended || body.ready()) {
            return true;
        }
        if (owesFlush) {
            // Here and not by the next read: that one must not find that nothing was left to be flushed, and wait.
            flush();
        }
        return from < to;
    }

    @Override
    public boolean ended() {
        return ended && from == to;
    }

    /** Without what was said of the content as it was, and not announced. */
    @Override
    public Fields trailers() {
        Fields trailers = body.trailers();
        Compressible.removeProofs(trailers);
        return trailers;
    }

    /** Makes some output, or takes some input and makes none. Waits only while nothing is owed. */
    private void make() throws IOException {
        from = 0;
        to = 0;
        if (!deflater.needsInput()) {
            deflate(Deflater.NO_FLUSH);
        } else if (body.ended()) {
            finish();
        } else if (owesFlush && !body.ready()) {
            flush();
        } else {
            take();
        }
    }

    /** All that was taken, unless the output is too small for it: then the rest is owed. */
    private void flush() {
        from = 0;
        to = 0;
        deflate(Deflater.SYNC_FLUSH);
        owesFlush = to == output.length;
    }

    private void take() throws IOException {
        int count = body.read(input, 0, input.length);
        begin();
        if (count > 0) {
            crc.update(input, 0, count);
            deflater.setInput(input, 0, count);
            owesFlush = true;
            turn += count;
            if (turn >= TURN_BYTES) {
                turn = 0;
                LockSupport.parkNanos(this, 1);
            }
        }
    }

    private void begin() {
        if (!begun) {
            begun = true;
            System.arraycopy(HEADER, 0, output, 0, HEADER.length);
            to = HEADER.length;
        }
    }

    private void finish() {
        begin();
        deflater.finish();
        if (!deflater.finished()) {
            deflate(Deflater.NO_FLUSH);
        }
        if (deflater.finished() && output.length - to >= TRAILER) {
            INT.set(output, to, (int) crc.getValue());
            INT.set(output, to + 4, (int) deflater.getBytesRead());
            to += TRAILER;
            ended = true;
        }
    }

    private void deflate(int mode) {
        to += deflater.deflate(output, to, output.length - to, mode);
    }
}
