package tunnelforge.mux;

import java.io.IOException;
import tunnelforge.http.BodySink;

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
        Inbox inbox = exchange.inbox();
        while (true) {
            int ready = inbox.dataAtHand();
            if (ready < 0) {
                sink.flush();
                ready = inbox.awaitData();
            }
            if (ready == 0) {
                sink.end(inbox.trailers());
                return;
            }
            int count = Math.min(PIECE, ready);
            sink.write(inbox.data(), inbox.dataOffset(), count);
            exchange.taken(count);
        }
    }
}
