package tunnelforge.server.access;

import tunnelforge.wire.TunnelError;

/** What an agent or a visitor asked for is not given; the reason is for a person. */
public final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final TunnelError error;
    private final boolean retry;

    private Refusal(TunnelError error, String reason, boolean retry) {
        super(reason, null, false, false);
        this.error = error;
        this.retry = retry;
    }

    /** Asking again in the same way gives the same answer. */
    public static Refusal lasting(TunnelError error, String reason) {
        return new Refusal(error, reason, false);
    }

    /** It may be given later. */
    public static Refusal passing(TunnelError error, String reason) {
        return new Refusal(error, reason, true);
    }

    public TunnelError error() {
        return error;
    }

    public boolean retry() {
        return retry;
    }
}
