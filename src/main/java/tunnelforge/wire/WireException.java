package tunnelforge.wire;

import java.io.IOException;

/** The peer broke the protocol of a data connection, which therefore ends. The message names the limit and the value. */
public final class WireException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what the peer did, with the limit and the value
     */
    public WireException(String message) {
        super(message);
    }
}
