package tunnelforge.agent.local;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.log.Log;
import tunnelforge.net.Clock;
import tunnelforge.wire.ResetCode;

/**
 * Spares a local service that fails again and again: visitors are answered at once with its last failure, and now and then one is let through to try. What it answers for was never given to the service.
 *
 * <pre>
 *   CLOSED ──failures in a row──▶ OPEN ──pause over: one tries──▶ HALF_OPEN ──it is served──▶ CLOSED
 *                                  ◀──────it fails; a longer pause──┘
 * </pre>
 */
public final class CircuitBreaker {
    private enum State { CLOSED, OPEN, HALF_OPEN }

    private static final long FIRST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** 0 for never. */
    private final int most;
    private final String target;
    private final Clock clock;
    private final Log log;
    /** A leaf: what is told is told in the order in which it happened. */
    private final ReentrantLock lock = new ReentrantLock();
    private volatile State state = State.CLOSED;
    private volatile int failures;
    private LocalFailure last;
    private long pause;
    private long nextTry;

    /** {@code most}: failures in a row to open it; 0 for one that never opens. */
    public CircuitBreaker(int most, Target target, Clock clock, Log log) {
        this.most = most;
        this.target = target.toString();
        this.clock = clock;
        this.log = log;
    }

    /** What a visitor is to be told instead of being served; null when it is to be served. */
    LocalFailure refuses() {
        if (state == State.CLOSED) {
            return null;
        }
        lock.lock();
        try {
            if (state == State.CLOSED) {
                return null;
            }
            long now = clock.nanos();
            if (now - nextTry < 0) {
                return new LocalFailure(last.code(), last.reason() + " " + failures + " times in a row, and does not try again before "
                        + (TimeUnit.NANOSECONDS.toSeconds(nextTry - now) + 1) + " s have passed");
            }
            // Whoever tries may never tell: then another one does after the same pause.
            nextTry = now + pause;
            if (state == State.OPEN) {
                state = State.HALF_OPEN;
                log.info("circuit_half_open", "one visitor is let through to see whether " + target + " is well again", "target", target);
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** The service has answered, or a session has its connection. */
    void succeeded() {
        if (failures == 0) {
            return;
        }
        lock.lock();
        try {
            failures = 0;
            if (state != State.CLOSED) {
                state = State.CLOSED;
                log.info("circuit_closed", target + " is well again: visitors are served", "target", target);
            }
        } finally {
            lock.unlock();
        }
    }

    /** It could not be connected to, or did not answer in time; any other failure says that it is there, and is passed over. */
    void failed(LocalFailure failure) {
        if (most == 0 || failure.code() != ResetCode.UPSTREAM_REFUSED && failure.code() != ResetCode.UPSTREAM_TIMEOUT) {
            return;
        }
        lock.lock();
        try {
            last = failure;
            failures++;
            if (state == State.OPEN || state == State.CLOSED && failures < most) {
                return;
            }
            pause = state == State.CLOSED ? FIRST_PAUSE_NANOS : Math.min(LONGEST_PAUSE_NANOS, 2 * pause);
            nextTry = clock.nanos() + pause;
            state = State.OPEN;
            log.warn("circuit_opened", target + " has failed " + failures + " times in a row: for " + TimeUnit.NANOSECONDS.toSeconds(pause) + " s visitors are told so at once", "target",
                    target, "error", failure.reason());
        } finally {
            lock.unlock();
        }
    }
}
