package tunnelforge.http;

import tunnelforge.text.Printable;

/**
 * The head of a request (RFC 9112 section 3). Valid once built: it can be written without letting anything be injected.
 *
 * @param method a token, as received (methods are case-sensitive)
 * @param target in any form, without spaces and control characters, at least one character
 * @param minorVersion 1 for HTTP/1.1, 0 for HTTP/1.0
 * @param fields mutable and not copied
 */
public record RequestHead(String method, String target, int minorVersion, Fields fields) {
    /** Throws {@link IllegalArgumentException} when a part could not stand in a request line. */
    public RequestHead {
        if (method.length() > Heads.MAX_METHOD_CHARS || !Octets.isToken(method)) {
            throw new IllegalArgumentException("not a method: " + Printable.quotedOctets(method));
        }
        if (!Octets.isTarget(target)) {
            throw new IllegalArgumentException("not a request target: " + Printable.quotedOctets(target));
        }
        if (minorVersion != 0 && minorVersion != 1) {
            throw new IllegalArgumentException("not a minor version: " + minorVersion);
        }
        if (fields == null) {
            throw new IllegalArgumentException("no fields");
        }
    }

    /** The target without its query, which may hold secrets: for logs. */
    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }
}
