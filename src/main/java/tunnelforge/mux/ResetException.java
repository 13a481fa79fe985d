package tunnelforge.mux;

import java.io.IOException;
import tunnelforge.wire.ResetCode;

/** An exchange that is over before it was complete: reset by either side, or lost with its data connection. */
public final class ResetException extends IOException {
    private static final long serialVersionUID = 1L;

    private final ResetCode code;
    private final boolean safeToSendAgain;
    private final boolean connectionLost;

    ResetException(ResetCode code, String reason, boolean safeToSendAgain) {
        this(code, reason, safeToSendAgain, false);
    }

    private ResetException(ResetCode code, String reason, boolean safeToSendAgain, boolean connectionLost) {
        super(reason, null);
        this.code = code;
        this.safeToSendAgain = safeToSendAgain;
        this.connectionLost = connectionLost;
    }

    /** {@code safeToSendAgain}: nothing of the request has left. */
    static ResetException lost(ResetCode code, boolean safeToSendAgain) {
        return new ResetException(code, "the data connection was lost", safeToSendAgain, true);
    }

    /** Whether the data connection was lost, so that the agent may still have the answer. */
    public boolean connectionLost() {
        return connectionLost;
    }

    /**
     * What became of it.
     *
     * @return the code of the RESET; {@link ResetCode#OUTCOME_UNKNOWN} when the data connection was lost
     */
    public ResetCode code() {
        return code;
    }

    /**
     * Whether the request has certainly not run: refused as {@link ResetCode#NOT_RUN}, or lost before a byte of it left.
     *
     * @return true when it may be sent once more
     */
    public boolean safeToSendAgain() {
        return safeToSendAgain;
    }
}
