package tunnelforge.server.edge;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.Supplier;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;
import tunnelforge.http.Room;
import tunnelforge.net.Ledger;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.TunnelError;

/** What a request carries behind its head, and what that means for sending it again. */
sealed interface RequestContent extends AutoCloseable {
    RequestContent NONE = new None();

    /** Whether all of it is here, so that it can be sent more than once. */
    boolean repeatable();

    /** The bytes, from the first on; for content that is not repeatable, once. */
    BodySource source();

    /** Gives back what it was charged; nothing of it is used any more. Once is enough. */
    @Override
    void close();

    /** There is none. */
    record None() implements RequestContent {
        @Override
        public boolean repeatable() {
            return true;
        }

        @Override
        public BodySource source() {
            return new Bytes(new byte[0], null);
        }

        @Override
        public void close() {
        }
    }

    /** It came together with the head, and is small enough to leave together with it. */
    final class Whole implements RequestContent {
        private final byte[] bytes;
        private final Room room;
        private int charged;

        /** {@code charged}: what was taken of the room for it. */
        Whole(byte[] bytes, Room room, int charged) {
            this.bytes = bytes;
            this.room = room;
            this.charged = charged;
        }

        byte[] bytes() {
            return bytes;
        }

        @Override
        public boolean repeatable() {
            return true;
        }

        @Override
        public BodySource source() {
            return new Bytes(bytes, null);
        }

        @Override
        public void close() {
            room.giveBack(charged);
            charged = 0;
        }
    }

    /** It is read as it comes from the visitor. */
    final class Streaming implements RequestContent {
        private final Supplier<BodySource> from;

        Streaming(Supplier<BodySource> from) {
            this.from = from;
        }

        @Override
        public boolean repeatable() {
            return false;
        }

        @Override
        public BodySource source() {
            return from.get();
        }

        @Override
        public void close() {
        }
    }

    /** It was read up to a limit before the request is sent on, for an agent that likes a small body in one piece. What is longer follows as it comes. */
    final class Collected implements RequestContent {
        private static final int FIRST_PIECE = 8 * 1024;

        private final Ledger.Charge charge;
        /** Of the message that holds the bytes once more; empty while there is none. */
        private final Ledger.Charge message;
        private boolean messageCharged;
        private byte[] bytes;
        /** Null when all of it was read. */
        private final BodySource rest;

        private Collected(byte[] bytes, BodySource rest, Ledger ledger, Ledger.Charge charge) {
            this.bytes = bytes;
            this.rest = rest;
            this.charge = charge;
            this.message = ledger.charge();
        }

        /**
         * Reads up to {@code most} bytes.
         *
         * @throws Refusal when the ledger has no room for them
         */
        static Collected read(BodySource from, int most, Ledger ledger) throws IOException, Refusal {
            Ledger.Charge charge = ledger.charge();
            boolean collected = false;
            try {
                byte[] bytes = {};
                int length = 0;
                while (!from.ended() && length < most) {
                    if (length == bytes.length) {
                        int capacity = Math.min(most, Math.max(FIRST_PIECE, 2 * length));
                        if (!charge.tryAdd(capacity - length)) {
                            throw overloaded();
                        }
                        bytes = Arrays.copyOf(bytes, capacity);
                    }
                    length += Math.max(0, from.read(bytes, length, bytes.length - length));
                }
                collected = true;
                return new Collected(Arrays.copyOf(bytes, length), from.ended() ? null : from, ledger, charge);
            } finally {
                if (!collected) {
                    charge.release();
                }
            }
        }

        private static Refusal overloaded() {
            return Refusal.passing(TunnelError.OVERLOADED, "this tunnel has no memory left for another request's body");
        }

        /**
         * The bytes are to stand in a message, in base64, until {@link #messageSent}.
         *
         * @throws Refusal when the ledger has no room for that
         */
        void chargeMessage() throws Refusal {
            if (!messageCharged && repeatable()) {
                if (!message.tryAdd(((long) bytes.length + 2) / 3 * 4)) {
                    throw overloaded();
                }
                messageCharged = true;
            }
        }

        /** Nobody keeps the message any more. */
        void messageSent() {
            message.release();
            messageCharged = false;
        }

        /** What was read. */
        byte[] bytes() {
            return bytes;
        }

        @Override
        public boolean repeatable() {
            return rest == null;
        }

        @Override
        public BodySource source() {
            BodySource source = new Bytes(bytes, rest);
            if (rest != null) {
                // Gone when they have been read: the rest may take long.
                bytes = null;
            }
            return source;
        }

        @Override
        public void close() {
            charge.release();
            messageSent();
        }
    }

    /** Bytes that are here, and perhaps others behind them. */
    final class Bytes implements BodySource {
        private byte[] bytes;
        private int taken;
        private final BodySource behind;

        private Bytes(byte[] bytes, BodySource behind) {
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
