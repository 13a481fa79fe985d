package tunnelforge.server.edge;

import java.io.IOException;
import tunnelforge.http.Framing;
import tunnelforge.http.HttpException;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.http.Room;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Inflow;
import tunnelforge.mux.ResetException;
import tunnelforge.mux.json.JsonRequests;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Connection;
import tunnelforge.net.Tasks;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.tunnel.Place;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.server.tunnel.Visit;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.TunnelError;

/**
 * One request of a visitor through a tunnel, on the visitor's task: the request goes out on a data connection, and the response is written as it arrives. A
 * request that has certainly not run is sent again on another data connection.
 */
final class VisitorExchange {
    private static final int ATTEMPTS = 3;

    private final VisitorStream visitor;
    private final String domain;
    private final Tasks tasks;
    private RequestContent content;
    private RequestFrames request;
    /** Carries content that does not leave together with the head. */
    private Upload upload;

    /** {@code domain}: the server's, above which no tunnel may set a cookie. */
    VisitorExchange(VisitorStream visitor, String domain, Tasks tasks) {
        this.visitor = visitor;
        this.domain = domain;
        this.tasks = tasks;
        this.content = visitor.content();
    }

    /**
     * Serves the request.
     *
     * @param room for a large request
     * @throws HttpException when the body breaks HTTP before there is a response
     * @throws IOException when the visitor has gone, or must see that the response broke off
     */
    void serve(Tunnel tunnel, Room room) throws IOException {
        if (tunnel.isStopping()) {
            visitor.last();
        }
        try (Visit visit = tunnel.enter(visitor.gone())) {
            try (RequestFrames encoded = RequestFrames.encode(forwarded(), content, visitor.asksToUpgrade(), room)) {
                request = encoded;
                attempt(visit);
            } catch (Refusal e) {
                refuse(e);
            } finally {
                content.close();
            }
        } catch (Refusal e) {
            refuse(e);
        }
    }

    private RequestHead forwarded() {
        return ForwardedHeads.request(visitor.takeHead(), visitor.asksToUpgrade(), content instanceof RequestContent.Streaming, visitor.address(), visitor.tls());
    }

    private void attempt(Visit visit) throws Refusal, IOException {
        for (int attempt = 1;; attempt++) {
            Exchange exchange = open(visit);
            try (Cancellation.Registration leaving = visitor.gone().onCancel(() -> exchange.reset(ResetCode.CANCELLED, "the visitor has left"))) {
                respond(visit, exchange);
                return;
            } catch (ResetException e) {
                if (!e.safeToSendAgain() || attempt == ATTEMPTS || !content.repeatable()) {
                    fail(e, exchange.peerEnded());
                    return;
                }
            } finally {
                exchange.close();
            }
        }
    }

    // ---- The request. ----

    private Exchange open(Visit visit) throws Refusal, IOException {
        if (visit.encoding() == DataEncoding.JSON) {
            collect(visit);
        }
        // Ends: a place whose connection was gone is not given again, and a visit gives only so many.
        while (true) {
            try (Place place = visit.place()) {
                if (place.encoding() == DataEncoding.JSON) {
                    collect(visit);
                }
                Exchange exchange = open(place);
                if (exchange != null) {
                    return exchange;
                }
            }
        }
    }

    /** Null when the connection has ended between being chosen and being used: nothing of the request has left. */
    private Exchange open(Place place) {
        boolean json = place.encoding() == DataEncoding.JSON;
        FrameBuffer frames = json ? message() : request.frames();
        boolean ended = json ? content.repeatable() : request.ended();
        Exchange exchange;
        try {
            exchange = place.open(frames, visitor.method(), visitor.asksToUpgrade(), json ? 0 : request.dataBytes(), ended);
        } catch (IOException e) {
            return null;
        }
        boolean begun = false;
        try {
            if (content instanceof RequestContent.Collected collected) {
                collected.messageSent();
            }
            if (!ended && !visitor.asksToUpgrade()) {
                upload = new Upload(exchange, new ForwardedBodies.Source(content.source()));
                tasks.start("request body", upload);
            }
            if (!content.repeatable()) {
                request.close();
            }
            begun = true;
            return exchange;
        } finally {
            if (!begun) {
                // Nobody else knows of it.
                exchange.close();
            }
        }
    }

    private FrameBuffer message() {
        byte[] body = switch (content) {
            case RequestContent.None none -> null;
            case RequestContent.Whole whole -> whole.bytes();
            case RequestContent.Collected collected -> collected.repeatable() ? collected.bytes() : null;
            case RequestContent.Streaming streaming -> null;
        };
        return JsonRequests.message(request.head(), body, !content.repeatable());
    }

    /** An agent in the JSON encoding likes a small body best in the message itself. It is read before a data connection is taken for it. */
    private void collect(Visit visit) throws Refusal, IOException {
        if (visitor.asksToUpgrade()) {
            throw Refusal.lasting(TunnelError.BAD_REQUEST, "the agent of this tunnel cannot switch protocols");
        }
        if (content instanceof RequestContent.Streaming streaming) {
            visitor.inviteContent();
            try (Connection.Total limit = visitor.within(VisitorLimits.COLLECT)) {
                content = RequestContent.Collected.read(streaming.source(), Limits.JSON_INLINE_BODY, visit.ledger());
            }
        }
        if (content instanceof RequestContent.Collected collected) {
            collected.chargeMessage();
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
        // It has arrived, and is not sent again.
        request.close();
        if (head.status() == 101) {
            session(visit, exchange, head);
        } else {
            finish(exchange, head);
        }
    }

    private void finish(Exchange exchange, ResponseHead head) throws IOException {
        Framing framing = Framing.ofForwarded(head, visitor.method());
        ForwardedHeads.cleanResponse(head.fields(), domain);
        try (VisitorStream.Response response = visitor.respond(head, framing)) {
            Inflow.receive(exchange, new ForwardedBodies.Sink(response));
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
        if (upload != null && upload.broken() != null) {
            throw upload.broken();
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
