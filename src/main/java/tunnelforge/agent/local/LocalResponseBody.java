package tunnelforge.agent.local;

import java.io.IOException;
import java.util.function.BooleanSupplier;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.HopByHop;
import tunnelforge.http.HttpReader;
import tunnelforge.http.ResponseHead;

/**
 * The body of the local service's response. When it has been read to its end the connection is given back at once: before the server can
 * know that all is answered, so that its next request finds the connection.
 */
final class LocalResponseBody implements BodySource {
    private final LocalLease lease;
    private final HttpReader reader;
    private final boolean persists;
    private final String keepAlive;
    private final BooleanSupplier requestSent;
    private Fields trailers = new Fields();
    private boolean ended;

    /** {@code head} as it was received; {@code requestSent} tells, at the end, whether the request has left whole. */
    LocalResponseBody(LocalLease lease, ResponseHead head, Framing framing, BooleanSupplier requestSent) {
        this.lease = lease;
        this.reader = lease.reader();
        this.persists = HopByHop.persists(head, framing, !lease.isOneVisitors());
        this.keepAlive = head.fields().get("Keep-Alive");
        this.requestSent = requestSent;
        reader.startBody(framing);
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        int count = ended() ? -1 : reader.readBody(b, off, len);
        ended();
        return count;
    }

    @Override
    public boolean ready() {
        return ended() || reader.bodyReadable();
    }

    /** The reader is this exchange's only up to the end. */
    @Override
    public boolean ended() {
        if (!ended && reader.bodyEnded()) {
            ended = true;
            trailers = reader.trailers();
            trailers.removeIf(LocalHeads::isOurs);
            if (persists && reader.buffered() == 0 && requestSent.getAsBoolean()) {
                lease.giveBack(keepAlive);
            }
        }
        return ended;
    }

    @Override
    public Fields trailers() {
        return trailers;
    }
}
