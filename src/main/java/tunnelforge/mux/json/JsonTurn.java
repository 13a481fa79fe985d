package tunnelforge.mux.json;

import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.net.Clock;
import tunnelforge.wire.Limits;

/**
 * Whose turn it is on a connection that carries one exchange at a time. A turn is over when both have happened, in either order: this side has done with the
 * exchange, and the agent has ended it, be it by an answer to what was reset long ago. Called by any task.
 */
final class JsonTurn {
    private static final int NONE = 0;

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    /** The last exchange that the agent has ended. */
    private int ended = NONE;
    /** The exchange that this side has done with and whose end by the agent is waited for. */
    private int awaited = NONE;
    private long endBy;

    JsonTurn(Clock clock) {
        this.clock = clock;
    }

    /**
     * This side has done with the exchange.
     *
     * @param endedByAgent as far as the exchange itself knows
     * @return whether the turn is over
     */
    boolean leave(int id, boolean endedByAgent) {
        lock.lock();
        try {
            if (endedByAgent || ended == id) {
                return true;
            }
            awaited = id;
            endBy = clock.nanos() + Limits.RESET_SETTLES_WITHIN.toNanos();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The agent has ended an exchange that is over for this side.
     *
     * @return whether the turn is over by that
     */
    boolean end(int id) {
        lock.lock();
        try {
            ended = id;
            if (awaited != id) {
                return false;
            }
            awaited = NONE;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the agent has not ended in time what this side has done with. */
    boolean isOverdue(long now) {
        lock.lock();
        try {
            return awaited != NONE && now - endBy > 0;
        } finally {
            lock.unlock();
        }
    }
}
