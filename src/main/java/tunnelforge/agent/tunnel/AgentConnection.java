package tunnelforge.agent.tunnel;

import tunnelforge.http.Framing;
import tunnelforge.http.RequestHead;
import tunnelforge.mux.AgentRole;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Session;
import tunnelforge.net.Tasks;
import tunnelforge.wire.SessionOpen;

/** What a data connection brings: each request and each session becomes a task that serves it. */
record AgentConnection(Responder responder, Tasks tasks) implements AgentRole.Service {
    @Override
    public void serve(Exchange exchange, RequestHead head, Framing framing, boolean upgrade) {
        tasks.start("local exchange", () -> responder.serve(exchange, head, framing, upgrade));
    }

    @Override
    public void serve(Session session, SessionOpen open) {
        tasks.start("local session", () -> responder.serve(session, open));
    }
}
