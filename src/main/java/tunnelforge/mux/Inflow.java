package tunnelforge.mux;

import java.io.IOException;
import tunnelforge.http.BodySink;
import tunnelforge.http.Fields;

/** What both sides receive of an exchange in the same way: its body, or the bytes behind a 101. */
public final class Inflow {
    /** Taken at once at most, so that the peer gets credit while the sink still writes. */
    private static final int PIECE = 64 * 1024;

    private Inflow() {
    }

    /**
     * Hands what arrives to the sink, to its end. Flushes when nothing more is at hand.
     *
     * @throws ResetException when the exchange ends before its END
     * @throws IOException when the sink fails; the exchange is the caller's to reset
     */
    public static void receive(Exchange exchange, BodySink sink) throws IOException {
        receive(exchange, sink, Long.MAX_VALUE);
    }

    /** As {@link #receive(Exchange, BodySink)}, of so many bytes: for the body of an Upgrade, which has no END, and behind which other bytes may follow. */
    public static void receive(Exchange exchange, BodySink sink, long bytes) throws IOException {
        Inbox inbox = exchange.inbox();
        for (long left = bytes; left > 0;) {
            int ready = inbox.dataAtHand();
            if (ready < 0) {
                sink.flush();
                ready = inbox.awaitData();
            }
            if (ready == 0) {
                sink.end(inbox.trailers());
                return;
            }
            int count = (int) Math.min(left, Math.min(PIECE, ready));
            sink.write(inbox.data(), inbox.dataOffset(), count);
            exchange.taken(count);
            left -= count;
        }
        sink.end(new Fields());
    }
}
