package tunnelforge.agent.tunnel;

import java.io.IOException;
import tunnelforge.http.Framing;
import tunnelforge.http.Heads;
import tunnelforge.http.HopByHop;
import tunnelforge.http.HttpException;
import tunnelforge.http.RequestHead;
import tunnelforge.http.Room;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.FrameLink;
import tunnelforge.mux.Session;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;
import tunnelforge.wire.TunnelLimits;

/** The agent's end of one data connection: each REQUEST becomes a task that serves it. */
final class AgentConnection extends FrameLink {
    private final Serving serving;
    private final TunnelLimits limits;

    AgentConnection(Connection connection, FrameReader reader, Ledger memory, TunnelLimits limits, Serving serving) {
        super(connection, reader, true, true, limits, memory);
        this.serving = serving;
        this.limits = limits;
    }

    @Override
    protected void onRequest(int id, byte[] b, int off, int length) throws IOException {
        if (exchanges() >= limits.maxExchangesPerConnection()) {
            refuse(id, ResetCode.NOT_RUN, "more exchanges than the agreed " + limits.maxExchangesPerConnection());
            return;
        }
        RequestHead head;
        Framing framing;
        try {
            head = Heads.request(b, off, length);
            // An Upgrade has no body, also when it says so by a Content-Length of 0.
            framing = HopByHop.isUpgrade(head) ? Framing.NONE : Framing.ofRequest(head);
        } catch (HttpException e) {
            refuse(id, ResetCode.PROTOCOL, e.getMessage());
            return;
        }
        boolean upgrade = HopByHop.isUpgrade(head);
        long contentLength = switch (framing) {
            case Framing.Length(long bytes) -> bytes;
            case Framing.None none -> 0;
            case Framing.Chunked chunked -> -1;
            case Framing.UntilClose untilClose -> throw new IllegalStateException("a request has no such framing");
        };
        Places.Place place = serving.place(limits.maxExchanges(), length);
        Exchange exchange = place == null ? null : accept(id, head.method(), upgrade, contentLength);
        if (exchange == null) {
            refuse(id, ResetCode.NOT_RUN, "the agent serves as much as it can");
            if (place != null) {
                place.close();
            }
            return;
        }
        serving.serve(place, exchange, head, framing, upgrade);
    }

    @Override
    protected void onOpen(Session session, SessionOpen open) {
        serving.serve(session, open);
    }

    @Override
    protected void onMessage(int id, String json) {
        // Nothing that is known comes after the agreement; what is unknown is ignored.
    }

    @Override
    protected void onDrain() {
        // Nothing new follows, which needs nothing to be done: the server closes when all is served.
    }

    @Override
    protected void onForgotten(Exchange exchange) {
        // Its task ends by itself.
    }

    /** Whole DATA frames fit; but there is no room for any before the server has accepted the connection. */
    static FrameReader reader(java.io.InputStream in) {
        return new FrameReader(in, READ_BUFFER, Limits.HELLO_MESSAGE, Room.NONE);
    }
}
