package tunnelforge.net;

import java.io.IOException;

/** A TLS ClientHello that breaks RFC 8446, 5246 or 6066, or one of our limits. */
public final class ClientHelloException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int alert;

    ClientHelloException(int alert, String message) {
        super(message);
        this.alert = alert;
    }

    /** The alert (RFC 8446 section 6) that tells the client so, to be sent with {@link ClientHello#alert(int)}. */
    public int alert() {
        return alert;
    }
}
