package tunnelforge.agent.tunnel;

import tunnelforge.http.Framing;
import tunnelforge.http.RequestHead;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Session;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;

/** What answers requests, or serves sessions: the local service, or the agent itself from a directory. */
public interface Responder {
    /**
     * Answers one request, on a task of its own, and closes the exchange.
     *
     * @param framing of the request's body
     * @param upgrade whether the visitor asks for another protocol
     */
    void serve(Exchange exchange, RequestHead request, Framing framing, boolean upgrade);

    /**
     * Serves one session, on a task of its own, to its end.
     *
     * @param open who has come
     */
    default void serve(Session session, SessionOpen open) {
        session.refuse(ResetCode.NOT_RUN, "this tunnel carries HTTP, and no sessions");
    }

    /** Gives back what it keeps between requests. */
    void close();
}
