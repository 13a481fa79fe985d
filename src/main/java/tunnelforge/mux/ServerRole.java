package tunnelforge.mux;

import java.io.IOException;
import tunnelforge.http.Heads;
import tunnelforge.http.HttpException;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;
import tunnelforge.wire.WireException;

/** The server's end of a data connection, which opens exchanges and sessions. */
public class ServerRole extends LinkRole {
    /** Whose data connection it is. By any task; nothing here may block. */
    public interface Owner {
        /** An exchange or a session no longer occupies the connection; once for each that was opened, but for a session that ends with the connection. */
        void placeFree();

        /** The agent wishes that nothing new is opened on the connection. */
        void drainAsked();
    }

    private final Owner owner;

    public ServerRole(Owner owner) {
        this.owner = owner;
    }

    @Override
    protected void onRequest(Link link, int id, byte[] b, int off, int length) throws IOException {
        throw new WireException("REQUEST to a server");
    }

    @Override
    protected void onOpen(Session session, SessionOpen open) throws IOException {
        throw new WireException("OPEN to a server");
    }

    @Override
    protected void onResponse(Link link, Exchange exchange, byte[] b, int off, int length) throws IOException {
        try {
            link.deliverHead(exchange, Heads.response(b, off, length), length);
        } catch (HttpException e) {
            throw new ResetException(ResetCode.UPSTREAM_INVALID, e.getMessage(), false);
        }
    }

    @Override
    protected final void onDrain() {
        owner.drainAsked();
    }

    @Override
    protected void onForgotten(Exchange exchange) {
        placeFree();
    }

    @Override
    protected final void onSessionOver() {
        placeFree();
    }

    @Override
    protected final boolean tellsWhy() {
        return true;
    }

    protected final void placeFree() {
        owner.placeFree();
    }

    @Override
    protected final ResetException lost(boolean mayHaveLeft) {
        return ResetException.lost(ResetCode.OUTCOME_UNKNOWN, !mayHaveLeft);
    }
}
