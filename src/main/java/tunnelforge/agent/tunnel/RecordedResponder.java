package tunnelforge.agent.tunnel;

import java.io.IOException;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;
import tunnelforge.http.ResponseHead;
import tunnelforge.mux.Session;
import tunnelforge.net.Clock;
import tunnelforge.wire.SessionOpen;

/**
 * Tells the JDK's flight recorder what a responder answers, while it records that.
 *
 * @param responder who answers
 */
public record RecordedResponder(Responder responder, Clock clock) implements Responder {
    @Override
    public void serve(Request request, ResponseSink sink) {
        if (!LocalExchangeEvent.isRecorded()) {
            responder.serve(request, sink);
            return;
        }
        RecordedSink recorded = new RecordedSink(request, sink);
        try {
            responder.serve(request, recorded);
        } finally {
            recorded.over();
        }
    }

    @Override
    public void serve(Session session, SessionOpen open) {
        responder.serve(session, open);
    }

    @Override
    public void visitorHasLeft(String visitorConnection) {
        responder.visitorHasLeft(visitorConnection);
    }

    @Override
    public void close() {
        responder.close();
    }

    private final class RecordedSink extends SinkStage {
        private final LocalExchangeEvent event;
        private final long began = clock.nanos();
        private long upstream;
        private int status;
        /** Null where there was none. */
        private CountedBody counted;

        RecordedSink(Request request, ResponseSink sink) {
            super(sink);
            Fields fields = request.head().fields();
            event = new LocalExchangeEvent(fields.get("Host"), request.head().method(), fields.get("tunnelforge-request-id"));
            event.begin();
        }

        @Override
        public void respond(ResponseHead head, BodySource body) throws IOException {
            answers(head);
            counted = new CountedBody(body);
            sink.respond(head, counted);
        }

        @Override
        public void upgrade(ResponseHead head, BodySource from, BodySink to) throws IOException {
            answers(head);
            counted = new CountedBody(from);
            sink.upgrade(head, counted, to);
        }

        private void answers(ResponseHead head) {
            status = head.status();
            upstream = clock.nanos() - began;
        }

        void over() {
            event.over(status, counted == null ? 0 : counted.bytes(), upstream);
        }
    }
}
