package tunnelforge.fuzz;

import java.io.InputStream;
import java.util.Random;

/** Octets that a peer sends, in one piece or in pieces of random sizes. Whoever reads on without getting anywhere fails the test: nothing here goes by a clock. */
public final class Input extends InputStream {
    /** A reader may look at the end more than once: in every layer, and at each of its messages. */
    private static final int MOST_READS_AT_END = 8;

    private final byte[] octets;
    /** Null for one piece. */
    private final Random sizes;
    private final int longest;
    private int at;
    private int readsAtEnd;

    Input(byte[] octets, Random sizes) {
        this.octets = octets;
        this.sizes = sizes;
        // Octet by octet, and cut in the middle: each has its faults.
        longest = sizes == null ? octets.length : 1 + sizes.nextInt(sizes.nextBoolean() ? 4 : 1 + octets.length);
    }

    /** How many octets have been taken. */
    public int taken() {
        return at;
    }

    /** All of them, for what is not read as a stream. */
    public byte[] octets() {
        return octets;
    }

    @Override
    public int read() {
        throw new AssertionError("an octet alone is asked for");
    }

    @Override
    public int read(byte[] dst, int off, int len) {
        if (len == 0) {
            throw new AssertionError("no octet is asked for");
        }
        if (at == octets.length) {
            if (++readsAtEnd > MOST_READS_AT_END) {
                throw new AssertionError("the end was read " + readsAtEnd + " times");
            }
            return -1;
        }
        int piece = sizes == null ? longest : 1 + sizes.nextInt(longest);
        int n = Math.min(Math.min(len, piece), octets.length - at);
        System.arraycopy(octets, at, dst, off, n);
        at += n;
        return n;
    }
}
