package tunnelforge.agent.traffic;

import java.io.IOException;
import tunnelforge.agent.tunnel.Request;
import tunnelforge.agent.tunnel.Responder;
import tunnelforge.agent.tunnel.ResponseSink;
import tunnelforge.agent.tunnel.SinkStage;
import tunnelforge.http.BodySource;
import tunnelforge.http.ResponseHead;
import tunnelforge.net.Clock;

/** Tells in each response ({@code Server-Timing}, W3C) how long it took from the request's arrival here until the head of its answer was here. */
final class ServerTiming extends Stage {
    private static final long NANOS_PER_TENTH = 100_000;

    private final Clock clock;

    ServerTiming(Responder responder, Clock clock) {
        super(responder);
        this.clock = clock;
    }

    @Override
    public void serve(Request request, ResponseSink sink) {
        long began = clock.nanos();
        responder.serve(request, new SinkStage(sink) {
            @Override
            public void respond(ResponseHead head, BodySource body) throws IOException {
                long tenths = (clock.nanos() - began) / NANOS_PER_TENTH;
                head.fields().add("Server-Timing", "upstream;dur=" + tenths / 10 + "." + tenths % 10);
                sink.respond(head, body);
            }
        });
    }
}
