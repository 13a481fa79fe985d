package tunnelforge.agent.tunnel;

import java.time.Duration;
import java.util.random.RandomGenerator;
import tunnelforge.wire.Limits;

/** Pauses between attempts: exponential with full jitter, so that a thousand agents do not come back at the same moment. */
public final class Backoff {
    private final RandomGenerator random;
    private Duration ceiling = Limits.RECONNECT_FIRST;

    public Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** The next pause: anything up to a ceiling that doubles each time. */
    public Duration next() {
        Duration pause = upTo(ceiling);
        Duration doubled = ceiling.multipliedBy(2);
        ceiling = doubled.compareTo(Limits.RECONNECT_LONGEST) > 0 ? Limits.RECONNECT_LONGEST : doubled;
        return pause;
    }

    /** The next pause for a server that has said that it stops, and will soon be back: always a short one. */
    public Duration soon() {
        return upTo(Limits.RECONNECT_AFTER_DRAIN);
    }

    private Duration upTo(Duration longest) {
        return Duration.ofNanos(random.nextLong(longest.toNanos() + 1));
    }

    /** The server can be reached: pauses stay well below the time for which it keeps a name. */
    public void reached() {
        ceiling = ceiling.compareTo(Limits.RECONNECT_REACHED) > 0 ? Limits.RECONNECT_REACHED : ceiling;
    }

    /** What was reached has been stable: the next pause is a short one again. */
    public void reset() {
        ceiling = Limits.RECONNECT_FIRST;
    }
}
