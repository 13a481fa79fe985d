package tunnelforge.server.edge;

import tunnelforge.http.FieldRole;
import tunnelforge.http.Fields;
import tunnelforge.http.HopByHop;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.http.SetCookie;
import tunnelforge.http.Upgrade;
import tunnelforge.server.access.Refusal;
import tunnelforge.text.Ids;

/**
 * What the edge changes in the heads that it passes on: hop-by-hop fields end here, what visitors claim about themselves is replaced by what
 * is known, and nobody but us speaks in {@code tunnelforge-} fields.
 */
final class ForwardedHeads {
    /** What a request is known by to the local service. */
    static final String REQUEST_ID = "tunnelforge-request-id";

    private ForwardedHeads() {
    }

    /**
     * The request as the agent gets it.
     *
     * @param request the visitor's, in origin form; its fields are changed
     * @param streamed whether a body follows that is read as it comes
     * @throws Refusal when it has passed this server too often
     */
    static RequestHead request(RequestHead request, VisitorStream visitor, boolean streamed, Passages passages) throws Refusal {
        Fields fields = request.fields();
        String upgradeTo = visitor.upgradeTo();
        boolean takesTrailers = upgradeTo == null && HopByHop.takesTrailers(fields);
        String host = fields.get("Host");
        HopByHop.strip(fields);
        passages.add(fields);
        MaxForwards.count(request);
        if (request.minorVersion() == 0) {
            // RFC 9110 section 10.1.1: it means nothing there.
            fields.remove("Expect");
        }
        if (visitor.believed()) {
            fields.removeIf(name -> FieldRole.of(name) == FieldRole.OURS);
            Forwarding.tellBehind(fields, visitor.address(), visitor.https(), host);
        } else {
            fields.removeIf(ForwardedHeads::isClaim);
            Forwarding.tell(fields, visitor.address(), visitor.https(), host);
        }
        if (upgradeTo != null) {
            fields.remove("Expect");
            fields.add("Connection", "Upgrade");
            fields.add("Upgrade", upgradeTo);
        } else if (streamed && !fields.contains("Content-Length")) {
            fields.add("Transfer-Encoding", "chunked");
        }
        if (takesTrailers) {
            fields.add("TE", "trailers");
        }
        fields.addFirst("tunnelforge-visitor-connection", visitor.connection().id());
        fields.addFirst(REQUEST_ID, Ids.unique());
        return new RequestHead(request.method(), request.target(), 1, fields);
    }

    /**
     * Makes the fields of an agent's response fit for visitors.
     *
     * @param domain the server's, above which no tunnel may set a cookie
     */
    static void cleanResponse(Fields fields, String domain) {
        HopByHop.strip(fields);
        fields.removeIf(name -> FieldRole.of(name) == FieldRole.OURS);
        for (int i = 0; i < fields.size(); i++) {
            if (fields.name(i).equalsIgnoreCase("Set-Cookie")) {
                fields.setValue(i, SetCookie.withoutDomain(fields.value(i), named -> isWide(named, domain)));
            }
        }
    }

    /** Keeps tunnels from setting each other's cookies. */
    private static boolean isWide(String named, String domain) {
        if (!named.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.') || named.endsWith(".")) {
            // Browsers may read it as a name that it does not spell.
            return true;
        }
        return SetCookie.covers(named, domain);
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
        // RFC 9110 section 8.6.
        head.fields().remove("Content-Length");
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
        FieldRole role = FieldRole.of(name);
        return role == FieldRole.FORWARDING || role == FieldRole.OURS;
    }
}
