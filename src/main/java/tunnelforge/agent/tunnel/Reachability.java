package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import tunnelforge.log.Log;
import tunnelforge.net.Clock;

/** Tells people whether the server can be reached and takes the tunnel: once for each reason, and again after a while, since attempts are many. */
public final class Reachability {
    private static final Duration SAY_AGAIN_AFTER = Duration.ofSeconds(30);

    private final String server;
    private final Clock clock;
    private final Log log;
    private String said;
    private long saidAt;

    public Reachability(ServerLink link, Clock clock, Log log) {
        this.server = "the server " + link.server();
        this.clock = clock;
        this.log = log;
    }

    public void failed(IOException e) {
        say("server_unreachable", server + " cannot be reached; trying again until it can", reason(e));
    }

    /** It was reached, and says no, but not for good. {@code reason} in its words. */
    public void refused(String reason) {
        say("server_refused", server + " does not take the tunnel now; trying again until it does", reason);
    }

    private void say(String event, String message, String reason) {
        long now = clock.nanos();
        if (reason.equals(said) && now - saidAt < SAY_AGAIN_AFTER.toNanos()) {
            log.debug(event, message, "error", reason);
            return;
        }
        said = reason;
        saidAt = now;
        log.warn(event, message, "error", reason);
    }

    public void reached() {
        said = null;
    }

    /** What went wrong, for a person. */
    public static String reason(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return "no address is known for this name";
            }
        }
        Throwable deepest = e;
        while (deepest.getCause() != null && deepest.getMessage() == null) {
            deepest = deepest.getCause();
        }
        String message = deepest.getMessage();
        return message == null ? "nothing accepts connections there" : message;
    }
}
