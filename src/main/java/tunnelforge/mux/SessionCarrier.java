package tunnelforge.mux;

import java.io.IOException;
import java.util.function.BooleanSupplier;
import tunnelforge.net.Clock;
import tunnelforge.wire.FrameBuffer;

/** The data connection that carries a session. Nothing here waits but {@link #send} and {@link #flush}. */
interface SessionCarrier {
    /**
     * Waits while the queue is full.
     *
     * @param wanted asked when their turn has come, under the carrier's lock: what it rules out never comes behind what was posted since it began to
     * @return false when the frames were dropped
     */
    boolean send(FrameBuffer frames, BooleanSupplier wanted) throws IOException;

    /** Behind what is queued; written by the flush task, or by whoever comes, which the caller sees to with {@link #flush}. */
    void post(FrameBuffer frames, FrameWriter.By by) throws IOException;

    /** Writes what is queued. */
    void flush() throws IOException;

    /** Whether the peer knows DONE. */
    boolean knowsDone();

    /** The session has the connection no longer, though nobody is told yet. */
    void free();

    /** Another session may begin on the connection. */
    void placeFree();

    /** Closes the connection when all that is queued has been sent. */
    void endWhenSent();

    Clock clock();
}
