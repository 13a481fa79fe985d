package tunnelforge.server.tunnel;

import java.util.concurrent.atomic.AtomicInteger;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.Limits;
import tunnelforge.wire.TunnelProtocol;

/** How data connections carry what a tunnel is for: how many there should be, how much each carries at once, and what that costs. */
sealed interface Carriage {
    /**
     * What there is.
     *
     * @param idle those of them with nothing on them
     * @param invited asked for and not here yet
     * @param exchanges under way on the connections
     * @param waiting visitors without a place
     */
    record Census(int connections, int idle, int invited, int exchanges, int waiting) {
    }

    /** How many more are to be asked for; 0 or less for none. */
    int missing(Census now);

    /** How many are too many, and may go when they have been idle for long; 0 or less for none. */
    int surplus(Census now);

    /** How many there may be. */
    int most();

    /** How many exchanges or sessions one connection carries at once. */
    default int places() {
        return 1;
    }

    /** What each of them costs to begin. */
    int placeBytes();

    /** Whether several have a connection together; otherwise each has one for itself. */
    default boolean shares() {
        return places() > 1;
    }

    /** A visitor wants a place. */
    default void visitorComes() {
    }

    /** By the ticker. */
    default void tick() {
    }

    /** What may carry the protocol, in the binary encoding. */
    static Carriage of(TunnelProtocol protocol) {
        return protocol.carriesSessions() ? new Sessions() : new Shared();
    }

    /** The same in that encoding. */
    default Carriage in(DataEncoding encoding) {
        return this;
    }

    /** Exchanges share connections: few connections that carry many combine more frames into each write than many that carry few. */
    final class Shared implements Carriage {
        /** Exchanges that one connection carries before another is asked for. */
        static final int LOADED = 16;

        private final Turns turns = new Turns();

        @Override
        public Carriage in(DataEncoding encoding) {
            return encoding == DataEncoding.JSON ? turns : this;
        }

        @Override
        public int places() {
            return ServerLimits.MAX_EXCHANGES_PER_CONNECTION;
        }

        @Override
        public int placeBytes() {
            return Limits.INITIAL_WINDOW;
        }

        /** How many connections so many exchanges are to share. */
        static int sharedBy(int exchanges) {
            return Math.max(Limits.POOL_MIN, Math.min(Limits.POOL_MAX, (exchanges + LOADED - 1) / LOADED));
        }

        private static int wanted(Census now) {
            return sharedBy(now.exchanges + now.waiting);
        }

        @Override
        public int missing(Census now) {
            return wanted(now) - now.connections - now.invited;
        }

        @Override
        public int surplus(Census now) {
            return now.connections - wanted(now);
        }

        @Override
        public int most() {
            return Limits.POOL_MAX;
        }
    }

    /** The JSON encoding: a connection carries one exchange at a time, so there is one for each that waits. */
    final class Turns implements Carriage {
        @Override
        public int missing(Census now) {
            int free = now.idle + now.invited;
            return Math.min(most() - now.connections - now.invited, Math.max(Limits.POOL_MIN - now.connections - now.invited, now.waiting - free));
        }

        @Override
        public int surplus(Census now) {
            return now.connections - Limits.POOL_MIN;
        }

        @Override
        public int most() {
            return ServerLimits.MAX_JSON;
        }

        @Override
        public int placeBytes() {
            return ServerLimits.TURN_BYTES;
        }
    }

    /** Each session has a connection for itself: as many are kept idle as have lately begun within one tick. */
    final class Sessions implements Carriage {
        /** Sessions that have begun since the last tick. */
        private final AtomicInteger begun = new AtomicInteger();
        private volatile int spare = Limits.POOL_MIN;

        @Override
        public void visitorComes() {
            begun.incrementAndGet();
        }

        @Override
        public void tick() {
            // Slowly down: sessions come in bursts.
            spare = Math.min(ServerLimits.MAX_SPARE, Math.max(Limits.POOL_MIN, Math.max(begun.getAndSet(0), spare * 15 / 16)));
        }

        @Override
        public int missing(Census now) {
            return Math.min(most() - now.connections - now.invited, spare + now.waiting - now.idle - now.invited);
        }

        @Override
        public int surplus(Census now) {
            return now.idle - spare;
        }

        @Override
        public int most() {
            return ServerLimits.MAX_SESSIONS;
        }

        @Override
        public int placeBytes() {
            return ServerLimits.SESSION_BYTES;
        }
    }
}
