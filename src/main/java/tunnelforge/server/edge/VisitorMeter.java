package tunnelforge.server.edge;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;
import tunnelforge.http.Heads;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.mux.Meter;
import tunnelforge.net.Cancellation;
import tunnelforge.server.access.Allowance;
import tunnelforge.server.access.Network;
import tunnelforge.server.access.Refusal;

/**
 * Counts what one visitor moves through an account's tunnel, and holds it up where that is too much. The task that moves it waits; a visitor that leaves ends that. Where
 * nothing more may move it breaks off.
 */
final class VisitorMeter implements Meter {
    /** Whoever waits looks so often whether its visitor is still there, and whether the rates are others. */
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Allowance allowance;
    private final Network visitor;
    private final Cancellation gone;
    private final Consumer<Refusal> broken;

    /** What is to be waited for: until when, at which rates. */
    private record Due(long until, Object rates) {
    }

    /**
     * For one request, or one session.
     *
     * @param gone the visitor has left, and nobody waits for it
     * @param broken is told why nothing more may move, by any task
     */
    VisitorMeter(Allowance allowance, Network visitor, Cancellation gone, Consumer<Refusal> broken) {
        this.allowance = allowance;
        this.visitor = visitor;
        this.gone = gone;
        this.broken = broken;
    }

    /** For a session. */
    Meter ofSession() {
        return allowance.metered() ? this : NONE;
    }

    @Override
    public int piece() {
        return allowance.piece();
    }

    @Override
    public void moves(int bytes) throws IOException {
        await(spend(bytes));
    }

    private Due spend(int bytes) throws IOException {
        Object rates = allowance.rates();
        try {
            return new Due(allowance.spend(bytes, visitor), rates);
        } catch (Refusal e) {
            broken.accept(e);
            throw new IOException(e.getMessage(), e);
        }
    }

    private void await(Due due) {
        for (long left = left(due); left > 0 && !gone.cancelled(); left = left(due)) {
            LockSupport.parkNanos(this, Math.min(left, LOOK_EVERY_NANOS));
        }
    }

    private long left(Due due) {
        return due.rates == allowance.rates() ? due.until - allowance.nanos() : 0;
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
                Due due = spend(count);
                if (left(due) > 0) {
                    // What is there already is not to wait as well.
                    to.flush();
                    await(due);
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
        private Due due = new Due(allowance.nanos(), null);

        Source(BodySource from) {
            this.from = from;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            await(due);
            int count = from.read(b, off, Math.min(len, piece()));
            if (count > 0) {
                due = spend(count);
            }
            return count;
        }

        @Override
        public boolean ready() {
            return left(due) <= 0 && from.ready();
        }

        @Override
        public boolean ended() {
            return from.ended();
        }

        /** Asked for once, at the end: the next request waits for what they cost. */
        @Override
        public Fields trailers() {
            Fields trailers = from.trailers();
            if (trailers.size() > 0) {
                allowance.count(Heads.length(trailers), visitor);
            }
            return trailers;
        }
    }
}
