package tunnelforge.agent.local;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import tunnelforge.http.Fields;
import tunnelforge.log.Log;

/**
 * Which Host the local service gets, where that shows from what it answers: the visitor's until it refuses that, and its own from then on.
 *
 * <pre>
 *   VISITORS ──refused──▶ OWN
 * </pre>
 */
final class HostChoice {
    /** Requests that are asked again on a suspicion which turns out wrong: after these it is no longer acted on. */
    static final int MAX_SUSPICIONS = 5;

    private final HostHeader own;
    private final Target.Service target;
    private final Log log;
    private final AtomicBoolean refused = new AtomicBoolean();
    private final AtomicInteger suspicions = new AtomicInteger();

    HostChoice(HostHeader header, Target.Service target, Log log) {
        this.own = header;
        this.target = target;
        this.log = log;
        refused.set(!header.onceRefused());
    }

    /** Whether the service still gets the visitors', and may refuse it. */
    boolean isOpen() {
        return !refused.get();
    }

    /** The service refuses the visitors': told once. */
    void refusedBy(HostRefusal refusal) {
        if (refused.compareAndSet(false, true)) {
            log.info("host_rewritten", target + " refuses the name that visitors use, as " + refusal + " does: from now on it gets " + own.fixed()
                    + " as Host, and Origin and other addresses to match (--host-header rewrite does that from the start)", "target", target, "host", own.fixed());
        }
    }

    /** Whether the service would get another Origin than the visitor's ({@code request}: as received): its own, for the tunnel's. */
    boolean changesOrigin(Fields request) {
        String origin = request.get("Origin");
        return origin != null && Origins.of(request, own, target).isVisitors(origin);
    }

    /** Whether a suspicion may be looked into. */
    boolean maySuspect() {
        return suspicions.get() < MAX_SUSPICIONS;
    }

    /** The service says the same to its own Host. */
    void suspectedInVain() {
        suspicions.incrementAndGet();
    }
}
