package tunnelforge.agent.traffic;

import java.io.IOException;
import tunnelforge.agent.tunnel.Request;
import tunnelforge.agent.tunnel.Responder;
import tunnelforge.agent.tunnel.ResponseSink;
import tunnelforge.agent.tunnel.SinkStage;
import tunnelforge.http.AcceptEncoding;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.net.Ledger;

/** Compresses responses (gzip) for visitors that take it. Requests keep their bodies; of their heads it changes conditions only ({@link WeakenedTags}). */
final class Compression extends Stage {
    private static final int NOT_MODIFIED = 304;

    private final Deflaters deflaters;
    private final Ledger memory;
    private final WeakenedTags tags = new WeakenedTags();

    /** {@code memory}: the tunnel's, to which each deflater is charged. */
    Compression(Responder responder, Deflaters deflaters, Ledger memory) {
        super(responder);
        this.deflaters = deflaters;
        this.memory = memory;
    }

    @Override
    public void serve(Request request, ResponseSink sink) {
        responder.serve(request, new Sink(request.head(), sink));
    }

    private final class Sink extends SinkStage {
        /** Whether the visitor would have the response compressed. */
        private final boolean asked;
        private final String known;

        /** {@code request}: as the visitor has sent it. */
        Sink(RequestHead request, ResponseSink sink) {
            super(sink);
            Fields fields = request.fields();
            asked = !request.method().equals("HEAD") && AcceptEncoding.takesGzip(fields) && !Compressible.isForbidden(fields);
            known = String.join(", ", fields.all("If-None-Match"));
            tags.restore(fields);
        }

        @Override
        public void respond(ResponseHead head, BodySource body) throws IOException {
            if (head.status() == NOT_MODIFIED && WeakenedTags.confirm(head.fields(), known)) {
                vary(head.fields());
            } else if (Compressible.is(head)) {
                vary(head.fields());
                if (asked && !Compressible.isPart(head)) {
                    compress(head, body);
                    return;
                }
            }
            sink.respond(head, body);
        }

        private void compress(ResponseHead head, BodySource body) throws IOException {
            long length = Compressible.length(head.fields());
            try (Deflaters.Lease lease = deflaters.take(length, memory)) {
                if (lease == null) {
                    sink.respond(head, body);
                    return;
                }
                GzipSource compressed = new GzipSource(body, lease.deflater(), length);
                changeHead(head.fields());
                sink.respond(head, compressed);
            }
        }

        private void changeHead(Fields fields) {
            fields.add("Content-Encoding", "gzip");
            fields.remove("Content-Length");
            fields.set("Transfer-Encoding", "chunked");
            fields.remove("Accept-Ranges");
            tags.weaken(fields);
        }
    }

    /** A cache must not give it to those that ask otherwise (RFC 9110 section 12.5.5). */
    private static void vary(Fields fields) {
        if (fields.hasToken("Vary", "*") || fields.hasToken("Vary", "Accept-Encoding")) {
            return;
        }
        String others = String.join(", ", fields.all("Vary"));
        fields.set("Vary", others.isBlank() ? "Accept-Encoding" : others + ", Accept-Encoding");
    }
}
