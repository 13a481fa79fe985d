package tunnelforge.agent.tunnel;

import java.time.Duration;
import tunnelforge.http.Framing;
import tunnelforge.http.Heads;
import tunnelforge.http.RequestHead;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Session;
import tunnelforge.net.Descriptors;
import tunnelforge.net.Ledger;
import tunnelforge.net.Tasks;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;

/** Serves what comes over the data connections of one tunnel, each exchange and session on a task that holds a place until it ends. */
public final class Serving {
    private final Responder responder;
    private final Tasks tasks;
    private final Places places;
    private final int mostSessions;
    private final FrameBuffers buffers = new FrameBuffers();

    /** {@code memory}: the program's, since the tunnel's part is for windows alone. */
    public Serving(Responder responder, Ledger memory, int mostSessions, Tasks tasks) {
        this.responder = responder;
        this.tasks = tasks;
        // The rest is for what those have to receive, and for what their answers wait in; and of the connections, for those to the server.
        this.places = new Places(memory.part(Math.min(memory.capacity() / 4 * 3, Descriptors.forConnections() / 2L * Places.BYTES)));
        this.mostSessions = mostSessions;
    }

    /** {@code mostExchanges}: at once, as agreed with the server. Returns false when there is no room for it. */
    boolean serve(Exchange exchange, RequestHead head, Framing framing, boolean upgrade, int mostExchanges) {
        Places.Place place = places.take(mostExchanges, Heads.length(head));
        if (place == null) {
            return false;
        }
        start("local exchange", place, () -> answer(place, exchange, new ExchangeRequest(exchange, head, framing, upgrade)));
        return true;
    }

    private void answer(Places.Place place, Exchange exchange, Request request) {
        FrameBuffer frames = buffers.take();
        try {
            responder.serve(request, new ExchangeSink(exchange, frames, tasks, place::doNotAwait));
        } finally {
            exchange.close();
            buffers.give(frames);
        }
    }

    void serve(Session session, SessionOpen open) {
        Places.Place place = places.take(mostSessions, 0);
        if (place == null) {
            tasks.start("local session", () -> session.refuse(ResetCode.NOT_RUN, "the agent serves as much as it has memory for"));
            return;
        }
        place.doNotAwait();
        start("local session", place, () -> responder.serve(session, open));
    }

    /** Sends an answer again. */
    void again(Runnable replay) {
        tasks.start("answer again", replay);
    }

    /** A visitor's connection has ended. Never waits. */
    void visitorHasLeft(String visitorConnection) {
        responder.visitorHasLeft(visitorConnection);
    }

    /** Serves nothing new; waits until every exchange has been answered, or for {@code limit}. Sessions are not waited for. */
    public void awaitNone(Duration limit) throws InterruptedException {
        places.awaitNone(limit);
    }

    private void start(String name, Places.Place place, Runnable body) {
        try {
            tasks.start(name, () -> {
                try (place) {
                    body.run();
                }
            });
        } catch (RuntimeException | Error e) {
            place.close();
            throw e;
        }
    }
}
