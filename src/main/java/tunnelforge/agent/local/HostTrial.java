package tunnelforge.agent.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import tunnelforge.agent.tunnel.ResponseSink;
import tunnelforge.agent.tunnel.SinkStage;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;
import tunnelforge.http.ResponseHead;

/**
 * A request that is sent as the visitor sent it, while it is open whether the local service refuses that. What is no refusal goes on to the visitor as it comes. A refusal stays here when the
 * request can be asked again, for which it is kept: one that was refused by its Host has not been run.
 */
final class HostTrial extends SinkStage {
    /** For a suspicion alone (RFC 9110 section 9.2.1). */
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

    private final HostChoice choice;
    private final KeptRequest request;
    private HostRefusal refusal;

    HostTrial(HostChoice choice, KeptRequest request, ResponseSink sink) {
        super(sink);
        this.choice = choice;
        this.request = request;
    }

    /** Why nothing was sent to the visitor and the request is to be asked again; null when it is answered. */
    HostRefusal refusal() {
        return refusal;
    }

    @Override
    public void respond(ResponseHead head, BodySource body) throws IOException {
        HostRefusal suspected = HostRefusal.suspected(head);
        if (suspected != null && SAFE.contains(request.head().method()) && request.isRepeatable() && choice.maySuspect()) {
            refusal = suspected;
            return;
        }
        if (!HostRefusal.isPossible(head)) {
            sink.respond(head, body);
            return;
        }
        Beginning beginning = new Beginning(body);
        HostRefusal known = beginning.read(head.status());
        boolean refused = known != null && (!known.isOfOrigin() || choice.changesOrigin(request.fields()));
        if (refused) {
            choice.refusedBy(known);
        }
        if (refused && request.isRepeatable() && !request.isOver()) {
            refusal = known;
        } else {
            sink.respond(head, beginning);
        }
    }

    /** Where the answer to the request that was asked again on a suspicion goes. */
    ResponseSink confirming() {
        HostRefusal suspected = refusal;
        return new SinkStage(sink) {
            @Override
            public void respond(ResponseHead head, BodySource body) throws IOException {
                if (HostRefusal.suspected(head) == suspected) {
                    choice.suspectedInVain();
                } else {
                    choice.refusedBy(suspected);
                }
                sink.respond(head, body);
            }

            @Override
            public void upgrade(ResponseHead head, BodySource from, BodySink to) throws IOException {
                choice.refusedBy(suspected);
                sink.upgrade(head, from, to);
            }
        };
    }

    /** A body whose first octets have been looked at. */
    private static final class Beginning implements BodySource {
        private final BodySource rest;
        private final byte[] octets = new byte[HostRefusal.MAX_TEXT];
        private int length;
        private int given;

        Beginning(BodySource rest) {
            this.rest = rest;
        }

        /** Reads on only while what has come may still become a refusal. */
        HostRefusal read(int status) throws IOException {
            while (true) {
                String text = new String(octets, 0, length, StandardCharsets.ISO_8859_1);
                HostRefusal found = HostRefusal.of(status, text, rest.ended());
                if (found != null || rest.ended() || length == octets.length || !HostRefusal.mayBecome(text)) {
                    return found;
                }
                length += Math.max(0, rest.read(octets, length, octets.length - length));
            }
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            if (given == length) {
                return rest.read(b, off, len);
            }
            int count = Math.min(len, length - given);
            System.arraycopy(octets, given, b, off, count);
            given += count;
            return count;
        }

        @Override
        public boolean ready() {
            return given < length || rest.ready();
        }

        @Override
        public boolean ended() {
            return given == length && rest.ended();
        }

        @Override
        public Fields trailers() {
            return rest.trailers();
        }
    }
}
