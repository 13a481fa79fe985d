package tunnelforge.agent.tunnel;

import tunnelforge.mux.Session;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;

/** What answers requests, or serves sessions: the local service, or the agent itself from a directory. */
public interface Responder {
    /** Answers one request. The task is the request's own: what it waits for holds up nobody else, and the request counts until this returns. */
    void serve(Request request, ResponseSink sink);

    /** Serves one session to its end; {@code open} says who has come. Its task is its own as well. */
    default void serve(Session session, SessionOpen open) {
        session.refuse(ResetCode.NOT_RUN, "this tunnel carries HTTP, and no sessions");
    }

    /** Gives back what it keeps between requests. */
    void close();
}
