package tunnelforge.agent;

import tunnelforge.http.Framing;
import tunnelforge.http.RequestHead;
import tunnelforge.mux.Exchange;

/** What answers requests: the local service, or the agent itself from a directory. */
interface Responder {
    /**
     * Answers one request, on a task of its own, and closes the exchange.
     *
     * @param framing of the request's body
     * @param upgrade whether the visitor asks for another protocol
     */
    void serve(Exchange exchange, RequestHead request, Framing framing, boolean upgrade);

    /** Gives back what it keeps between requests. */
    void close();
}
