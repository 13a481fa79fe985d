package tunnelforge.mux;

import java.io.IOException;
import tunnelforge.http.Fields;
import tunnelforge.http.ResponseHead;
import tunnelforge.net.Ledger;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;
import tunnelforge.wire.WireException;

/**
 * What one end of a data connection does that the other does not. The link's reading task calls it, and must not be made to wait, where nothing else is said.
 */
public abstract class LinkRole {
    /** What a role may ask of its link, on the reading task. */
    public interface Link {
        /** The exchange of an id; null when it is over. */
        Exchange exchange(int id);

        /** Tells what is late from what never had an exchange: that breaks the protocol. */
        void requireOpened(int type, int id) throws WireException;

        /** How many exchanges occupy the link. */
        int exchanges();

        /**
         * Accepts the exchange of a REQUEST that has just arrived.
         *
         * @param contentLength of its body; -1 when it is not known, 0 when there is none
         * @return null when there is no memory for it
         */
        Exchange accept(int id, String method, boolean upgrade, long contentLength);

        /**
         * Carries on an exchange that another link has carried.
         *
         * @return sends what was sent before, for a task of its own; null when that is not there any more
         */
        Runnable take(int id, Exchange exchange, Resent resent);

        /** Answers with a RESET an id that is not served. */
        void refuse(int id, ResetCode code, String reason);

        /** Gives a response head to its exchange; {@code bytes}: what it took on the wire. */
        void deliverHead(Exchange exchange, ResponseHead head, int bytes) throws IOException;

        void deliverData(Exchange exchange, byte[] b, int off, int length) throws IOException;

        /** The peer's direction is complete; {@code bytes}: what the trailers took on the wire. */
        void deliverEnd(Exchange exchange, Fields trailers, int bytes) throws IOException;

        /** Ends an exchange as the peer has asked. */
        void failByPeer(Exchange exchange, ResetCode code, String reason);

        /** Covers all that is kept. */
        Ledger ledger();
    }

    /** Whether windows hold senders back and PING must be answered; otherwise TCP alone does, and PING may go unanswered. */
    protected boolean hasWindows() {
        return true;
    }

    /** REQUEST, with an id above all before it. */
    protected abstract void onRequest(Link link, int id, byte[] b, int off, int length) throws IOException;

    /** RESPONSE. */
    protected abstract void onResponse(Link link, Exchange exchange, byte[] b, int off, int length) throws IOException;

    /** OPEN has come on a link that carries nothing else. */
    protected abstract void onOpen(Session session, SessionOpen open) throws IOException;

    /** MESSAGE. In the binary encoding nothing that is known comes after the agreement, and what is unknown is ignored. */
    protected void onMessage(Link link, int id, byte[] b, int off, int length) throws IOException {
    }

    /** DRAIN. Nothing new follows, which needs nothing to be done by an agent: the server closes when all is served. */
    protected void onDrain() {
    }

    /** A frame of an exchange that is over for this side, dropped. */
    protected void onLate(int type, int id) {
    }

    /** An exchange no longer occupies the link; once for each, by any task. */
    protected void onForgotten(Exchange exchange) {
    }

    /** The link begins; {@code kill} ends it at once. */
    protected void onBegin(Runnable kill) {
    }

    /** The link has ended, and everything on it has learned that. */
    protected void onEnd() {
    }

    /** A session no longer occupies the link; once for each, by any task, unless the link has ended. */
    protected void onSessionOver() {
    }

    /**
     * Whether the peer is told why the connection ends: when it was silent for too long, by the link; when it has broken the protocol, by whoever runs the link, who then
     * ends the connection. Otherwise the link ends it at once.
     */
    protected boolean tellsWhy() {
        return false;
    }

    /**
     * What an exchange learns when its connection is lost.
     *
     * @param mayHaveLeft whether any byte of its request may have been sent
     */
    protected abstract ResetException lost(boolean mayHaveLeft);

    /** Whether the peer owes something for too long, so that the link is to be killed. By the ticker. */
    protected boolean isOverdue(long now) {
        return false;
    }
}
