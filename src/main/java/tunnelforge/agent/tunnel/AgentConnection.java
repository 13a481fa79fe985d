package tunnelforge.agent.tunnel;

import tunnelforge.http.Framing;
import tunnelforge.http.RequestHead;
import tunnelforge.mux.AgentRole;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Session;
import tunnelforge.wire.SessionOpen;

/** What a data connection brings: each request and each session becomes a task that serves it. */
record AgentConnection(Serving serving, int maxExchanges) implements AgentRole.Service {
    @Override
    public AgentRole.Turn begin(int headBytes) {
        Places.Place place = serving.place(maxExchanges, headBytes);
        return place == null ? null : new AgentRole.Turn() {
            @Override
            public void serve(Exchange exchange, RequestHead head, Framing framing, boolean upgrade) {
                serving.serve(place, exchange, head, framing, upgrade);
            }

            @Override
            public void close() {
                place.close();
            }
        };
    }

    @Override
    public void serve(Session session, SessionOpen open) {
        serving.serve(session, open);
    }
}
