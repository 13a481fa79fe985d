package tunnelforge.wire;

import java.io.IOException;

/** A connection does not begin with a valid PROXY protocol header. The message names what came. */
public final class ProxyHeaderException extends IOException {
    private static final long serialVersionUID = 1L;

    ProxyHeaderException(String message) {
        super(message);
    }
}
