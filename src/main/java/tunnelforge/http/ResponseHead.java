package tunnelforge.http;

import tunnelforge.text.Printable;

/**
 * The head of a response (RFC 9112 section 4). Valid once built: it can be written without letting anything be injected.
 *
 * @param status 100 to 999
 * @param reason may be empty
 * @param minorVersion 1 for HTTP/1.1, 0 for HTTP/1.0
 * @param fields mutable and not copied
 */
public record ResponseHead(int status, String reason, int minorVersion, Fields fields) {
    /** Throws {@link IllegalArgumentException} when a part could not stand in a status line. */
    public ResponseHead {
        if (status < 100 || status > 999) {
            throw new IllegalArgumentException("not a status code: " + status);
        }
        if (!Octets.isFieldValue(reason)) {
            throw new IllegalArgumentException("not a reason phrase: " + Printable.quotedOctets(reason));
        }
        if (minorVersion != 0 && minorVersion != 1) {
            throw new IllegalArgumentException("not a minor version: " + minorVersion);
        }
        if (fields == null) {
            throw new IllegalArgumentException("no fields");
        }
    }

    /** Whether another head follows (RFC 9110 section 15.2). */
    public boolean isInformational() {
        return status < 200;
    }
}
