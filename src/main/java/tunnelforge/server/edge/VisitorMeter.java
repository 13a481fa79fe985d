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
import tunnelforge.server.access.Traffic;
import tunnelforge.server.tunnel.Visit;

/**
 * Counts what one visitor moves through a tunnel, and holds it up where that is too much for the tunnel's account. The task that moves it waits; a visitor that leaves ends that. Where
 * nothing more may move it breaks off. It is itself the stage before the visitor's answer, so that counting costs a request no object more.
 */
final class VisitorMeter implements Meter, BodySink {
    /** Whoever waits looks so often whether its visitor is still there, and whether the rates are others. */
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Allowance allowance;
    private final Traffic traffic;
    private final Network visitor;
    private final Cancellation gone;
    private final Consumer<Refusal> broken;
    /** The answer. */
    private BodySink to;

    /** What is to be waited for: until when, at which rates. */
    private record Due(long until, Object rates) {
    }

    /**
     * For one request, or one session.
     *
     * @param visit says what the account may have
     * @param gone the visitor has left, and nobody waits for it
     * @param broken is told why nothing more may move, by any task
     */
    VisitorMeter(Visit visit, Network visitor, Cancellation gone, Consumer<Refusal> broken) {
        allowance = visit.allowance();
        traffic = visit.traffic();
        this.visitor = visitor;
        this.gone = gone;
        this.broken = broken;
    }

    @Override
    public int piece() {
        return allowance.metered() ? allowance.piece() : Integer.MAX_VALUE;
    }

    @Override
    public void comes(int bytes) throws IOException {
        traffic.received(bytes);
        cost(bytes);
    }

    @Override
    public void goes(int bytes) throws IOException {
        traffic.sent(bytes);
        cost(bytes);
    }

    /** What costs an account something, be it counted as traffic or not. */
    private void cost(int bytes) throws IOException {
        if (allowance.metered()) {
            await(spend(bytes));
        }
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
        int body = content instanceof RequestContent.Whole whole ? whole.bytes().length : 0;
        if (body > 0) {
            traffic.received(body);
        }
        if (allowance.metered()) {
            await(spend(Heads.length(head) + body));
        }
    }

    /** A head is about to be written to the visitor. */
    void response(ResponseHead head) throws IOException {
        if (allowance.metered()) {
            await(spend(Heads.length(head)));
        }
    }

    /** What is written to this goes on to {@code answer}, and is counted. For the task that answers. */
    BodySink before(BodySink answer) {
        to = answer;
        return this;
    }

    /** What is read is counted. */
    BodySource source(BodySource from) {
        return new Source(from);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        traffic.sent(len);
        if (!allowance.metered()) {
            to.write(b, off, len);
            return;
        }
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
            cost(Heads.length(trailers));
        }
        to.end(trailers);
    }

    /** What was read goes on at once; who reads next waits for it. So nothing that is here waits with it. */
    private final class Source implements BodySource {
        private final BodySource from;
        /** Null where nothing is to be waited for. */
        private Due due;

        Source(BodySource from) {
            this.from = from;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            if (due != null) {
                await(due);
            }
            int count = from.read(b, off, Math.min(len, piece()));
            if (count > 0) {
                traffic.received(count);
                due = allowance.metered() ? spend(count) : null;
            }
            return count;
        }

        @Override
        public boolean ready() {
            return (due == null || left(due) <= 0) && from.ready();
        }

        @Override
        public boolean ended() {
            return from.ended();
        }

        /** Asked for once, at the end: the next request waits for what they cost. */
        @Override
        public Fields trailers() {
            Fields trailers = from.trailers();
            if (trailers.size() > 0 && allowance.metered()) {
                allowance.count(Heads.length(trailers), visitor);
            }
            return trailers;
        }
    }
}
