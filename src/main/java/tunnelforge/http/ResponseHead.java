package tunnelforge.http;

import tunnelforge.text.Printable;

/**
 * The head of a response (RFC 9112 section 4). Valid once built: it can be written without letting anything be injected.
 *
 * @param status the status code, 100 to 999
 * @param reason the reason phrase, may be empty
 * @param minorVersion 1 for HTTP/1.1, 0 for HTTP/1.0
 * @param fields the field lines; mutable and not copied
 */
public record ResponseHead(int status, String reason, int minorVersion, Fields fields) {
    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException when a part could not stand in a status line
     */
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

    /**
     * Whether this is an informational answer, after which another head follows (RFC 9110 section 15.2).
     *
     * @return true for 100 to 199
     */
    public boolean isInformational() {
        return status < 200;
    }
}
