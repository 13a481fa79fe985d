package tunnelforge.server.edge;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tunnelforge.http.ConnectionLogin;
import tunnelforge.http.RequestHead;
import tunnelforge.http.Room;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Resent;
import tunnelforge.mux.json.JsonRequests;
import tunnelforge.net.Connection;
import tunnelforge.net.Tasks;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.tunnel.Place;
import tunnelforge.server.tunnel.Visit;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;
import tunnelforge.wire.TunnelError;

/** A visitor's request on its way to the agent, in its data connection's encoding; kept while it may be sent again. For the visitor's task. */
final class OutgoingRequest implements AutoCloseable {
    private final VisitorStream visitor;
    private final Tasks tasks;
    private final VisitorMeter meter;
    private final RequestFrames frames;
    private final Room room;
    /** Where it was lost after it may have left. */
    private final List<String> lost = new ArrayList<>();
    private long from;
    private int movesBefore;
    private final boolean logsIn;
    private RequestContent content;
    /** For the JSON encoding; null while nothing was collected. */
    private CollectedBody collected;
    /** Carries content that does not leave together with the head. */
    private volatile Upload upload;
    private volatile boolean collecting;

    /** Takes the visitor's head; throws {@link Refusal} when there is no room for a large one, or it has been here too often. */
    OutgoingRequest(VisitorStream visitor, RequestContent content, VisitorMeter meter, Passages passages, Room room, Tasks tasks) throws Refusal, IOException {
        this.visitor = visitor;
        this.content = content;
        this.meter = meter;
        this.room = room;
        this.tasks = tasks;
        RequestHead taken = visitor.takeHead();
        logsIn = ConnectionLogin.isIn(taken);
        RequestHead head = ForwardedHeads.request(taken, visitor, !content.repeatable(), passages);
        visitor.notes().sent(head.fields().get(ForwardedHeads.REQUEST_ID));
        meter.request(head, content);
        frames = RequestFrames.encode(head, content, visitor.asksToUpgrade(), room);
    }

    /** Waits for a place and opens an exchange on it. */
    Exchange open(Visit visit) throws Refusal, IOException {
        if (lost.isEmpty()) {
            prepare(visit, visit.encoding());
        }
        // Ends: a place whose connection was gone is not given again, and a visit gives only so many.
        while (true) {
            try (Place place = place(visit)) {
                Exchange exchange = lost.isEmpty() ? openFirst(visit, place) : openAgain(visit, place);
                if (exchange != null) {
                    return exchange;
                }
            }
        }
    }

    private Exchange openFirst(Visit visit, Place place) throws Refusal, IOException {
        prepare(visit, place.encoding());
        return switch (place.encoding()) {
            case BINARY -> open(place, frames.frames(), frames.dataBytes(), frames.ended());
            case JSON -> open(place, message(), 0, content.repeatable());
        };
    }

    private Place place(Visit visit) throws Refusal {
        visitor.notes().waits();
        try {
            return visit.place();
        } finally {
            visitor.notes().waited();
        }
    }

    private Exchange openAgain(Visit visit, Place place) throws Refusal {
        if (visit.moves() != movesBefore && !place.knowsLastProcess()) {
            throw Refusal.lasting(TunnelError.OUTCOME_UNKNOWN, "the agent that had the request has been started anew");
        }
        if (!place.takesAgain()) {
            throw Refusal.lasting(TunnelError.OUTCOME_UNKNOWN, "the agent that had the request cannot tell any more whether it has run");
        }
        RequestHead head = frames.head();
        Resent.tell(head.fields(), lost, from);
        try (RequestFrames again = RequestFrames.encode(head, content, visitor.asksToUpgrade(), room)) {
            return open(place, again.frames(), again.dataBytes(), again.ended());
        }
    }

    /**
     * It was lost, and is to be sent again.
     *
     * @param key what it was known by
     * @param received bytes of the response's body that have come
     */
    void lost(Visit visit, String key, long received) {
        if (lost.isEmpty()) {
            movesBefore = visit.moves();
        }
        lost.add(key);
        from = received;
    }

    /** Whether it has been lost after it may have left. */
    boolean mayHaveRun() {
        return !lost.isEmpty();
    }

    /** An agent in the JSON encoding likes a small body best in the message itself. It is read before a data connection is taken for it. */
    private void prepare(Visit visit, DataEncoding encoding) throws Refusal, IOException {
        if (encoding != DataEncoding.JSON) {
            return;
        }
        if (visitor.asksToUpgrade()) {
            throw Refusal.lasting(TunnelError.BAD_REQUEST, "the agent of this tunnel cannot switch protocols");
        }
        if (collected == null && content instanceof RequestContent.Streaming streaming) {
            visitor.inviteContent();
            collected = new CollectedBody(visit.ledger());
            collecting = true;
            try (Connection.Total limit = visitor.contentWithin(VisitorLimits.COLLECT)) {
                content = collected.read(meter.source(streaming.source()));
            } finally {
                collecting = false;
            }
        }
        if (collected != null) {
            collected.chargeMessage();
        }
    }

    private FrameBuffer message() {
        byte[] body = content instanceof RequestContent.Whole whole ? whole.bytes() : null;
        return JsonRequests.message(frames.head(), body, !content.repeatable());
    }

    /** Null when the connection has ended between being chosen and being used: nothing of the request has left. */
    private Exchange open(Place place, FrameBuffer first, int dataBytes, boolean ended) {
        Exchange exchange;
        try {
            exchange = place.open(first, visitor.method(), visitor.asksToUpgrade(), dataBytes, ended, from);
        } catch (IOException e) {
            return null;
        }
        try {
            if (collected != null) {
                collected.messageSent();
            }
            if (!ended && !visitor.asksToUpgrade()) {
                upload = new Upload(exchange, content instanceof RequestContent.Whole ? content.source() : meter.source(content.source()));
                tasks.start("request body", upload);
            }
            if (!content.repeatable()) {
                notAgain();
            }
            return exchange;
        } catch (RuntimeException | Error e) {
            // Nobody else knows of it.
            exchange.close();
            throw e;
        }
    }

    /** Whether it takes a step of a login that holds for the connection. */
    boolean logsIn() {
        return logsIn;
    }

    boolean repeatable() {
        return content.repeatable();
    }

    /** Whether an agent that has got it takes it again: one that was collected may be larger than that. */
    boolean mayComeAgain() {
        return content instanceof RequestContent.Whole whole ? whole.bytes().length <= Limits.MAX_RESENT_BODY : content.repeatable();
    }

    /** Whether some of the content is still to come. By any task. */
    boolean contentComes() {
        Upload carrying = upload;
        return collecting || carrying != null && !carrying.ended();
    }

    /** Why the content could not be read from the visitor; null when it could, so far. */
    IOException broken() {
        return upload == null ? null : upload.broken();
    }

    /** It is not sent again, and its frames go. */
    void notAgain() {
        frames.close();
    }

    @Override
    public void close() {
        frames.close();
        if (collected != null) {
            collected.close();
        }
    }
}
