package tunnelforge.net;

import java.io.IOException;

/** The first byte of a connection does not begin a TLS handshake record: something else is spoken on it. */
public final class NotTlsException extends IOException {
    private static final long serialVersionUID = 1L;

    private final byte[] bytes;

    NotTlsException(byte[] bytes) {
        super("expected a TLS ClientHello, got a first byte of " + (bytes[0] & 0xff));
        this.bytes = bytes.clone();
    }

    /**
     * What was taken from the stream: one to five bytes, the rest is still in it.
     *
     * @return a copy of these bytes
     */
    public byte[] bytes() {
        return bytes.clone();
    }

    /**
     * Whether this may be a plain HTTP request: a method begins with a capital letter.
     *
     * @return true when an answer in HTTP is likely to be understood
     */
    public boolean maybeHttp() {
        return bytes[0] >= 'A' && bytes[0] <= 'Z';
    }
}
