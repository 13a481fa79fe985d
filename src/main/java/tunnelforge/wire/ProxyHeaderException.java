package tunnelforge.wire;

import java.io.IOException;

/** What a connection began with is no PROXY protocol header, or none that may be believed. The message names what came. */
public final class ProxyHeaderException extends IOException {
    private static final long serialVersionUID = 1L;

    ProxyHeaderException(String message) {
        super(message);
    }
}
