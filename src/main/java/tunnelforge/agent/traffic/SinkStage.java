package tunnelforge.agent.traffic;

import java.io.IOException;
import tunnelforge.agent.tunnel.ResponseSink;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.ResponseHead;
import tunnelforge.wire.ResetCode;

/** A sink that hands everything on; what its subclasses change they override. */
abstract class SinkStage implements ResponseSink {
    final ResponseSink sink;

    SinkStage(ResponseSink sink) {
        this.sink = sink;
    }

    @Override
    public void informational(ResponseHead head) throws IOException {
        sink.informational(head);
    }

    @Override
    public void respond(ResponseHead head, BodySource body) throws IOException {
        sink.respond(head, body);
    }

    @Override
    public void upgrade(ResponseHead head, BodySource from, BodySink to) throws IOException {
        sink.upgrade(head, from, to);
    }

    @Override
    public final void fail(ResetCode code, String reason) {
        sink.fail(code, reason);
    }
}
