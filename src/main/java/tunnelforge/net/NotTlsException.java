package tunnelforge.net;

import java.io.IOException;

/** The first byte of a connection does not begin a TLS handshake record: something else is spoken on it. */
public final class NotTlsException extends IOException {
    private static final long serialVersionUID = 1L;

    private final byte first;

    NotTlsException(byte first) {
        super("expected a TLS ClientHello, got a first byte of " + (first & 0xff));
        this.first = first;
    }

    /** Whether this may be a plain HTTP request, so that an answer in HTTP is understood: a method begins with a capital letter. */
    public boolean maybeHttp() {
        return first >= 'A' && first <= 'Z';
    }
}
