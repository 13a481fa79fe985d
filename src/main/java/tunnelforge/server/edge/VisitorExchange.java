package tunnelforge.server.edge;

import java.io.IOException;
import tunnelforge.http.ConnectionLogin;
import tunnelforge.http.Framing;
import tunnelforge.http.HttpException;
import tunnelforge.http.ResponseHead;
import tunnelforge.http.Room;
import tunnelforge.http.Upgrade;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Inflow;
import tunnelforge.mux.ResetException;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Connection;
import tunnelforge.net.Tasks;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.server.tunnel.Visit;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.TunnelError;

/**
 * One request of a visitor through a tunnel, on the visitor's task: the request goes out on a data connection, and the response is written
 * as it arrives. A request that has certainly not run is sent again on another data connection.
 */
final class VisitorExchange {
    private static final int ATTEMPTS = 3;

    private final VisitorStream visitor;
    private final String domain;
    private final Passages passages;
    private final Tasks tasks;
    private Tunnel tunnel;
    private OutgoingRequest request;

    /** {@code domain}: the server's, above which no tunnel may set a cookie. */
    VisitorExchange(VisitorStream visitor, String domain, Passages passages, Tasks tasks) {
        this.visitor = visitor;
        this.domain = domain;
        this.passages = passages;
        this.tasks = tasks;
    }

    /**
     * Serves the request.
     *
     * @param room for a large request
     * @throws HttpException when the body breaks HTTP before there is a response
     * @throws IOException when the visitor has gone, or must see that the response broke off
     */
    void serve(Tunnel visited, Room room) throws IOException {
        tunnel = visited;
        if (tunnel.isStopping()) {
            visitor.last();
        }
        if (visitor.asksToUpgrade()) {
            visitor.collectContent();
        }
        try (Visit visit = tunnel.enter(visitor.gone())) {
            try (OutgoingRequest outgoing = new OutgoingRequest(visitor, passages, room, tasks)) {
                request = outgoing;
                attempt(visit);
            } catch (Refusal e) {
                refuse(e);
            }
        } catch (Refusal e) {
            refuse(e);
        }
    }

    private void attempt(Visit visit) throws Refusal, IOException {
        for (int attempt = 1;; attempt++) {
            Exchange exchange = request.open(visit);
            try (Cancellation.Registration leaving = visitor.gone().onCancel(() -> exchange.reset(ResetCode.CANCELLED, "the visitor has left"))) {
                respond(visit, exchange);
                return;
            } catch (ResetException e) {
                if (!e.safeToSendAgain() || attempt == ATTEMPTS || !request.repeatable()) {
                    fail(e, exchange.peerEnded());
                    return;
                }
            } finally {
                exchange.close();
            }
        }
    }

    // ---- The response. ----

    /** Throws {@link ResetException} only while nothing of a final response has been written. */
    private void respond(Visit visit, Exchange exchange) throws IOException {
        ResponseHead head = exchange.awaitHead();
        while (head.status() < 200 && head.status() != 101) {
            ForwardedHeads.cleanResponse(head.fields(), domain);
            head.fields().remove("Content-Length");
            visitor.informational(head);
            head = exchange.awaitHead();
        }
        request.notAgain();
        if (request.logsIn() || ConnectionLogin.isIn(head)) {
            visitor.connection().loginBegins(tunnel);
        }
        if (head.status() == 101 && !Upgrade.isGranted(visitor.upgradeTo(), head)) {
            answer(TunnelError.UPSTREAM_INVALID, "the agent has switched to a protocol that was not asked for");
        } else if (head.status() == 101) {
            session(visit, exchange, head);
        } else {
            finish(exchange, head);
        }
    }

    private void finish(Exchange exchange, ResponseHead head) throws IOException {
        Framing framing = Framing.ofForwarded(head, visitor.method());
        ForwardedHeads.response(head, domain);
        try (VisitorStream.Response response = visitor.respond(head, framing)) {
            Inflow.receive(exchange, response);
        } catch (ResetException e) {
            throw new IOException("the response broke off: " + e.getMessage(), e);
        }
    }

    /** Bytes both ways, not looked into. Each direction ends by itself. */
    private void session(Visit visit, Exchange exchange, ResponseHead head) throws IOException {
        visit.sessionBegins();
        VisitorStream.Switched switched = visitor.upgrade(ForwardedHeads.switching(head, domain));
        try (VisitorStream.Response to = switched.to()) {
            Thread other = tasks.start("visitor session", new Upload(exchange, switched.from()));
            Inflow.receive(exchange, to);
            try (Connection.Total limit = visitor.within(VisitorLimits.HALF_CLOSED)) {
                // No longer, also when it waits for credit that never comes: the exchange is closed next, and ends it.
                other.join(VisitorLimits.HALF_CLOSED.plusSeconds(1));
            }
        } catch (ResetException e) {
            throw new IOException("the session broke off: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- When there is none. ----

    private void fail(ResetException e, boolean byAgent) throws IOException {
        if (request.broken() != null) {
            throw request.broken();
        }
        if (e.code() == ResetCode.CANCELLED && !byAgent) {
            throw e;
        }
        TunnelError error = switch (e.code()) {
            case UPSTREAM_REFUSED -> TunnelError.UPSTREAM_REFUSED;
            case UPSTREAM_TIMEOUT -> TunnelError.UPSTREAM_TIMEOUT;
            case UPSTREAM_INVALID, BROKEN_OFF, PROTOCOL, CANCELLED -> TunnelError.UPSTREAM_INVALID;
            case NOT_RUN, OVERLOADED -> TunnelError.OVERLOADED;
            case OUTCOME_UNKNOWN -> TunnelError.OUTCOME_UNKNOWN;
            case TOO_LARGE -> TunnelError.TOO_LARGE;
        };
        answer(error, e.getMessage());
    }

    private void refuse(Refusal e) throws IOException {
        if (visitor.gone().cancelled()) {
            throw new IOException("the visitor has left");
        }
        answer(e.error(), e.getMessage());
    }

    private void answer(TunnelError error, String reason) throws IOException {
        int status = visitor.asksToUpgrade() && error == TunnelError.BAD_REQUEST ? 501 : error.status();
        visitor.answer(Page.error(error, status, reason));
    }
}
