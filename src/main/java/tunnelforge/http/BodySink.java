package tunnelforge.http;

import java.io.IOException;

/** Where the bytes of a body go; for one task at a time. A body that is not ended must look broken off to whoever receives it. */
public interface BodySink {
    /** Takes all of them; may wait for whoever receives them, and may keep them until {@link #flush} or {@link #end}. */
    void write(byte[] b, int off, int len) throws IOException;

    /** Lets the receiver have what was written. */
    void flush() throws IOException;

    /** The body is complete. Flushes; nothing may be written any more. */
    void end(Fields trailers) throws IOException;
}
