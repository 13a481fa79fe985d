package tunnelforge.http;

import java.io.IOException;

/** The bytes of a body, from wherever they come; for one task at a time. Who opened it closes what is behind it. */
public interface BodySource {
    /**
     * Waits for bytes of the body.
     *
     * @return how many, at least 1 unless {@code len} is 0; -1 at the end
     * @throws IOException when the body breaks off: what has come is not the whole
     */
    int read(byte[] b, int off, int len) throws IOException;

    /** Whether {@link #read} would come back without waiting, with bytes, the end or an error. */
    boolean ready();

    /** Whether it is known, without waiting, that {@link #read} would return -1. */
    boolean ended();

    /** What came behind the body, once it has ended; empty when there was nothing. */
    Fields trailers();
}
