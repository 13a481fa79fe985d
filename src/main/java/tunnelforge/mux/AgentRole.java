package tunnelforge.mux;

import java.io.IOException;
import tunnelforge.http.Framing;
import tunnelforge.http.Heads;
import tunnelforge.http.HttpException;
import tunnelforge.http.RequestHead;
import tunnelforge.http.Upgrade;
import tunnelforge.wire.DataMessage;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;
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
         * @return false when there is no room for it: nothing has been done
         */
        boolean serve(Exchange exchange, RequestHead request, Framing framing, boolean upgrade);

        /** Runs what sends an answer again, on a task of its own. */
        void again(Runnable replay);

        /** Serves a session to its end. */
        void serve(Session session, SessionOpen open);

        /** A visitor's connection, as requests have named it, has ended, and something was logged in on it. */
        void visitorHasLeft(String visitorConnection);
    }

    private final int maxExchanges;
    private final Service service;
    /** Null where the server sends nothing again. */
    private final Resumption resumption;
    private final HeldExchanges held;

    /** For a server that sends no request again. {@code maxExchanges}: what both sides have agreed on for this connection. */
    public AgentRole(int maxExchanges, Service service) {
        this(maxExchanges, service, null, null);
    }

    /**
     * For a server that sends again what was lost with a data connection.
     *
     * @param resumption remembers what has come over all data connections of the tunnel
     * @param connectionId of this one
     */
    public AgentRole(int maxExchanges, Service service, Resumption resumption, String connectionId) {
        this.maxExchanges = maxExchanges;
        this.service = service;
        this.resumption = resumption;
        this.held = resumption == null ? null : resumption.begin(connectionId);
    }

    @Override
    protected void onBegin(Runnable kill) {
        if (held != null) {
            held.of(kill);
        }
    }

    @Override
    protected void onEnd() {
        if (held != null) {
            resumption.lost(held);
        }
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
        if (held == null || !head.fields().contains(Resent.LOST)) {
            begin(link, id, head, framing, held, id);
            return;
        }
        try {
            beginAgain(link, id, head, framing, Resent.parse(head.fields()));
        } catch (IllegalArgumentException e) {
            link.refuse(id, ResetCode.PROTOCOL, e.getMessage());
        }
    }

    /**
     * Serves a request, or refuses it.
     *
     * @param by who remembers it; null where nothing is sent again
     * @param known its id there
     * @return false when it is not to be served, because it has been begun already or has been asked for again
     */
    private boolean begin(Link link, int id, RequestHead head, Framing framing, HeldExchanges by, int known) {
        boolean upgrade = Upgrade.asked(head, framing) != null;
        Exchange exchange = link.accept(id, head.method(), upgrade, Inbox.expected(framing));
        if (exchange == null) {
            link.refuse(id, ResetCode.NOT_RUN, "the agent serves as much as it can");
            return true;
        }
        if (by != null) {
            boolean holds = isSentAgain(framing);
            if (holds) {
                exchange.holdAnswer(resumption.memory(), by.keeper(known, exchange));
            }
            if (!by.begin(known, holds ? exchange : null, held)) {
                exchange.discard();
                return false;
            }
        }
        if (!service.serve(exchange, head, framing, upgrade)) {
            exchange.discard();
            link.refuse(id, ResetCode.NOT_RUN, "the agent serves as much as it can");
            if (by != null) {
                by.hasNotRun(known);
            }
        }
        return true;
    }

    /** A server that has sent a body as it came has not kept it. */
    private static boolean isSentAgain(Framing framing) {
        return framing.isEmpty() || framing instanceof Framing.Length(long bytes) && bytes <= Limits.MAX_RESENT_BODY;
    }

    private void beginAgain(Link link, int id, RequestHead head, Framing framing, Resent resent) {
        HeldExchanges first = null;
        for (Resent.Key key : resent.lost()) {
            HeldExchanges lost = resumption.find(key.connectionId());
            if (lost != null) {
                // What of it is still to be read here has been asked for again.
                lost.fence();
            }
            first = key == resent.lost().getFirst() ? lost : first;
        }
        if (first == null) {
            link.refuse(id, ResetCode.OUTCOME_UNKNOWN, "the agent does not remember the data connection that was lost");
            return;
        }
        int known = resent.lost().getFirst().id();
        if (!first.hasBegun(known) && begin(link, id, head, framing, first, known)) {
            return;
        }
        Exchange begun = first.exchange(known);
        Runnable replay = begun == null ? null : link.take(id, begun, resent);
        if (replay == null) {
            link.refuse(id, ResetCode.OUTCOME_UNKNOWN, "the agent has run the request and does not have its answer any more");
        } else {
            first.goesOn(known, held);
            service.again(replay);
        }
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
