package tunnelforge.http;

import java.io.IOException;

/** Where a body comes from, or the bytes after a 101. One task at a time. */
public interface BodySource {
    /**
     * Reads some bytes; waits only when there are none to return.
     *
     * @return how many, at least 1 unless {@code len} is 0; -1 at the end
     */
    int read(byte[] b, int off, int len) throws IOException;

    /** Whether {@link #read} would return at once, with bytes or with the end. */
    boolean ready();

    /** Whether the end is known to have been reached. */
    boolean ended();

    /** The trailers, after the end; empty when there are none. */
    Fields trailers();
}
