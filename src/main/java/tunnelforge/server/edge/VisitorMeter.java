package tunnelforge.server.edge;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;
import tunnelforge.http.Heads;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.mux.Meter;
import tunnelforge.net.Cancellation;
import tunnelforge.server.access.Allowance;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.VisitorShare;

/**
 * Counts what one visitor moves through an account's tunnel, and holds it up where that is too much. The task that moves it waits; a visitor that leaves ends that. Where
 * nothing more may move it breaks off.
 */
final class VisitorMeter implements Meter {
    /** Whoever waits looks so often whether its visitor is still there. */
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Allowance allowance;
    private final VisitorShare share;
    private final Cancellation gone;

    VisitorMeter(Allowance allowance, VisitorShare share, Cancellation gone) {
        this.allowance = allowance;
        this.share = share;
        this.gone = gone;
    }

    /** For a session. */
    static Meter ofSession(Allowance allowance, VisitorShare share, Cancellation gone) {
        return allowance.metered() ? new VisitorMeter(allowance, share, gone) : NONE;
    }

    @Override
    public int piece() {
        return allowance.piece();
    }

    @Override
    public void moves(int bytes) throws IOException {
        await(spend(bytes));
    }

    private long spend(int bytes) throws IOException {
        try {
            return allowance.spend(bytes, share);
        } catch (Refusal e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private void await(long until) {
        for (long left = until - allowance.nanos(); left > 0 && !gone.cancelled(); left = until - allowance.nanos()) {
            LockSupport.parkNanos(this, Math.min(left, LOOK_EVERY_NANOS));
        }
    }

    // ---- Of requests and responses. ----

    /** A request is about to leave, with what of its content leaves together with its head. */
    void request(RequestHead head, RequestContent content) throws IOException {
        if (allowance.metered()) {
            moves(Heads.length(head) + (content instanceof RequestContent.Whole whole ? whole.bytes().length : 0));
        }
    }

    /** A head is about to be written to the visitor. */
    void response(ResponseHead head) throws IOException {
        if (allowance.metered()) {
            moves(Heads.length(head));
        }
    }

    /** What is written is counted. */
    BodySink sink(BodySink to) {
        return allowance.metered() ? new Sink(to) : to;
    }

    /** What is read is counted. */
    BodySource source(BodySource from) {
        return allowance.metered() ? new Source(from) : from;
    }

    private final class Sink implements BodySink {
        private final BodySink to;

        Sink(BodySink to) {
            this.to = to;
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            for (int done = 0; done < len;) {
                int count = Math.min(len - done, piece());
                long until = spend(count);
                if (until - allowance.nanos() > 0) {
                    // What is there already is not to wait as well.
                    to.flush();
                    await(until);
                }
                to.write(b, off + done, count);
                done += count;
            }
        }

        @Override
        public void flush() throws IOException {
            to.flush();
        }

        @Override
        public void end(Fields trailers) throws IOException {
            if (trailers.size() > 0) {
                moves(Heads.length(trailers));
            }
            to.end(trailers);
        }
    }

    /** What was read goes on at once; who reads next waits for it. So nothing that is here waits with it. */
    private final class Source implements BodySource {
        private final BodySource from;
        private long until;

        Source(BodySource from) {
            this.from = from;
            until = allowance.nanos();
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            await(until);
            int count = from.read(b, off, Math.min(len, piece()));
            if (count > 0) {
                until = spend(count);
            }
            return count;
        }

        @Override
        public boolean ready() {
            return until - allowance.nanos() <= 0 && from.ready();
        }

        @Override
        public boolean ended() {
            return from.ended();
        }

        @Override
        public Fields trailers() {
            return from.trailers();
        }
    }
}
