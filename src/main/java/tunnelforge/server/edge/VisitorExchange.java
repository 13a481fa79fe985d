package tunnelforge.server.edge;

import java.io.IOException;
import java.time.Duration;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.Heads;
import tunnelforge.http.HopByHop;
import tunnelforge.http.HttpException;
import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.ResetException;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.tunnel.Place;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.server.tunnel.Visit;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.TunnelError;

/**
 * One request of a visitor and its response, on the visitor's task: the request goes out on a data connection of the tunnel, and the
 * response is written as it arrives. A request that has certainly not run is sent again on another data connection.
 */
final class VisitorExchange {
    private static final int ATTEMPTS = 3;
    private static final int PIECE = 64 * 1024;
    private static final Duration DROP_LIMIT = Duration.ofSeconds(2);
    private static final byte[] NOTHING = {};

    private final Http1Connection visitor;
    private final Tunnel tunnel;
    private Visit visit;
    private final Connection connection;
    private final HttpReader reader;
    private final HttpWriter writer;
    private final RequestHead request;
    private final Framing framing;
    private final boolean upgrade;
    private final boolean persists;
    private final FrameBuffer frames;
    /** The visitor sends its body only after a 100. */
    private boolean awaitsContinue;
    /** Nothing of the body, or of its absence, is left to read. */
    private boolean bodyRead;
    /** What of the body was read before the head is sent: kept, so that it can be sent again. */
    private byte[] first = NOTHING;
    /** What of the tunnel's memory it takes. */
    private Ledger.Charge charge;
    /** Carries the body when it does not leave together with the head. */
    private RequestBody body;

    /**
     * @param request in origin form; its fields are used up
     * @throws HttpException when its framing is not one
     */
    VisitorExchange(Http1Connection visitor, Tunnel tunnel, RequestHead request) throws HttpException {
        this.visitor = visitor;
        this.tunnel = tunnel;
        this.connection = visitor.connection();
        this.reader = visitor.reader();
        this.writer = visitor.writer();
        this.frames = visitor.emptyFrames();
        this.request = request;
        this.framing = Framing.ofRequest(request);
        this.upgrade = HopByHop.isUpgrade(request);
        this.persists = HopByHop.persists(request) && !tunnel.isStopping();
        this.awaitsContinue = request.minorVersion() > 0 && request.fields().hasToken("Expect", "100-continue");
    }

    /**
     * Serves the request.
     *
     * @return whether the connection can take another request
     * @throws HttpException when the body breaks HTTP before there is a response
     * @throws IOException when the visitor has gone, or must see that the response broke off
     */
    boolean serve() throws IOException {
        RequestHead forwarded = ForwardedHeads.request(request, upgrade, framing, connection.peer().getAddress(), visitor.tls());
        reader.startBody(framing);
        bodyRead = reader.bodyEnded();
        try {
            visit = tunnel.enter(new Cancellation());
        } catch (Refusal e) {
            return answer(e.error(), e.getMessage());
        }
        try {
            if (visit.encoding() == DataEncoding.JSON) {
                collect();
            }
            for (int attempt = 1;; attempt++) {
                Exchange exchange = open(forwarded);
                try {
                    visitor.awaiting(exchange);
                    return respond(exchange);
                } catch (ResetException e) {
                    if (!e.safeToSendAgain() || attempt == ATTEMPTS || body != null) {
                        return fail(e, exchange.peerEnded());
                    }
                } finally {
                    visitor.awaiting(null);
                    exchange.close();
                }
            }
        } catch (Refusal e) {
            return answer(e.error(), e.getMessage());
        } finally {
            if (charge != null) {
                charge.release();
            }
            visit.close();
        }
    }

    // ---- The request. ----

    private Exchange open(RequestHead forwarded) throws Refusal, IOException {
        while (true) {
            // After too many that broke, place() refuses.
            try (Place place = visit.place()) {
                Exchange exchange = openOn(place, forwarded);
                if (exchange != null) {
                    return exchange;
                }
            }
        }
    }

    /** Null when the connection has ended between being chosen and being used: nothing of the request has left. */
    private Exchange openOn(Place place, RequestHead forwarded) throws Refusal, IOException {
        boolean whole;
        int inline = 0;
        frames.clear();
        if (place.encoding() == DataEncoding.JSON) {
            collect();
            whole = bodyRead;
            frames.message(0, tunnelforge.mux.json.JsonRequests.encode(forwarded, !whole || first.length == 0 ? null : first, !whole));
        } else {
            takeWhatIsHere();
            whole = bodyRead && first.length <= Limits.INITIAL_WINDOW;
            inline = whole ? first.length : 0;
            encode(forwarded, whole);
        }
        Exchange exchange;
        try {
            exchange = place.open(frames, request.method(), upgrade, inline, whole && !upgrade);
        } catch (IOException e) {
            return null;
        }
        if (!whole) {
            body = new RequestBody(visitor, exchange, first);
            visitor.edge().tasks().start("request body", body);
        }
        return exchange;
    }

    /** REQUEST, and with it a body that is here already, so that both leave in one write. */
    private void encode(RequestHead forwarded, boolean whole) {
        int header = frames.begin(0, FrameType.REQUEST);
        frames.ensure(Heads.length(forwarded));
        frames.advance(Heads.write(forwarded, frames.array(), frames.length()));
        frames.finish(header);
        if (whole) {
            frames.data(0, first, 0, first.length);
            if (!upgrade) {
                frames.end(0);
            }
        }
    }

    /** Reads a small body that has come together with its head. */
    private void takeWhatIsHere() throws IOException {
        if (bodyRead || awaitsContinue || !(framing instanceof Framing.Length(long length))
                || length > Limits.INITIAL_WINDOW || length > reader.buffered()) {
            return;
        }
        first = new byte[(int) length];
        for (int read = 0; read < first.length;) {
            read += reader.readBody(first, read, first.length - read);
        }
        bodyRead = true;
    }

    /** An agent in the JSON encoding likes a small body best in the message itself. It is read before a data connection is taken for it. */
    private void collect() throws Refusal, IOException {
        if (upgrade) {
            throw Refusal.lasting(TunnelError.BAD_REQUEST, "the agent of this tunnel cannot switch protocols");
        }
        if (bodyRead || charge != null) {
            return;
        }
        if (awaitsContinue) {
            writer.head(new ResponseHead(100, "Continue", 1, new Fields()));
            writer.flush();
            awaitsContinue = false;
        }
        charge = visit.ledger().charge();
        first = JsonRequests.collect(reader, connection, charge);
        bodyRead = reader.bodyEnded();
    }

    // ---- The response. ----

    /** Throws {@link ResetException} only while nothing of a final response has been written. */
    private boolean respond(Exchange exchange) throws IOException {
        ResponseHead head = exchange.awaitHead();
        while (head.status() < 200 && head.status() != 101) {
            if (request.minorVersion() > 0) {
                ForwardedHeads.cleanResponse(head.fields(), visitor.edge().addresses().domain());
                head.fields().remove("Content-Length");
                connection.sendDeadline(Http1Connection.STALL_LIMIT);
                writer.head(head);
                writer.flush();
                connection.noSendDeadline();
            }
            awaitsContinue &= head.status() != 100;
            head = exchange.awaitHead();
        }
        if (head.status() == 101) {
            visitor.awaiting(null);
            visit.sessionBegins();
            new UpgradedSession(visitor, exchange).run(head);
            return false;
        }
        return writeFinal(exchange, head);
    }

    private boolean writeFinal(Exchange exchange, ResponseHead head) throws IOException {
        Framing out = visitorFraming(head);
        boolean unwantedBody = awaitsContinue && body != null && !body.complete();
        boolean keep = persists && !unwantedBody && !(out instanceof Framing.UntilClose);
        writeHead(head, out, keep);
        try {
            copyBody(exchange);
        } catch (ResetException e) {
            breakOff(out);
            throw new IOException("the response broke off: " + e.getMessage(), e);
        }
        writer.endBody(out instanceof Framing.Chunked ? ForwardedHeads.trailers(exchange.trailers()) : null);
        writer.flush();
        connection.noSendDeadline();
        return keep && restOfBodyRead();
    }

    /** How the body is delimited towards the visitor; towards the agent it was by its Content-Length, or by END. */
    private Framing visitorFraming(ResponseHead head) throws HttpException {
        Framing framed = Framing.ofForwarded(head, request.method());
        return framed instanceof Framing.Chunked && request.minorVersion() == 0 ? Framing.UNTIL_CLOSE : framed;
    }

    private void writeHead(ResponseHead head, Framing out, boolean keep) throws IOException {
        Fields fields = head.fields();
        ForwardedHeads.cleanResponse(fields, visitor.edge().addresses().domain());
        switch (out) {
            case Framing.Chunked chunked -> fields.add("Transfer-Encoding", "chunked");
            case Framing.Length(long length) -> fields.set("Content-Length", Long.toString(length));
            case Framing.None none when head.status() == 204 -> fields.remove("Content-Length");
            case Framing.None none -> { }
            case Framing.UntilClose untilClose -> { }
        }
        if (!keep) {
            fields.add("Connection", "close");
        } else if (request.minorVersion() == 0) {
            fields.add("Connection", "keep-alive");
        }
        connection.sendDeadline(Http1Connection.STALL_LIMIT);
        writer.head(new ResponseHead(head.status(), head.reason(), 1, fields));
        writer.startBody(out);
    }

    private void copyBody(Exchange exchange) throws IOException {
        while (true) {
            if (!exchange.dataReady()) {
                visitor.awaiting(exchange);
                writer.flush();
                connection.noSendDeadline();
            }
            int count = Math.min(PIECE, exchange.awaitData());
            // From here on the visitor itself is waited for.
            visitor.awaiting(null);
            if (count == 0) {
                return;
            }
            connection.sendDeadline(Http1Connection.STALL_LIMIT);
            writer.body(exchange.data(), exchange.dataOffset(), count);
            exchange.taken(count);
        }
    }

    /** Ends the connection so that no visitor takes what it has got for the whole. */
    private void breakOff(Framing out) {
        connection.sendDeadline(DROP_LIMIT);
        try {
            writer.flush();
        } catch (IOException e) {
            // Broken it is.
        }
        if (out instanceof Framing.UntilClose) {
            connection.abort();
        } else {
            connection.kill();
        }
    }

    private boolean restOfBodyRead() {
        if (body != null && !body.complete()) {
            connection.sendDeadline(DROP_LIMIT);
            body.await();
            connection.noSendDeadline();
        }
        return body == null || body.complete();
    }

    // ---- When there is none. ----

    private boolean fail(ResetException e, boolean byAgent) throws IOException {
        if (body != null && body.broken() != null) {
            throw body.broken();
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
        return answer(error, e.getMessage());
    }

    private boolean answer(TunnelError error, String reason) throws IOException {
        int status = upgrade && error == TunnelError.BAD_REQUEST ? 501 : error.status();
        boolean keep = persists && (bodyRead || body != null && (body.complete() || !awaitsContinue));
        connection.sendDeadline(Http1Connection.STALL_LIMIT);
        Page.error(request, error, status, reason).write(writer, request, keep);
        connection.noSendDeadline();
        return keep && restOfBodyRead();
    }
}
