package tunnelforge.server.tunnel;

import java.security.SecureRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import tunnelforge.net.Clock;
import tunnelforge.text.Ids;
import tunnelforge.wire.Limits;

/**
 * What the agent is asked for: each invitation has a connection id that is good for one use within {@link Limits#CONNECTION_ID_LIFE}. An agent that does not come, or whose
 * connections end at once, is asked again after a growing pause.
 */
final class Invitations {
    private static final long LIFE_NANOS = Limits.CONNECTION_ID_LIFE.toNanos();
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Predicate<String> inviter;
    private final SecureRandom random;
    private final Clock clock;
    /** Ids that were given out, with the time until which they are good. */
    private final ConcurrentHashMap<String, Long> outstanding = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private volatile long next;
    private volatile boolean closed;
    private long pause;

    /** {@code inviter} sends {@code open_data_connection} with a connection id and does not block; false when the control connection is away. */
    Invitations(Predicate<String> inviter, SecureRandom random, Clock clock) {
        this.inviter = inviter;
        this.random = random;
        this.clock = clock;
        this.next = clock.nanos();
    }

    int outstanding() {
        return outstanding.size();
    }

    /** Whether the agent may be asked now. */
    boolean allowed() {
        return !closed && outstanding.size() < Limits.POOL_MAX && clock.nanos() - next >= 0;
    }

    /** Asks for as many as are missing by {@code missing}, which counts what is outstanding. */
    void ask(IntSupplier missing) {
        lock.lock();
        try {
            boolean heard = true;
            for (int left = missing.getAsInt(); heard && left > 0 && allowed(); left--) {
                heard = invite();
            }
        } finally {
            lock.unlock();
        }
    }

    /** False when there is nobody to ask. */
    private boolean invite() {
        String id = Ids.secret(random);
        outstanding.put(id, clock.nanos() + LIFE_NANOS);
        boolean sent = inviter.test(id);
        if (!sent) {
            outstanding.remove(id);
        }
        return sent;
    }

    /** Whether the id was given out and not used; it is used up by this. */
    boolean redeem(String connectionId) {
        Long until = outstanding.remove(connectionId);
        return until != null && clock.nanos() - until <= 0;
    }

    /** The agent has come: it may be asked again at once. */
    void arrived() {
        next = clock.nanos();
    }

    /** What came of one was of use. */
    void succeeded() {
        lock.lock();
        try {
            pause = 0;
        } finally {
            lock.unlock();
        }
    }

    /** Nothing of use came of one: the agent is asked again after a pause, unless that has begun for another one. */
    void failed() {
        lock.lock();
        try {
            long now = clock.nanos();
            if (now - next >= 0) {
                pause = Math.min(LONGEST_PAUSE_NANOS, Math.max(FIRST_PAUSE_NANOS, 2 * pause));
                next = now + pause;
            }
        } finally {
            lock.unlock();
        }
    }

    /** The control connection is a new one: what was asked for on the old one will not come. */
    void restart() {
        outstanding.clear();
        succeeded();
        arrived();
    }

    void tick(long now) {
        if (outstanding.values().removeIf(until -> now - until > 0)) {
            failed();
        }
    }

    /** Asks for nothing more, and takes back what was asked for. */
    void close() {
        lock.lock();
        try {
            closed = true;
            outstanding.clear();
        } finally {
            lock.unlock();
        }
    }
}
