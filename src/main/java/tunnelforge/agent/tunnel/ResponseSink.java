package tunnelforge.agent.tunnel;

import java.io.IOException;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.ResponseHead;
import tunnelforge.wire.ResetCode;

/**
 * Where the answer to one request goes: any number of informational heads, then one response, or one upgrade, or one failure. All by the
 * task that serves the request, and each throws a {@link tunnelforge.mux.ResetException} when the exchange has failed.
 */
public interface ResponseSink {
    void informational(ResponseHead head) throws IOException;

    /**
     * Sends the final head and the body. What is at hand together leaves together; the source is read to its end before its end can be seen
     * by the server.
     *
     * @throws IOException when the source fails; the response is then the caller's to {@link #fail}
     */
    void respond(ResponseHead head, BodySource body) throws IOException;

    /**
     * Answers with a 101 and carries bytes both ways, until both directions have ended. An end that fails breaks off the other direction,
     * and the exchange.
     *
     * @param from read by this task
     * @param to written by another, which has ended when this returns
     */
    void upgrade(ResponseHead head, BodySource from, BodySink to) throws IOException;

    /** There is no answer, or no more of it; nothing happens when the exchange is over. */
    void fail(ResetCode code, String reason);
}
