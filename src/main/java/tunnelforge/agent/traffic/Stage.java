package tunnelforge.agent.traffic;

import tunnelforge.agent.tunnel.Responder;
import tunnelforge.mux.Session;
import tunnelforge.wire.SessionOpen;

/** A responder around another, whose answers to requests it has go through something. Sessions pass as they are. */
abstract class Stage implements Responder {
    final Responder responder;

    Stage(Responder responder) {
        this.responder = responder;
    }

    @Override
    public final void serve(Session session, SessionOpen open) {
        responder.serve(session, open);
    }

    @Override
    public final void visitorHasLeft(String visitorConnection) {
        responder.visitorHasLeft(visitorConnection);
    }

    @Override
    public final void close() {
        responder.close();
    }
}
