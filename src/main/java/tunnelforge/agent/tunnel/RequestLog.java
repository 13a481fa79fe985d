package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.time.Duration;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.ResponseHead;
import tunnelforge.log.Log;
import tunnelforge.mux.ResetException;
import tunnelforge.mux.Session;
import tunnelforge.net.Clock;
import tunnelforge.text.Amounts;
import tunnelforge.text.Printable;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;

/**
 * Tells what a responder answers, a line for each request when it is over ({@code GET /x 200 12 ms 4.1 kB}), for an upgrade and for a session when it begins.
 *
 * @param responder who answers
 */
public record RequestLog(Responder responder, Clock clock, Log log) implements Responder {
    /** What follows a path is worth more than its end. */
    private static final int MAX_PATH_CHARS = 200;

    @Override
    public void serve(Request request, ResponseSink sink) {
        ToldRequest told = new ToldRequest(request, sink);
        try {
            responder.serve(request, told);
        } finally {
            told.end();
        }
    }

    @Override
    public void serve(Session session, SessionOpen open) {
        log.info("session", "session from " + open.visitorAddress(), "visitor", open.visitorAddress());
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

    /** One request. By the task that serves it, but for the sink of an upgrade. */
    private final class ToldRequest extends SinkStage {
        private final long began = clock.nanos();
        private final Request request;
        private final String method;
        private final String path;
        private Integer status;
        private String failure;
        /** Null where there was none. */
        private CountedBody counted;
        private boolean said;

        ToldRequest(Request request, ResponseSink sink) {
            super(sink);
            this.request = request;
            this.method = request.head().method();
            this.path = Printable.cut(request.head().path(), MAX_PATH_CHARS);
        }

        @Override
        public void respond(ResponseHead head, BodySource body) throws IOException {
            status = head.status();
            counted = new CountedBody(body);
            try {
                sink.respond(head, counted);
            } catch (ResetException e) {
                failure = e.getMessage();
                throw e;
            }
        }

        @Override
        public void upgrade(ResponseHead head, BodySource from, BodySink to) throws IOException {
            status = head.status();
            end();
            sink.upgrade(head, from, to);
        }

        @Override
        public void fail(ResetCode code, String reason) {
            failure = request.isOver() ? "the visitor has left" : reason;
            sink.fail(code, reason);
        }

        void end() {
            if (said) {
                return;
            }
            said = true;
            long bytes = counted == null ? 0 : counted.bytes();
            long millis = (clock.nanos() - began) / 1_000_000;
            String time = Amounts.time(Duration.ofMillis(millis));
            String answer = status == null ? time : status + " " + time + " " + Amounts.bytes(bytes);
            log.info("request", method + " " + path + " " + answer + (failure == null ? "" : ": " + failure),
                    "method", method, "path", path, "status", status, "ms", millis, "bytes", bytes, "error", failure);
        }
    }
}
