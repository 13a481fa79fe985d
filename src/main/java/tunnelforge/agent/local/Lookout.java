package tunnelforge.agent.local;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.log.Log;
import tunnelforge.net.Clock;
import tunnelforge.net.Tasks;

/**
 * Whether the local service accepts connections, told when that changes. Whoever connects reports how it went. While the service is gone it is looked for now and then, if it may be:
 * one that serves a single connection, as {@code nc -l} does, is not to lose it to a look.
 *
 * <pre>
 *   UNKNOWN ──▶ HERE ◀──▶ GONE
 * </pre>
 */
final class Lookout {
    private enum State { UNKNOWN, HERE, GONE }

    private static final long FIRST_PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(8);

    /** Connects, reports, and closes. */
    interface Attempt {
        void run() throws IOException;
    }

    private final Target.Service target;
    private final boolean looks;
    private final Attempt attempt;
    private final Clock clock;
    private final Tasks tasks;
    private final Log log;
    /** A leaf: what is told is told in the order in which it happened. */
    private final ReentrantLock lock = new ReentrantLock();
    private volatile State state = State.UNKNOWN;
    private String told;
    private long pause;
    private long nextLook;
    private Thread looker;
    private boolean closed;

    /** {@code looks}: whether it may connect only to see. */
    Lookout(Target.Service target, boolean looks, Attempt attempt, Clock clock, Tasks tasks, Log log) {
        this.target = target;
        this.looks = looks;
        this.attempt = attempt;
        this.clock = clock;
        this.tasks = tasks;
        this.log = log;
    }

    /** Somebody has connected. */
    void connected() {
        if (state == State.HERE) {
            return;
        }
        lock.lock();
        try {
            if (state == State.GONE) {
                log.info("upstream_found", target + " accepts connections now", "target", target);
            }
            state = State.HERE;
            told = null;
        } finally {
            lock.unlock();
        }
    }

    /** Somebody could not connect. */
    void failed(IOException e) {
        boolean nobody = e instanceof ConnectException || target instanceof Target.Unix(var path) && !Files.exists(path);
        lock.lock();
        try {
            String what = nobody ? "nothing listens on " + target : target + " cannot be connected to";
            String why = nobody ? null : e.getMessage();
            String telling = what + why;
            if (!telling.equals(told)) {
                told = telling;
                String when = !nobody ? "" : state == State.HERE ? " any more" : " yet";
                log.warn("upstream_missing", what + when, "target", target, "error", why);
                pause = FIRST_PAUSE;
                nextLook = clock.nanos() + pause;
            }
            state = State.GONE;
        } finally {
            lock.unlock();
        }
    }

    /** Whether nobody can connect, which has been told. */
    boolean isMissing() {
        return state == State.GONE;
    }

    /** Looks, on a task of its own; does nothing while that is under way. */
    void look() {
        lock.lock();
        try {
            if (looks && !closed && looker == null) {
                looker = tasks.start("local lookout", this::run);
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            attempt.run();
        } catch (IOException e) {
            // It has been reported.
        } finally {
            lock.lock();
            looker = null;
            lock.unlock();
        }
    }

    void tick(long now) {
        if (state != State.GONE) {
            return;
        }
        lock.lock();
        try {
            if (now - nextLook < 0) {
                return;
            }
            pause = Math.min(LONGEST_PAUSE, 2 * pause);
            nextLook = now + pause;
        } finally {
            lock.unlock();
        }
        look();
    }

    /** Nobody waits for one who looks. */
    void close() {
        lock.lock();
        try {
            closed = true;
            if (looker != null) {
                looker.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }
}
