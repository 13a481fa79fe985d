package tunnelforge.server.tunnel;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.net.Clock;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.TunnelError;

/**
 * Whether a tunnel's agent is there.
 *
 * <pre>
 *   AWAY ──attach──▶ ATTACHED ──detach──▶ AWAY
 *   AWAY ──grace over──▶ ENDED ◀──end── any
 * </pre>
 */
final class AgentPresence {
    private final long graceNanos;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile AgentHandle agent;
    private volatile boolean ended;
    private long awaySince;

    AgentPresence(Duration grace, Clock clock) {
        this.graceNanos = grace.toNanos();
        this.clock = clock;
        this.awaySince = clock.nanos();
    }

    /** Null while it is away. */
    AgentHandle agent() {
        return agent;
    }

    boolean isAway() {
        return agent == null;
    }

    /** Since when it is away, by the clock; null when it is there. */
    Long awaySince() {
        lock.lock();
        try {
            return agent == null ? awaySince : null;
        } finally {
            lock.unlock();
        }
    }

    /** It has been away for so long already; before anybody else knows of this. */
    void awayFor(Duration already) {
        awaySince = clock.nanos() - already.toNanos();
    }

    boolean hasEnded() {
        return ended;
    }

    /**
     * Tells the agent that was there that it is displaced.
     *
     * @param epoch what begins anew with an agent, in the same step, so that an earlier agent's never comes behind a later one's; must not block
     * @return false when the tunnel has ended
     */
    boolean attach(AgentHandle newAgent, Runnable epoch) {
        AgentHandle before;
        lock.lock();
        try {
            if (ended) {
                return false;
            }
            before = agent;
            agent = newAgent;
            epoch.run();
        } finally {
            lock.unlock();
        }
        if (before != null) {
            before.ended(displaced());
        }
        return true;
    }

    /** What an agent is told whose tunnel another has now. */
    static Refusal displaced() {
        return Refusal.lasting(TunnelError.NAME_TAKEN, "another agent has taken up this tunnel");
    }

    /** Nothing happens when another one has taken its place. */
    void detach(AgentHandle lost) {
        lock.lock();
        try {
            if (agent == lost) {
                awaySince = clock.nanos();
                agent = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends it when the agent has been away for longer than the grace time; returns whether it has done so. */
    boolean endWhenAwayTooLong(long now) {
        if (agent != null) {
            return false;
        }
        lock.lock();
        try {
            boolean ends = !ended && agent == null && now - awaySince > graceNanos;
            ended |= ends;
            return ends;
        } finally {
            lock.unlock();
        }
    }

    /** The agent that is there, and the last one that ever will be; null when it is away. */
    AgentHandle end() {
        lock.lock();
        try {
            ended = true;
            return agent;
        } finally {
            lock.unlock();
        }
    }
}
