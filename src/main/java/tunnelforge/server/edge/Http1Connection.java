package tunnelforge.server.edge;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import tunnelforge.http.HttpException;
import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.RequestHead;
import tunnelforge.http.Targets;
import tunnelforge.net.ClientHello;
import tunnelforge.net.Connection;
import tunnelforge.server.access.Figures;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.VisitorRules;
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
    private static final int REQUEST_TIMEOUT = 408;
    /** Of what came in place of a head so much is noted. */
    private static final int MAX_UNREAD = 1024;

    private final Caller caller;
    private final Connection connection;
    private final VisitorConnection named;
    private final boolean tls;
    private final String sni;
    private final Edge edge;
    private final VisitorRoom room;
    private final HttpReader reader;
    private final HttpWriter writer;
    private final PageWriter pages;
    private final boolean believed;
    private final LateVisitor late;
    private final RequestNotes notes;
    /** Nothing has been served on it yet. */
    private boolean first = true;
    /** How the visitor wants a page about its request. */
    private volatile Page.Form form = Page.Form.UNKNOWN;

    /** For a visitor who comes without TLS. */
    public Http1Connection(Caller caller, Edge edge) {
        this(caller, false, null, edge);
    }

    /** {@code sni}: the name in its ClientHello; null for none. */
    Http1Connection(Caller caller, boolean tls, String sni, Edge edge) {
        this.caller = caller;
        this.connection = caller.connection();
        this.named = new VisitorConnection(connection.gone());
        this.tls = tls;
        this.sni = sni;
        this.edge = edge;
        room = new VisitorRoom(edge.room());
        reader = new HttpReader(connection.in(), INPUT_BUFFER, room);
        writer = new HttpWriter(connection.out(), OUTPUT_BUFFER);
        notes = new RequestNotes(edge.figures(), edge.served(), connection.peer().getAddress(), tls);
        pages = pages();
        believed = edge.believed().stream().anyMatch(range -> range.contains(connection.peer().getAddress()));
        late = new LateVisitor(connection, edge.tasks(), this::tooLate);
    }

    private PageWriter pages() {
        return new PageWriter(writer, new OwnFields(edge.hsts()).over(tls), notes);
    }

    /**
     * Tells a visitor without TLS that its address has too many connections. Waits for nothing: there may be many of them.
     *
     * @param figures count it
     * @param served is told; null for nobody
     */
    public static void refuse(Connection connection, Figures figures, ServedListener served) {
        try {
            answerUnread(connection, figures, served, Page.error(TunnelError.RATE_LIMITED, "visitors from your address have too many connections"));
            connection.finish();
        } catch (IOException e) {
            // It has gone.
        }
    }

    /** Answers a visitor without TLS whose request is not read. */
    static void answerUnread(Connection connection, Figures figures, ServedListener served, Page page) throws IOException {
        RequestNotes notes = new RequestNotes(figures, served, connection.peer().getAddress(), false);
        notes.begin();
        notes.unread("");
        try {
            new PageWriter(new HttpWriter(connection.out(), INPUT_BUFFER), new OwnFields(null), notes).write(page, Page.Form.UNKNOWN, false);
        } finally {
            notes.over();
        }
    }

    /** Serves the connection until it ends. */
    public void run() {
        connection.writeLimit(VisitorLimits.STALL);
        connection.showsProgress(true);
        connection.endIsGoneAfter(VisitorLimits.HALF_CLOSED_WAIT);
        try {
            serveRequests();
        } catch (IOException e) {
            edge.log().debug("visitor_lost", "a visitor's connection ended", "peer", Addresses.text(connection.peer().getAddress()), "error", e);
            boolean told = late.wasTold();
            over();
            if (told) {
                connection.linger(VisitorLimits.DROP_SILENCE, VisitorLimits.DROP);
            }
        } finally {
            over();
            connection.close();
            room.close();
        }
    }

    private void serveRequests() throws IOException {
        try {
            boolean more = true;
            while (more && caller.rests()) {
                Http1Stream stream = next();
                if (stream == null) {
                    return;
                }
                more = serve(stream);
            }
        } catch (HttpException e) {
            late.answers();
            if (e.getCause() instanceof EOFException) {
                // Most likely it has left; one that has ended its direction alone is told.
                edge.log().debug("visitor_lost", e.getMessage(), "peer", Addresses.text(connection.peer().getAddress()));
            } else {
                edge.turnedAway().tell("request_refused", e.getMessage(), connection.peer().getAddress(), "status", e.status());
            }
            pages.write(refusal(e), form, false);
            over();
        }
        // So that the visitor can read what was said before the connection closes under what it is still sending.
        connection.linger(VisitorLimits.DROP_SILENCE, VisitorLimits.DROP);
    }

    /** The request that was begun, if any, is over. */
    private void over() {
        if (notes.lacksHead()) {
            notes.unread(reader.line(MAX_UNREAD));
        }
        notes.over();
    }

    /** Null at the end. */
    private Http1Stream next() throws IOException {
        form = Page.Form.UNKNOWN;
        try (Connection.Total idle = connection.within(VisitorLimits.IDLE)) {
            if (!reader.fill()) {
                return null;
            }
        }
        if (!caller.begins()) {
            // The server has ended it while this was on its way.
            connection.linger(VisitorLimits.DROP_SILENCE, VisitorLimits.DROP);
            return null;
        }
        if (speaksTls()) {
            refuseTls();
            return null;
        }
        notes.begin();
        RequestHead head;
        late.begins();
        try (Connection.Total limit = late.within(VisitorLimits.HEAD, "the request's head was not complete")) {
            head = reader.readRequest(Limits.MAX_VISITOR_HEAD);
        } catch (EOFException e) {
            throw HttpException.incomplete(e);
        } finally {
            late.answers();
        }
        if (head == null) {
            notes.drop();
            return null;
        }
        first = false;
        form = Page.Form.of(head);
        boolean https = isHttps(head);
        notes.head(head, https);
        RequestHead request = Targets.toOriginForm(head, https);
        Targets.completeHost(request, sni == null ? null : edge.addresses().httpsAuthority(sni));
        pages.own().over(https);
        late.begins();
        return new Http1Stream(connection, named, new Http1Stream.Asked(https, believed, edge.maxBody(), pages), reader, writer, late, request, form, room, notes);
    }

    private boolean isHttps(RequestHead head) {
        String said = believed ? Forwarding.saidScheme(head.fields()) : null;
        return said == null ? tls : said.equals("https");
    }

    /** By another task, while the own one waits for the visitor. */
    private void tooLate(String reason) throws IOException {
        edge.turnedAway().tell("request_refused", reason, connection.peer().getAddress(), "status", REQUEST_TIMEOUT);
        pages().write(Page.error(TunnelError.BAD_REQUEST, REQUEST_TIMEOUT, reason), form, false);
    }

    /** Whether a ClientHello has come to the port for plain HTTP. */
    private boolean speaksTls() {
        return !tls && first && reader.next() == ClientHello.FIRST_OCTET;
    }

    private void refuseTls() throws IOException {
        edge.turnedAway().tell("tls_refused", "TLS was spoken to the port for plain HTTP", connection.peer().getAddress());
        connection.out().write(ClientHello.alert(ClientHello.ALERT_UNEXPECTED_MESSAGE));
        connection.linger(VisitorLimits.DROP_SILENCE, VisitorLimits.DROP);
    }

    /** Serves one request; false when the connection can take no other. */
    private boolean serve(Http1Stream stream) throws IOException {
        try {
            switch (tls ? edge.router().overTls(sni, stream.head()) : edge.router().overHttp(stream.head(), stream.https())) {
                case Destination.ToTunnel(Tunnel tunnel) -> visit(tunnel, stream);
                case Destination.Entrance entrance -> edge.entrance().serve(stream, caller);
                case Destination.Welcome welcome -> stream.answer(Page.welcome());
                case Destination.ToHttps(Tunnel tunnel) -> {
                    notes.tunnel(tunnel);
                    stream.answer(Page.redirect(edge.addresses().httpsUrl(tunnel.address().host()) + stream.path()));
                }
                case Destination.Nowhere(TunnelError error, String reason) -> refuse(stream, error, reason);
            }
            over();
            return stream.finish();
        } finally {
            stream.close();
        }
    }

    private void visit(Tunnel found, Http1Stream stream) throws IOException {
        notes.tunnel(found);
        try {
            judge(found.outlivesItsServer() ? whenJudged(found, stream) : found, stream);
        } catch (Refusal e) {
            refuse(stream, e.error(), e.getMessage());
        }
    }

    private Tunnel whenJudged(Tunnel found, Http1Stream stream) throws Refusal {
        notes.waits();
        try {
            return caller.whenJudged(found, stream.gone());
        } finally {
            notes.waited();
        }
    }

    private void judge(Tunnel tunnel, Http1Stream stream) throws IOException {
        VisitorRules rules = tunnel.rules();
        InetAddress visitor = stream.believed() ? Forwarding.visitor(stream.head().fields(), stream.address(), edge.believed()) : stream.address();
        InetAddress asksFor = visitor == null ? stream.address() : visitor;
        notes.visitor(asksFor);
        Page refusal = rules == null ? null : edge.doorkeeper().refusal(tunnel, rules, stream.head().fields(), stream.address(), visitor, notes);
        if (refusal != null) {
            stream.answer(refusal);
        } else if (MaxForwards.endHere(stream.head())) {
            stream.answer(Page.lastStop(stream.method()));
        } else if (MaxForwards.isInvalid(stream.head())) {
            refuse(stream, TunnelError.BAD_REQUEST, "Max-Forwards is no number");
        } else {
            new VisitorExchange(stream, caller, edge).serve(tunnel, rules, asksFor, room);
        }
    }

    /** Who has sent what is no valid request is not believed to know where the next one begins. */
    private static void refuse(Http1Stream stream, TunnelError error, String reason) throws IOException {
        if (error == TunnelError.BAD_REQUEST) {
            stream.last();
        }
        stream.answer(Page.error(error, reason));
    }

    private static Page refusal(HttpException e) {
        TunnelError error = switch (e.status()) {
            case 413, 414, 431 -> TunnelError.TOO_LARGE;
            case 421 -> TunnelError.MISDIRECTED;
            case HttpException.OVERLOADED -> TunnelError.OVERLOADED;
            default -> TunnelError.BAD_REQUEST;
        };
        return Page.error(error, e.status(), e.getMessage());
    }
}
