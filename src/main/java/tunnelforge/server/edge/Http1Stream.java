package tunnelforge.server.edge;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.time.Duration;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.HopByHop;
import tunnelforge.http.HttpBodies;
import tunnelforge.http.HttpException;
import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.http.Room;
import tunnelforge.http.Upgrade;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Connection;
import tunnelforge.wire.Limits;

/** A request on an HTTP/1.1 connection, which has one at a time. */
final class Http1Stream implements VisitorStream {
    /** A body that is larger, and here already, is charged. */
    private static final int SMALL = 8 * 1024;

    private final Connection connection;
    private final VisitorConnection visitorConnection;
    private final Asked by;
    private final HttpReader reader;
    private final HttpWriter writer;
    private final LateVisitor late;
    private final Room room;
    private final Page.Form form;
    private final RequestNotes notes;
    private final String method;
    private final boolean http10;
    private final String upgradeTo;
    private final Framing framing;
    private final Http1Body body;
    private RequestContent content;
    /** For content that is here whole. */
    private int charged;
    private RequestHead head;
    private volatile boolean persists;
    private volatile boolean awaitsContinue;
    /** Whether the answer has said that another request may follow. */
    private boolean kept;
    private Cancellation.Registration watch;

    /**
     * How a request came.
     *
     * @param maxBody bytes of its body at most
     * @param pages writes the server's own answers
     */
    record Asked(boolean https, boolean believed, long maxBody, PageWriter pages) {
    }

    /**
     * @param head as received, in origin form
     * @throws HttpException when its framing is not one, or its body is too large
     */
    Http1Stream(Connection connection, VisitorConnection visitorConnection, Asked by, HttpReader reader, HttpWriter writer, LateVisitor late, RequestHead head,
            Page.Form form, Room room, RequestNotes notes) throws IOException {
        this.connection = connection;
        this.visitorConnection = visitorConnection;
        this.by = by;
        this.reader = reader;
        this.writer = writer;
        this.late = late;
        this.head = head;
        this.room = room;
        this.form = form;
        this.notes = notes;
        method = head.method();
        http10 = head.minorVersion() == 0;
        persists = HopByHop.persists(head);
        awaitsContinue = !http10 && head.fields().hasToken("Expect", "100-continue");
        framing = Framing.ofRequest(head);
        if (framing instanceof Framing.Length(long length) && length > by.maxBody) {
            throw Http1Body.tooLarge(by.maxBody);
        }
        upgradeTo = Upgrade.asked(head, framing);
        reader.startBody(framing);
        body = new Http1Body(reader, () -> late.within(VisitorLimits.STALL, "nothing more of the request's body came"), by.maxBody, notes);
        content = begunContent();
    }

    /** A small body that has come together with its head is read at once. */
    private RequestContent begunContent() throws IOException {
        if (framing.isEmpty()) {
            return RequestContent.NONE;
        }
        if (!awaitsContinue && framing instanceof Framing.Length(long length) && length <= Limits.INITIAL_WINDOW && length <= reader.buffered()) {
            if (charge((int) length)) {
                return new RequestContent.Whole(body.readWhole((int) length));
            }
        }
        return new RequestContent.Streaming(body::begin, this::arrived);
    }

    /** Who waits to be told that the body is wanted sends nothing before. */
    private RequestContent arrived(boolean always) throws IOException {
        if (awaitsContinue || !always && framing instanceof Framing.Chunked) {
            return content;
        }
        boolean kept = framing instanceof Framing.Length(long bytes) && bytes <= Limits.MAX_RESENT_BODY;
        try (Connection.Total limit = late.within(VisitorLimits.STALL, "nothing of the request's body came")) {
            int wanted = kept && bodyLength() <= SMALL ? bodyLength() : 1;
            if (!reader.fill(wanted)) {
                throw HttpException.incomplete(new EOFException("the stream ended before the body, after " + reader.buffered() + " bytes"));
            }
        }
        RequestContent begun = begunContent();
        // Only one that is kept whole can be sent again; memory is for who sends.
        if (!begun.repeatable() && kept && charge(bodyLength())) {
            try (Connection.Total limit = contentWithin(VisitorLimits.COLLECT)) {
                return new RequestContent.Whole(body.readWhole(bodyLength()));
            }
        }
        return begun;
    }

    private int bodyLength() {
        return framing instanceof Framing.Length(long bytes) ? (int) bytes : 0;
    }

    private boolean charge(int length) {
        int charge = length > SMALL ? length : 0;
        if (charge > 0 && !room.take(charge)) {
            return false;
        }
        charged += charge;
        return true;
    }

    /** For whoever routes it. */
    RequestHead head() {
        return head;
    }

    /** What a redirect appends to another origin. */
    String path() {
        return head.target().equals("*") ? "/" : head.target();
    }

    @Override
    public RequestHead takeHead() {
        RequestHead taken = head;
        head = null;
        return taken;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String upgradeTo() {
        return upgradeTo;
    }

    @Override
    public void collectContent() throws IOException {
        if (content.repeatable() || !(framing instanceof Framing.Length(long length))) {
            return;
        }
        inviteContent();
        try (Connection.Total limit = contentWithin(VisitorLimits.HEAD)) {
            // Memory is for who sends.
            reader.fill(1);
            if (!charge((int) length)) {
                throw new HttpException(HttpException.OVERLOADED, "this server has no memory left for another request's body");
            }
            content = new RequestContent.Whole(body.readWhole((int) length));
        }
    }

    @Override
    public RequestContent content() {
        return content;
    }

    @Override
    public InetAddress address() {
        return connection.peer().getAddress();
    }

    @Override
    public boolean https() {
        return by.https;
    }

    @Override
    public boolean believed() {
        return by.believed;
    }

    @Override
    public VisitorConnection connection() {
        return visitorConnection;
    }

    @Override
    public RequestNotes notes() {
        return notes;
    }

    @Override
    public Cancellation gone() {
        if (watch == null) {
            watch = connection.watch();
        }
        return connection.gone();
    }

    @Override
    public Connection.Total within(Duration limit) {
        return connection.within(limit);
    }

    @Override
    public Connection.Total contentWithin(Duration limit) {
        return late.within(limit, "the request's body was not complete");
    }

    @Override
    public void last() {
        persists = false;
    }

    // ---- Answers. ----

    @Override
    public void inviteContent() throws IOException {
        if (awaitsContinue) {
            informational(new ResponseHead(100, "Continue", 1, new Fields()));
        }
    }

    @Override
    public boolean contentInvited() {
        return !awaitsContinue;
    }

    @Override
    public void informational(ResponseHead interim) throws IOException {
        if (!http10) {
            awaitsContinue = awaitsContinue && interim.status() != 100;
            late.answers();
            writer.head(interim);
            writer.flush();
            late.begins();
        }
    }

    @Override
    public Response respond(ResponseHead response, Framing framing) throws IOException {
        late.answers();
        // For the agent: what it answers was not here when the request left.
        connection.waitedElsewhere();
        Framing framed = http10 && framing instanceof Framing.Chunked ? Framing.UNTIL_CLOSE : framing;
        Fields fields = response.fields();
        by.pages.own().addTo(fields);
        switch (framed) {
            case Framing.Chunked chunked -> fields.add("Transfer-Encoding", "chunked");
            case Framing.Length(long length) -> fields.set("Content-Length", Long.toString(length));
            case Framing.None none when response.status() == 204 -> fields.remove("Content-Length");
            case Framing.None none -> { }
            case Framing.UntilClose untilClose -> persists = false;
        }
        kept = canFollow();
        if (http10) {
            fields.remove("Upgrade");
        }
        String options = connectionOptions(fields.contains("Upgrade"));
        if (options != null) {
            fields.add("Connection", options);
        }
        notes.answers(response.status(), null);
        writer.head(new ResponseHead(response.status(), response.reason(), 1, fields));
        writer.startBody(framed);
        return new Http1Response(connection, writer, HttpBodies.sink(writer), framed instanceof Framing.UntilClose, notes);
    }

    /** Null for none. */
    private String connectionOptions(boolean upgrade) {
        String persistence = !kept ? "close" : http10 ? "keep-alive" : null;
        return !upgrade ? persistence : persistence == null ? "Upgrade" : "Upgrade, " + persistence;
    }

    @Override
    public void answer(Page page) throws IOException {
        late.answers();
        head = null;
        kept = canFollow();
        by.pages.write(page, form, kept);
    }

    /** Whether another request may come behind this one: it does when nothing is left of its body, or what is left is likely to be on its way. */
    private boolean canFollow() {
        return persists && (body.ended() || body.begun() && !awaitsContinue);
    }

    @Override
    public Switched upgrade(ResponseHead response) throws IOException {
        switchProtocols(response);
        notes.switches();
        return new Switched(new NotedSource(HttpBodies.rawSource(reader), notes),
                new Http1Response(connection, writer, HttpBodies.rawSink(writer, connection::finish), true, notes));
    }

    /** An agent is answered with a 101 after which neither HTTP nor its limits apply: what comes from it. */
    InputStream leaveHttp(ResponseHead response) throws IOException {
        notes.drop();
        switchProtocols(response);
        return reader.rawStream();
    }

    private void switchProtocols(ResponseHead response) throws IOException {
        late.answers();
        writer.head(response);
        writer.flush();
        connection.endIsGoneAfter(Connection.NO_LIMIT);
        connection.showsProgress(false);
    }

    /**
     * Ends the stream, when it was answered.
     *
     * @return whether the connection can carry another request
     */
    boolean finish() {
        close();
        if (!kept) {
            return false;
        }
        if (body.ended()) {
            return true;
        }
        connection.readLimit(VisitorLimits.DROP_SILENCE);
        try (Connection.Total limit = connection.within(VisitorLimits.DROP)) {
            body.drop();
            return true;
        } catch (IOException e) {
            // It has been answered, and gets no other answer, whatever is wrong with the rest.
            return false;
        } finally {
            connection.readLimit(Connection.NO_LIMIT);
        }
    }

    /** Nobody waits for the visitor's leaving any more, and what the content has been charged is given back. */
    void close() {
        if (watch != null) {
            watch.close();
        }
        room.giveBack(charged);
        charged = 0;
    }
}
