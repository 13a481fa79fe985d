package tunnelforge.mux;

import java.io.IOException;
import tunnelforge.http.Framing;
import tunnelforge.http.Heads;
import tunnelforge.http.HttpException;
import tunnelforge.http.RequestHead;
import tunnelforge.http.Upgrade;
import tunnelforge.wire.DataMessage;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;
import tunnelforge.wire.VisitorLeft;
import tunnelforge.wire.WireException;

/** The agent's end of a data connection, which accepts exchanges and sessions. */
public final class AgentRole extends LinkRole {
    /** Serves what is accepted, each on a task of its own: neither method may block. */
    public interface Service {
        /**
         * Answers a request and closes the exchange.
         *
         * @param framing of the request's body
         * @param upgrade whether the visitor asks for another protocol
         */
        void serve(Exchange exchange, RequestHead request, Framing framing, boolean upgrade);

        /** Serves a session to its end. */
        void serve(Session session, SessionOpen open);

        /** A visitor's connection, as requests have named it, has ended, and something was logged in on it. */
        void visitorHasLeft(String visitorConnection);
    }

    private final int maxExchanges;
    private final Service service;

    /** {@code maxExchanges}: what both sides have agreed on for this connection. */
    public AgentRole(int maxExchanges, Service service) {
        this.maxExchanges = maxExchanges;
        this.service = service;
    }

    @Override
    protected void onRequest(Link link, int id, byte[] b, int off, int length) {
        if (link.exchanges() >= maxExchanges) {
            link.refuse(id, ResetCode.NOT_RUN, "more exchanges than the agreed " + maxExchanges);
            return;
        }
        RequestHead head;
        Framing framing;
        try {
            head = Heads.forwardedRequest(b, off, length);
            framing = Framing.ofRequest(head);
        } catch (HttpException e) {
            link.refuse(id, ResetCode.PROTOCOL, e.getMessage());
            return;
        }
        boolean upgrade = Upgrade.asked(head, framing) != null;
        Exchange exchange = link.accept(id, head.method(), upgrade, Inbox.expected(framing));
        if (exchange == null) {
            link.refuse(id, ResetCode.NOT_RUN, "the agent serves as much as it can");
            return;
        }
        service.serve(exchange, head, framing, upgrade);
    }

    /** What is unknown, or cannot be understood, is passed over. */
    @Override
    protected void onMessage(Link link, int id, byte[] b, int off, int length) {
        try {
            String text = FrameBuffer.text(b, off, length);
            if (DataMessage.typeOf(text).equals(DataMessage.VISITOR_LEFT)) {
                service.visitorHasLeft(VisitorLeft.parse(text).visitorConnection());
            }
        } catch (IOException e) {
            // A later server's.
        }
    }

    @Override
    protected void onResponse(Link link, Exchange exchange, byte[] b, int off, int length) throws IOException {
        throw new WireException("RESPONSE to an agent");
    }

    @Override
    protected void onOpen(Session session, SessionOpen open) {
        service.serve(session, open);
    }

    @Override
    protected ResetException lost(boolean mayHaveLeft) {
        return new ResetException(ResetCode.BROKEN_OFF, "the data connection was lost", false);
    }
}
