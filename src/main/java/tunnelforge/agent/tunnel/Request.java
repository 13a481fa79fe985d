package tunnelforge.agent.tunnel;

import java.io.IOException;
import tunnelforge.http.BodySink;
import tunnelforge.http.Framing;
import tunnelforge.http.RequestHead;

/** One request as the server has sent it. */
public interface Request {
    /** The head; the responder may change its fields. */
    RequestHead head();

    /** Of the content. */
    Framing framing();

    /** Whether the visitor asks for another protocol. Its content, if there is any, comes at once. */
    boolean upgrade();

    /** How many bytes of content there are when all of it has arrived; -1 while more may come. */
    int wholeContent();

    /**
     * Hands the content to the sink as it arrives, to its end. Once, by any one task; it ends with the exchange at the latest.
     *
     * @throws tunnelforge.mux.ResetException when the exchange ends before the content does
     * @throws IOException when the sink fails
     */
    void content(BodySink to) throws IOException;

    /** The local service is about to get it: from now on it may have run, also as far as the agent's next process knows. */
    void given();

    /** Whether nobody wants an answer any more. */
    boolean isOver();

    /** What is to happen when the exchange ends early. After {@link #close} has returned it neither runs nor is running. */
    interface Hook extends AutoCloseable {
        @Override
        void close();
    }

    /** Runs {@code hook} when the exchange ends early, at once when it has; it must not block. For ending what a task is blocked on. */
    Hook onEnd(Runnable hook);
}
