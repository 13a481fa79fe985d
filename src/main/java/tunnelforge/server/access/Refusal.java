package tunnelforge.server.access;

import java.time.Duration;
import tunnelforge.wire.TunnelError;

/** What an agent or a visitor asked for is not given; the reason is for a person. */
public final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final TunnelError error;
    private final boolean retry;
    private final Duration retryAfter;

    private Refusal(TunnelError error, String reason, boolean retry, Duration retryAfter) {
        super(reason, null, false, false);
        this.error = error;
        this.retry = retry;
        this.retryAfter = retryAfter;
    }

    /** Asking again in the same way gives the same answer. */
    public static Refusal lasting(TunnelError error, String reason) {
        return new Refusal(error, reason, false, null);
    }

    /** It may be given later. */
    public static Refusal passing(TunnelError error, String reason) {
        return new Refusal(error, reason, true, null);
    }

    /** It will be given after {@code wait}. */
    public static Refusal until(TunnelError error, String reason, Duration wait) {
        return new Refusal(error, reason, true, wait);
    }

    public TunnelError error() {
        return error;
    }

    public boolean retry() {
        return retry;
    }

    /** After how long it will be given; null when nobody knows. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
