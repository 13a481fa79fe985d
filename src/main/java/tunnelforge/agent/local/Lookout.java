package tunnelforge.agent.local;

import java.io.IOException;
import java.net.ConnectException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import tunnelforge.log.Log;
import tunnelforge.net.Tasks;

/**
 * Whether the local service accepts connections, told when that changes. Whoever connects reports how it went; while the service is gone it is looked for once a
 * second, which nobody notices there.
 *
 * <pre>
 *   UNKNOWN ──▶ HERE ◀──▶ GONE
 * </pre>
 */
final class Lookout {
    private enum State { UNKNOWN, HERE, GONE }

    private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Connects, reports, and closes. */
    interface Attempt {
        void run() throws IOException;
    }

    private final Target.Service target;
    private final Attempt attempt;
    private final Tasks tasks;
    private final Log log;
    private final AtomicReference<State> state = new AtomicReference<>(State.UNKNOWN);
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile long looked;
    private volatile Thread looker;

    Lookout(Target.Service target, Attempt attempt, Tasks tasks, Log log) {
        this.target = target;
        this.attempt = attempt;
        this.tasks = tasks;
        this.log = log;
    }

    /** Somebody has connected. */
    void connected() {
        if (state.get() != State.HERE && state.getAndSet(State.HERE) == State.GONE) {
            log.info("upstream_found", target + " accepts connections now", "target", target);
        }
    }

    /** Somebody could not connect. */
    void failed(IOException e) {
        State before = state.getAndSet(State.GONE);
        if (before == State.GONE) {
            return;
        }
        String when = before == State.HERE ? " any more" : " yet";
        if (e instanceof ConnectException || target instanceof Target.Unix) {
            log.warn("upstream_missing", "nothing listens on " + target + when, "target", target);
        } else {
            log.warn("upstream_missing", target + " cannot be connected to", "target", target, "error", e.getMessage());
        }
    }

    /** Looks, on a task of its own; does nothing while that is under way. */
    void look() {
        if (looking.compareAndSet(false, true)) {
            looker = tasks.start("local lookout", () -> {
                try {
                    attempt.run();
                } catch (IOException e) {
                    // It has been reported.
                } finally {
                    looking.set(false);
                }
            });
        }
    }

    boolean isMissing() {
        return state.get() == State.GONE;
    }

    /** Whoever looks is not waited for by others. */
    void close() {
        Thread last = looker;
        if (last != null) {
            last.interrupt();
        }
    }

    void tick(long now) {
        if (isMissing() && now - looked > LOOK_EVERY_NANOS) {
            looked = now;
            look();
        }
    }
}
