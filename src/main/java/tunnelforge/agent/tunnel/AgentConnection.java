package tunnelforge.agent.tunnel;

import tunnelforge.http.Framing;
import tunnelforge.http.Heads;
import tunnelforge.http.RequestHead;
import tunnelforge.mux.AgentRole;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Session;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;

/**
 * What a data connection brings: each request and each session is served on a task of its own.
 *
 * @param maxExchanges the most at once, as agreed with the server
 */
record AgentConnection(Serving serving, int maxExchanges) implements AgentRole.Service {
    @Override
    public void serve(Exchange exchange, RequestHead head, Framing framing, boolean upgrade) {
        Places.Place place = serving.place(maxExchanges, Heads.length(head));
        if (place == null) {
            exchange.reset(ResetCode.NOT_RUN, "the agent serves as much as it can");
            exchange.close();
            return;
        }
        serving.serve(place, exchange, head, framing, upgrade);
    }

    @Override
    public void serve(Session session, SessionOpen open) {
        serving.serve(session, open);
    }
}
