package tunnelforge.agent.local;

import tunnelforge.http.FieldRole;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.HopByHop;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.http.Upgrade;

/** What the agent changes in the heads that it passes on. */
public final class LocalHeads {
    private static final String REQUEST_ID = "tunnelforge-request-id";
    private static final String VISITOR_CONNECTION = "tunnelforge-visitor-connection";

    private LocalHeads() {
    }

    /** Which of the visitors' connections a request has come on; one of nobody's where the server does not say so. */
    static String visitorConnection(RequestHead request) {
        String named = request.fields().get(VISITOR_CONNECTION);
        return named == null ? "" : named;
    }

    /**
     * The request as the local service gets it. Of our own fields it gets {@code tunnelforge-request-id} only.
     *
     * @param request as received from the server; its fields are changed
     * @param upgradeTo the protocols that it asks for; null for none
     */
    static RequestHead request(RequestHead request, String upgradeTo, Framing framing, Origins origins) {
        Fields fields = request.fields();
        boolean takesTrailers = upgradeTo == null && fields.hasToken("TE", "trailers");
        HopByHop.strip(fields);
        fields.removeIf(name -> isOurs(name) && !name.equalsIgnoreCase(REQUEST_ID));
        origins.toService(fields);
        if (upgradeTo != null) {
            fields.add("Connection", "Upgrade");
            fields.add("Upgrade", upgradeTo);
        } else if (framing instanceof Framing.Chunked) {
            fields.add("Transfer-Encoding", "chunked");
        }
        if (takesTrailers) {
            fields.add("Connection", "TE");
            fields.add("TE", "trailers");
        }
        return new RequestHead(request.method(), request.target(), 1, fields);
    }

    /**
     * The response as the server gets it: a body of unknown length is announced as chunked, whatever ends it here.
     *
     * @param response as received from the local service; its fields are changed
     */
    static ResponseHead response(ResponseHead response, Framing framing, Origins origins) {
        Fields fields = response.fields();
        boolean switching = response.status() == 101;
        String upgradeTo = switching ? String.join(", ", fields.all("Upgrade")) : response.isInformational() ? null : Upgrade.offered(response);
        HopByHop.strip(fields);
        fields.removeIf(LocalHeads::isOurs);
        origins.toVisitor(fields);
        if (upgradeTo != null) {
            fields.add("Connection", "Upgrade");
            fields.add("Upgrade", upgradeTo);
        }
        if (framing instanceof Framing.Chunked || framing instanceof Framing.UntilClose) {
            fields.add("Transfer-Encoding", "chunked");
        }
        return new ResponseHead(response.status(), response.reason(), 1, fields);
    }

    /** Whether a field name is one that only TunnelForge may send. */
    static boolean isOurs(String name) {
        return FieldRole.of(name) == FieldRole.OURS;
    }
}
