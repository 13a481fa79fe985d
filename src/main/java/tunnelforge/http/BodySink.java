package tunnelforge.http;

import java.io.IOException;

/** Where a body goes, or the bytes after a 101. One task at a time. */
public interface BodySink {
    /** Takes bytes, which need not leave before {@link #flush}. */
    void write(byte[] b, int off, int len) throws IOException;

    /** Hands everything to the peer that was written so far. */
    void flush() throws IOException;

    /** Ends the body and flushes. A body that is not ended looks broken to the peer. */
    void end(Fields trailers) throws IOException;
}
