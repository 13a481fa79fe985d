package tunnelforge.server.edge;

import java.net.InetAddress;
import tunnelforge.http.Fields;
import tunnelforge.http.HopByHop;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.http.Upgrade;
import tunnelforge.text.Addresses;
import tunnelforge.text.Ids;

/**
 * What the edge changes in the heads that it passes on: hop-by-hop fields end here, what visitors claim about themselves is replaced by what
 * is known, and nobody but us speaks in {@code tunnelforge-} fields.
 */
final class ForwardedHeads {
    private static final String OURS = "tunnelforge-";

    private ForwardedHeads() {
    }

    /**
     * The request as the agent gets it.
     *
     * @param request as received, in origin form; its fields are changed
     * @param upgradeTo the protocols for which it may leave HTTP; null for none. Its content is here
     * @param connection names what the visitor has sent it on
     * @param streamed whether a body follows that is read as it comes
     */
    static RequestHead request(RequestHead request, String upgradeTo, boolean streamed, String connection, InetAddress visitor, boolean tls) {
        Fields fields = request.fields();
        String host = fields.get("Host");
        HopByHop.strip(fields);
        fields.removeIf(ForwardedHeads::isClaim);
        String address = Addresses.text(visitor);
        String proto = tls ? "https" : "http";
        fields.add("X-Forwarded-For", address);
        fields.add("X-Forwarded-Proto", proto);
        fields.add("X-Forwarded-Host", host);
        fields.add("Forwarded", "for=" + (address.indexOf(':') >= 0 ? "\"[" + address + "]\"" : address) + ";host=\"" + host
                + "\";proto=" + proto);
        if (upgradeTo != null) {
            fields.remove("Expect");
            fields.add("Connection", "Upgrade");
            fields.add("Upgrade", upgradeTo);
        } else if (streamed && !fields.contains("Content-Length")) {
            fields.add("Transfer-Encoding", "chunked");
        }
        fields.addFirst("tunnelforge-visitor-connection", connection);
        fields.addFirst("tunnelforge-request-id", Ids.unique());
        return new RequestHead(request.method(), request.target(), 1, fields);
    }

    /**
     * Makes the fields of an agent's response fit for visitors.
     *
     * @param domain the server's, above which no tunnel may set a cookie
     */
    static void cleanResponse(Fields fields, String domain) {
        HopByHop.strip(fields);
        fields.removeIf(name -> startsWith(name, OURS));
        for (int i = 0; i < fields.size(); i++) {
            if (fields.name(i).equalsIgnoreCase("Set-Cookie")) {
                fields.setValue(i, SetCookie.withoutWideDomain(fields.value(i), domain));
            }
        }
    }

    /** As {@link #cleanResponse}, for a final one, which may say what could be upgraded to: whoever writes the head adds Connection. */
    static void response(ResponseHead head, String domain) {
        String offered = Upgrade.offered(head);
        cleanResponse(head.fields(), domain);
        if (offered != null) {
            head.fields().add("Upgrade", offered);
        }
    }

    /** A 101, which says what the connection becomes. */
    static ResponseHead switching(ResponseHead head, String domain) {
        String upgradeTo = String.join(", ", head.fields().all("Upgrade"));
        cleanResponse(head.fields(), domain);
        head.fields().add("Connection", "Upgrade");
        head.fields().add("Upgrade", upgradeTo);
        return new ResponseHead(101, head.reason(), 1, head.fields());
    }

    /** Trailers, without what may not come there. */
    static Fields trailers(Fields trailers) {
        trailers.removeIf(ForwardedHeads::isClaim);
        return trailers;
    }

    /** What only we may say: a visitor's own words about itself are not passed on. */
    private static boolean isClaim(String name) {
        // Many local services take X_Forwarded_For for X-Forwarded-For.
        String dashed = name.replace('_', '-');
        return startsWith(dashed, OURS) || startsWith(dashed, "x-forwarded-") || name.equalsIgnoreCase("Forwarded");
    }

    private static boolean startsWith(String name, String prefix) {
        return name.regionMatches(true, 0, prefix, 0, prefix.length());
    }
}
