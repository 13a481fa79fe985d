package tunnelforge.agent.tunnel;

import tunnelforge.http.Framing;
import tunnelforge.http.RequestHead;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Session;
import tunnelforge.net.Tasks;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.SessionOpen;

/** Serves what comes over the data connections of one tunnel: each exchange and each session on a task of its own. */
public final class Serving {
    private final Responder responder;
    private final Tasks tasks;
    private final FrameBuffers buffers = new FrameBuffers();

    public Serving(Responder responder, Tasks tasks) {
        this.responder = responder;
        this.tasks = tasks;
    }

    void serve(Exchange exchange, RequestHead head, Framing framing, boolean upgrade) {
        tasks.start("local exchange", () -> answer(exchange, new ExchangeRequest(exchange, head, framing, upgrade)));
    }

    private void answer(Exchange exchange, Request request) {
        FrameBuffer frames = buffers.take();
        try {
            responder.serve(request, new ExchangeSink(exchange, frames, tasks));
        } finally {
            exchange.close();
            buffers.give(frames);
        }
    }

    void serve(Session session, SessionOpen open) {
        tasks.start("local session", () -> responder.serve(session, open));
    }
}
