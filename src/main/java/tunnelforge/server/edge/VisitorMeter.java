package tunnelforge.server.edge;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;
import tunnelforge.mux.Meter;
import tunnelforge.net.Cancellation;
import tunnelforge.server.access.Allowance;
import tunnelforge.server.access.VisitorShare;

/** Counts what one visitor moves through an account's tunnel, and holds it up where that is too much. The task that moves it waits; a visitor that leaves ends that. */
final class VisitorMeter implements Meter {
    /** Whoever waits looks so often whether its visitor is still there. */
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Allowance allowance;
    private final VisitorShare share;
    private final Cancellation gone;

    private VisitorMeter(Allowance allowance, VisitorShare share, Cancellation gone) {
        this.allowance = allowance;
        this.share = share;
        this.gone = gone;
    }

    static VisitorMeter of(Allowance allowance, VisitorShare share, Cancellation gone) {
        return new VisitorMeter(allowance, share, gone);
    }

    /** For a session. */
    static Meter ofSession(Allowance allowance, VisitorShare share, Cancellation gone) {
        return allowance.metered() ? of(allowance, share, gone) : NONE;
    }

    /** The content that leaves together with a head. */
    RequestContent content(RequestContent content) {
        if (allowance.metered() && content instanceof RequestContent.Whole whole) {
            moves(whole.bytes().length);
        }
        return content;
    }

    @Override
    public void moves(int bytes) {
        await(allowance.spend(bytes, share));
    }

    private void await(long nanos) {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !gone.cancelled(); left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, Math.min(left, LOOK_EVERY_NANOS));
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
                int count = Math.min(len - done, allowance.piece());
                long wait = allowance.spend(count, share);
                if (wait > 0) {
                    // What is there already is not to wait as well.
                    to.flush();
                    await(wait);
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
            to.end(trailers);
        }
    }

    private final class Source implements BodySource {
        private final BodySource from;

        Source(BodySource from) {
            this.from = from;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            int count = from.read(b, off, Math.min(len, allowance.piece()));
            if (count > 0) {
                moves(count);
            }
            return count;
        }

        @Override
        public boolean ready() {
            return from.ready();
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
