package tunnelforge.http;

import tunnelforge.text.Authority;
import tunnelforge.text.Printable;

/** Forms of the request target (RFC 9112 section 3.2). */
public final class Targets {
    private static final int BAD_REQUEST = 400;
    private static final int MISDIRECTED = 421;
    private static final int NOT_IMPLEMENTED = 501;
    private static final String HTTP = "http://";
    private static final String HTTPS = "https://";
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private Targets() {
    }

    /**
     * Brings a request to origin-form or {@code *}. In absolute-form, what the target's authority says must agree with
     * Host, port included, and its scheme with how the request came; an HTTP/1.0 request without Host gets one from it.
     *
     * @param secure whether it came by https
     * @return the same object when there is nothing to change, else a new head over the same fields
     * @throws HttpException 501 for CONNECT, 421 for the other scheme (RFC 9110 section 7.4), 400 for any other target, for a fragment, and for an authority that
     *     disagrees with Host
     */
    public static RequestHead toOriginForm(RequestHead head, boolean secure) throws HttpException {
        String target = head.target();
        if (head.method().equals("CONNECT")) {
            throw new HttpException(NOT_IMPLEMENTED, "CONNECT is not served");
        }
        if (target.indexOf('#') >= 0) {
            throw new HttpException(BAD_REQUEST, "a fragment in the request target " + Printable.quotedOctets(target));
        }
        boolean options = head.method().equals("OPTIONS");
        if (target.charAt(0) == '/' || options && target.equals("*")) {
            return head;
        }
        boolean https = target.regionMatches(true, 0, HTTPS, 0, HTTPS.length());
        if (!https && !target.regionMatches(true, 0, HTTP, 0, HTTP.length())) {
            throw new HttpException(BAD_REQUEST, head.method() + " with the request target " + Printable.quotedOctets(target)
                    + " that is neither a path nor an http or https URI");
        }
        if (https != secure) {
            throw new HttpException(MISDIRECTED, "the request target " + Printable.quotedOctets(target) + " on a connection for " + (secure ? "https" : "http"));
        }
        int start = https ? HTTPS.length() : HTTP.length();
        int pathStart = authorityEnd(target, start);
        requireAgreement(head.fields(), target.substring(start, pathStart), https ? HTTPS_PORT : HTTP_PORT);
        return new RequestHead(head.method(), originForm(target, pathStart, options), head.minorVersion(), head.fields());
    }

    /**
     * Takes the empty port out of Host, which means the usual one (RFC 9110 section 4.2.3): many local services take {@code name:} for no host. A request of HTTP/1.0
     * without Host gets another one.
     *
     * @param host for a request that names none; null for none
     */
    public static void completeHost(RequestHead head, String host) {
        Fields fields = head.fields();
        String written = fields.get("Host");
        if (written == null) {
            if (host != null) {
                fields.addFirst("Host", host);
            }
        } else if (written.endsWith(":") && Authority.parse(written) != null) {
            fields.set("Host", written.substring(0, written.length() - 1));
        }
    }

    /** RFC 9112 section 3.2.1: an empty path is sent as "/"; section 3.2.4: for OPTIONS without a query as "*". */
    private static String originForm(String target, int pathStart, boolean options) {
        if (pathStart == target.length()) {
            return options ? "*" : "/";
        }
        return target.charAt(pathStart) == '/' ? target.substring(pathStart) : "/" + target.substring(pathStart);
    }

    private static int authorityEnd(String target, int start) {
        int i = start;
        while (i < target.length() && target.charAt(i) != '/' && target.charAt(i) != '?') {
            i++;
        }
        return i;
    }

    /** RFC 9112 section 3.2.2 lets the target win; who read Host first would see another name, so they must say the same. */
    private static void requireAgreement(Fields fields, String authority, int defaultPort) throws HttpException {
        Authority asked = Authority.parse(authority);
        if (asked == null) {
            throw new HttpException(BAD_REQUEST, "no valid host in the authority " + Printable.quotedOctets(authority));
        }
        String host = fields.get("Host");
        if (host == null) {
            fields.addFirst("Host", authority);
            return;
        }
        Authority named = Authority.parse(host);
        if (named == null || !named.host().equals(asked.host()) || named.port(defaultPort) != asked.port(defaultPort)) {
            throw new HttpException(BAD_REQUEST,
                    "the target's authority " + Printable.quotedOctets(authority) + " disagrees with Host " + Printable.quotedOctets(host));
        }
    }
}
