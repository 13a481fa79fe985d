package tunnelforge.agent.tunnel;

import tunnelforge.http.Framing;
import tunnelforge.http.RequestHead;
import tunnelforge.mux.AgentRole;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Session;
import tunnelforge.wire.SessionOpen;

/**
 * What a data connection brings: each request and each session is served on a task of its own.
 *
 * @param maxExchanges the most at once, as agreed with the server
 */
record AgentConnection(Serving serving, int maxExchanges) implements AgentRole.Service {
    @Override
    public boolean serve(Exchange exchange, RequestHead head, Framing framing, boolean upgrade) {
        return serving.serve(exchange, head, framing, upgrade, maxExchanges);
    }

    @Override
    public void serve(Session session, SessionOpen open) {
        serving.serve(session, open);
    }

    @Override
    public void again(Runnable replay) {
        serving.again(replay);
    }

    @Override
    public void visitorHasLeft(String visitorConnection) {
        serving.visitorHasLeft(visitorConnection);
    }
}
