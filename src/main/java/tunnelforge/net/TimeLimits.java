package tunnelforge.net;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The time that a connection has: for one read, for one write, with nothing moving, and in total for whatever is under way. Streams note when a call
 * begins and ends; the ticker judges. Each limit belongs to whoever set it: no task can take back another's.
 */
final class TimeLimits {
    private static final long NOT_IN_A_CALL = 0;
    private static final long NONE = 0;

    private final Clock clock;
    /** The latest one; each knows the one before it. One that is closed goes when those after it have: totals are to nest, more or less. */
    private final AtomicReference<Scope> scopes = new AtomicReference<>();
    private volatile long readNanos = Connection.NO_LIMIT.toNanos();
    private volatile long writeNanos = Connection.WRITE_LIMIT.toNanos();
    private volatile long idleNanos = Connection.NO_LIMIT.toNanos();
    private volatile long readBegan = NOT_IN_A_CALL;
    private volatile long writeBegan = NOT_IN_A_CALL;
    private volatile long heard;
    /** Written before {@link #moved} is, and read behind it. */
    private long received;
    private volatile long taken;
    private volatile long moved;
    /** For the end of the connection: nobody takes it back. */
    private volatile long endBy = NONE;

    TimeLimits(Clock clock) {
        this.clock = clock;
        heard = clock.nanos();
        moved = heard;
    }

    private final class Scope implements Connection.Total {
        private final long end;
        private final Scope before;
        /** Null when being late ends the connection. */
        private final Runnable instead;
        private volatile boolean closed;
        private boolean told;

        Scope(long end, Runnable instead, Scope before) {
            this.end = end;
            this.instead = instead;
            this.before = before;
        }

        /** By the ticker. Whether the connection is to end. */
        boolean isPast(long now) {
            if (closed || now - end < 0) {
                return false;
            }
            if (instead != null && !told) {
                told = true;
                try {
                    instead.run();
                } catch (OutOfMemoryError e) {
                    return true;
                }
            }
            return instead == null;
        }

        @Override
        public void close() {
            closed = true;
            Scope latest;
            // Nearly always it is the latest itself.
            while ((latest = scopes.get()) != null && latest.closed) {
                scopes.compareAndSet(latest, latest.before);
            }
        }
    }

    // ---- Set by owners. ----

    void read(Duration limit) {
        readNanos = positive(limit);
    }

    void write(Duration limit) {
        if (limit.compareTo(Connection.NO_LIMIT) >= 0) {
            throw new IllegalArgumentException("a write without a limit");
        }
        writeNanos = positive(limit);
    }

    void idle(Duration limit) {
        moved = clock.nanos();
        idleNanos = positive(limit);
    }

    Connection.Total within(Duration limit, Runnable instead) {
        long end = clock.nanos() + positive(limit);
        while (true) {
            Scope before = scopes.get();
            Scope scope = new Scope(end, instead, before);
            if (scopes.compareAndSet(before, scope)) {
                return scope;
            }
        }
    }

    void endWithin(Duration limit) {
        long end = clock.nanos() + positive(limit);
        endBy = end == NONE ? 1 : end;
    }

    private static long positive(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("a limit of " + limit);
        }
        return limit.toNanos();
    }

    // ---- Noted by streams. ----

    void readBegins() {
        readBegan = now();
    }

    void readEnds() {
        readBegan = NOT_IN_A_CALL;
    }

    void writeBegins() {
        writeBegan = now();
    }

    /** The peer, or the kernel for it, has taken so many bytes. */
    void taken(int count) {
        taken += count;
    }

    void writeEnds() {
        moved = clock.nanos();
        writeBegan = NOT_IN_A_CALL;
    }

    /** Bytes have come. */
    void heard(int count, long now) {
        received += count;
        heard = now;
        moved = now;
    }

    /** The peer's stream has ended. */
    void ended() {
        moved = clock.nanos();
    }

    private long now() {
        long now = clock.nanos();
        return now == NOT_IN_A_CALL ? 1 : now;
    }

    // ---- Judged by the ticker. ----

    boolean isReading() {
        return readBegan != NOT_IN_A_CALL;
    }

    boolean isWriting() {
        return writeBegan != NOT_IN_A_CALL;
    }

    long received() {
        return moved == 0 ? 0 : received;
    }

    long taken() {
        return taken;
    }

    long silence(long now) {
        return now - heard;
    }

    /** How long a read has been waiting for the first byte that it will return; 0 without one. */
    long waiting(long now) {
        long began = readBegan;
        return began == NOT_IN_A_CALL ? 0 : Math.min(now - began, now - heard);
    }

    /** How long nothing has gone either way. */
    long stillness(long now) {
        return now - moved;
    }

    /** Each limit is read before what it is compared with: a call that begins under a new limit is not judged by the old one. */
    boolean isPast(long now) {
        long read = readNanos;
        if (isPast(readBegan, read, now)) {
            return true;
        }
        long write = writeNanos;
        if (isPast(writeBegan, write, now)) {
            return true;
        }
        long idle = idleNanos;
        if (now - moved >= idle) {
            return true;
        }
        for (Scope scope = scopes.get(); scope != null; scope = scope.before) {
            if (scope.isPast(now)) {
                return true;
            }
        }
        long end = endBy;
        return end != NONE && now - end >= 0;
    }

    private static boolean isPast(long began, long limit, long now) {
        return began != NOT_IN_A_CALL && now - began >= limit;
    }
}
