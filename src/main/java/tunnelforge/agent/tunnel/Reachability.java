package tunnelforge.agent.tunnel;

import java.time.Duration;
import tunnelforge.log.Log;
import tunnelforge.net.Clock;
import tunnelforge.text.Amounts;

/** Tells people why a tunnel is not open: once for each trouble, and again ever more rarely, since attempts are many. By the tunnel's keeper alone. */
public final class Reachability {
    private static final Duration SAY_AGAIN_AFTER = Duration.ofSeconds(30);
    private static final Duration SAY_AGAIN_AT_LEAST_EVERY = Duration.ofMinutes(10);

    private final Clock clock;
    private final Log log;
    private Trouble said;
    private long saidAt;
    private Duration sayAgainAfter;

    public Reachability(Clock clock, Log log) {
        this.clock = clock;
        this.log = log;
    }

    /** {@code nextTry}: from now. */
    public void tell(Trouble trouble, Duration nextTry) {
        long now = clock.nanos();
        boolean again = trouble.equals(said);
        String message = trouble.message() + "; next try in " + Amounts.time(nextTry);
        if (again && now - saidAt < sayAgainAfter.toNanos()) {
            log.debug(trouble.event(), message, "error", trouble.reason());
            return;
        }
        sayAgainAfter = again ? longer(sayAgainAfter) : SAY_AGAIN_AFTER;
        said = trouble;
        saidAt = now;
        log.warn(trouble.event(), message, "error", trouble.reason());
    }

    private static Duration longer(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(SAY_AGAIN_AT_LEAST_EVERY) > 0 ? SAY_AGAIN_AT_LEAST_EVERY : doubled;
    }

    /** The server has the tunnel. */
    public void registered() {
        if (said != null && !said.isDataAlone()) {
            said = null;
        }
    }

    /** Something has come on a data connection. */
    public void carries() {
        if (said != null && said.isDataAlone()) {
            log.info("data_carried", "data connections work again");
            said = null;
        }
    }
}
