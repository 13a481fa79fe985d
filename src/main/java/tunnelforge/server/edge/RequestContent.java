package tunnelforge.server.edge;

import java.io.IOException;
import java.util.function.Supplier;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;

/** What a request carries behind its head, and what that means for sending it again. */
sealed interface RequestContent {
    RequestContent NONE = new None();

    /** Whether all of it is here, so that it can be sent more than once. */
    default boolean repeatable() {
        return true;
    }

    /**
     * The same when a small body is here whole, or the first bytes of a larger one are: waits for them, so that nothing else has to meanwhile.
     *
     * @param always also for a body of unknown length: whoever sends one may want to see the answer's head first, and need not wait while there is room enough
     */
    default RequestContent arrived(boolean always) throws IOException {
        return this;
    }

    /** The bytes, from the first on; for content that is not repeatable, once. */
    BodySource source();

    /** There is none. */
    record None() implements RequestContent {
        @Override
        public BodySource source() {
            return new Bytes(new byte[0], null);
        }
    }

    /** It came together with the head, and is small enough to leave together with it; or it was collected. */
    final class Whole implements RequestContent {
        private final byte[] bytes;

        Whole(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] bytes() {
            return bytes;
        }

        @Override
        public BodySource source() {
            return new Bytes(bytes, null);
        }
    }

    /** It is read as it comes from the visitor. */
    record Streaming(Supplier<BodySource> from, Arrival arrival) implements RequestContent {
        /** Of what is here already. */
        Streaming(Supplier<BodySource> from) {
            this(from, null);
        }

        @Override
        public RequestContent arrived(boolean always) throws IOException {
            return arrival == null ? this : arrival.await(always);
        }

        @Override
        public boolean repeatable() {
            return false;
        }

        @Override
        public BodySource source() {
            return from.get();
        }
    }

    /** Waits for what comes from a visitor. */
    interface Arrival {
        RequestContent await(boolean always) throws IOException;
    }

    /** Bytes that are here, and perhaps others behind them. They are dropped when they have been read: the rest may take long. */
    final class Bytes implements BodySource {
        private byte[] bytes;
        private int taken;
        private final BodySource behind;

        /** {@code behind}: null for none. */
        Bytes(byte[] bytes, BodySource behind) {
            this.bytes = bytes;
            this.behind = behind;
        }

        private boolean here() {
            return bytes != null && taken < bytes.length;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            if (!here()) {
                return behind == null ? -1 : behind.read(b, off, len);
            }
            int count = Math.min(len, bytes.length - taken);
            System.arraycopy(bytes, taken, b, off, count);
            taken += count;
            if (!here()) {
                bytes = null;
            }
            return count;
        }

        @Override
        public boolean ready() {
            return here() || behind == null || behind.ready();
        }

        @Override
        public boolean ended() {
            return !here() && (behind == null || behind.ended());
        }

        @Override
        public Fields trailers() {
            return behind == null ? new Fields() : behind.trailers();
        }
    }
}
