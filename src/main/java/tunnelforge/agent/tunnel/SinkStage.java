package tunnelforge.agent.tunnel;

import java.io.IOException;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.ResponseHead;
import tunnelforge.wire.ResetCode;

/** A sink that hands everything on; what its subclasses change they override. */
public abstract class SinkStage implements ResponseSink {
    /** Where what is answered goes on to. */
    protected final ResponseSink sink;

    protected SinkStage(ResponseSink sink) {
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
    public void fail(ResetCode code, String reason) {
        sink.fail(code, reason);
    }
}
