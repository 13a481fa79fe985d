package tunnelforge.server.edge;

import java.io.IOException;
import tunnelforge.http.HttpException;
import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.RequestHead;
import tunnelforge.http.Targets;
import tunnelforge.net.Connection;
import tunnelforge.server.edge.Router.Destination;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.text.Addresses;
import tunnelforge.wire.Limits;
import tunnelforge.wire.TunnelError;

/**
 * Whoever speaks HTTP/1.1 to the server, until it is known to be an agent: one task reads its requests one after the other and answers each
 * before it reads the next, so that pipelined requests are answered in order.
 */
public final class Http1Connection {
    private static final int INPUT_BUFFER = 8 * 1024;
    private static final int OUTPUT_BUFFER = 16 * 1024;
    private static final int FIELDS_TOO_LARGE = 431;

    private final Caller caller;
    private final Connection connection;
    private final boolean tls;
    private final String sni;
    private final Edge edge;
    private final VisitorRoom room;
    private final HttpReader reader;
    private final HttpWriter writer;
    /** How the visitor wants a page about its request. */
    private Page.Form form = Page.Form.UNKNOWN;

    /** For a visitor who comes without TLS. */
    public Http1Connection(Caller caller, Edge edge) {
        this(caller, false, null, edge);
    }

    /** {@code sni}: the name in its ClientHello; null for none. */
    Http1Connection(Caller caller, boolean tls, String sni, Edge edge) {
        this.caller = caller;
        this.connection = caller.connection();
        this.tls = tls;
        this.sni = sni;
        this.edge = edge;
        room = new VisitorRoom(edge.room());
        reader = new HttpReader(connection.in(), INPUT_BUFFER, room);
        writer = new HttpWriter(connection.out(), OUTPUT_BUFFER);
    }

    /** Tells a visitor without TLS that its address has too many connections. Waits for nothing: there may be many of them. */
    public static void refuse(Connection connection) {
        Page page = Page.error(TunnelError.RATE_LIMITED, "visitors from your address have too many connections");
        try {
            Http1Stream.write(page, new HttpWriter(connection.out(), INPUT_BUFFER), Page.Form.UNKNOWN, false);
            connection.finish();
        } catch (IOException e) {
            // It has gone.
        }
    }

    /** Serves the connection until it ends. */
    public void run() {
        connection.readLimit(VisitorLimits.STALL);
        connection.writeLimit(VisitorLimits.STALL);
        connection.endIsGone(true);
        try {
            serveRequests();
        } catch (IOException e) {
            edge.log().debug("visitor_lost", "a visitor's connection ended", "peer", Addresses.text(connection.peer().getAddress()), "error", e);
        } finally {
            connection.close();
            room.close();
        }
    }

    private void serveRequests() throws IOException {
        try {
            boolean more;
            do {
                Http1Stream stream = next();
                if (stream == null) {
                    return;
                }
                more = serve(stream);
            } while (more);
        } catch (HttpException e) {
            edge.turnedAway().tell("request_refused", e.getMessage(), connection.peer().getAddress(), "status", e.status());
            Http1Stream.write(refusal(e), writer, form, false);
        }
        // So that the visitor can read what was said before the connection closes under what it is still sending.
        connection.linger(VisitorLimits.LINGER, VisitorLimits.LINGER_BYTES);
    }

    /** Null at the end. */
    private Http1Stream next() throws IOException {
        form = Page.Form.UNKNOWN;
        caller.isSilent();
        try (Connection.Total idle = connection.within(VisitorLimits.IDLE)) {
            if (!reader.fill()) {
                return null;
            }
        }
        RequestHead head;
        try (Connection.Total limit = connection.within(VisitorLimits.HEAD)) {
            head = reader.readRequest(Limits.MAX_VISITOR_HEAD);
        }
        if (head == null) {
            return null;
        }
        form = Page.Form.of(head);
        if (head.fields().size() > VisitorLimits.FIELD_LINES) {
            throw new HttpException(FIELDS_TOO_LARGE, head.fields().size() + " field lines where " + VisitorLimits.FIELD_LINES + " are allowed");
        }
        return new Http1Stream(connection, tls, reader, writer, Targets.toOriginForm(head), form, room);
    }

    /** Serves one request; false when the connection can take no other. */
    private boolean serve(Http1Stream stream) throws IOException {
        try {
            switch (tls ? edge.router().overTls(sni, stream.head()) : edge.router().overHttp(stream.head())) {
                case Destination.ToTunnel(Tunnel tunnel) ->
                        new VisitorExchange(stream, caller, edge).serve(tunnel, room);
                case Destination.Entrance entrance -> edge.entrance().serve(stream, caller);
                case Destination.Welcome welcome -> stream.answer(Page.welcome());
                case Destination.ToHttps(Tunnel tunnel) -> stream.answer(Page.redirect(edge.addresses().httpsUrl(tunnel.address().host()) + stream.path()));
                case Destination.Nowhere(TunnelError error, String reason) -> stream.answer(Page.error(error, reason));
            }
            return stream.finish();
        } finally {
            stream.close();
        }
    }

    private static Page refusal(HttpException e) {
        TunnelError error = switch (e.status()) {
            case 413, 414, 431 -> TunnelError.TOO_LARGE;
            case HttpException.OVERLOADED -> TunnelError.OVERLOADED;
            default -> TunnelError.BAD_REQUEST;
        };
        return Page.error(error, e.status(), e.getMessage());
    }
}
