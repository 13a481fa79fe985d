package tunnelforge.agent.traffic;

import java.io.IOException;
import tunnelforge.agent.tunnel.Request;
import tunnelforge.agent.tunnel.Responder;
import tunnelforge.agent.tunnel.ResponseSink;
import tunnelforge.agent.tunnel.SinkStage;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.FieldChanges;
import tunnelforge.http.Fields;
import tunnelforge.http.Heads;
import tunnelforge.http.HttpException;
import tunnelforge.http.ResponseHead;

/** Changes the fields of responses, 101 included. From informational heads it only removes: what is added belongs to the response. */
final class ChangedHeads extends Stage {
    /** For what other stages add. */
    private static final int OTHER_LINES = 4;
    private static final int MOST_LINES = Heads.MAX_FIELD_LINES + Heads.ADDED_FIELD_LINES - OTHER_LINES;
    private static final int BAD_GATEWAY = 502;

    private final FieldChanges changes;

    ChangedHeads(Responder responder, FieldChanges changes) {
        super(responder);
        this.changes = changes;
    }

    @Override
    public void serve(Request request, ResponseSink sink) {
        responder.serve(request, new Sink(sink));
    }

    private void apply(Fields fields) throws HttpException {
        changes.apply(fields);
        if (fields.size() > MOST_LINES) {
            throw new HttpException(BAD_GATEWAY, fields.size() + " field lines with those of --response-header-add, over " + MOST_LINES);
        }
    }

    private final class Sink extends SinkStage {
        Sink(ResponseSink sink) {
            super(sink);
        }

        @Override
        public void informational(ResponseHead head) throws IOException {
            changes.remove(head.fields());
            sink.informational(head);
        }

        @Override
        public void respond(ResponseHead head, BodySource body) throws IOException {
            apply(head.fields());
            sink.respond(head, body);
        }

        @Override
        public void upgrade(ResponseHead head, BodySource from, BodySink to) throws IOException {
            apply(head.fields());
            sink.upgrade(head, from, to);
        }
    }
}
