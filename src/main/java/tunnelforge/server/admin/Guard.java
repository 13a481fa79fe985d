package tunnelforge.server.admin;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import tunnelforge.text.Addresses;
import tunnelforge.text.Authority;
import tunnelforge.text.Digests;

/**
 * Who may ask the admin port. A page of somebody else's in the operator's browser may not: neither by a name of its own that leads here (DNS rebinding), which Host shows, nor from where it is, which Origin shows.
 *
 * @param bound the address that is listened on
 * @param hosts by which names it may be asked for, lower case
 * @param token whoever asks must show; null where it need not
 */
record Guard(InetAddress bound, Set<String> hosts, String token) {
    private static final String LOOPBACK_NAME = "localhost";
    private static final String BEARER = "bearer ";
    private static final String BASIC = "basic ";
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int MISDIRECTED = 421;

    /**
     * Null when the request may be answered.
     *
     * @param host the Host fields
     * @param origin the Origin fields
     * @param authorization the Authorization fields
     * @param local the address of this machine that was connected to
     * @param open whether what it asks for is for everybody who reaches the port
     */
    Answer refusal(List<String> host, List<String> origin, List<String> authorization, InetAddress local, boolean open) {
        Authority asked = host.size() == 1 ? Authority.parse(host.getFirst()) : null;
        if (asked == null || !isOurs(asked.host(), local)) {
            return Answer.text(MISDIRECTED, "This is not the admin port of that Host. --admin-host lets it be asked for by another name.");
        }
        if (!origin.isEmpty() && (origin.size() > 1 || !isSameOrigin(origin.getFirst(), asked))) {
            return Answer.text(FORBIDDEN, "Pages of another origin may not ask here.");
        }
        if (token != null && !open && (authorization.size() != 1 || !shows(authorization.getFirst()))) {
            return Answer.text(UNAUTHORIZED, "The token of the admin port is asked for, as a Bearer token or as the password of any user.")
                    .with("WWW-Authenticate", "Basic realm=\"TunnelForge admin\", charset=\"UTF-8\"");
        }
        return null;
    }

    private boolean isOurs(String host, InetAddress local) {
        InetAddress address = Addresses.parse(host);
        if (address == null) {
            return host.equals(LOOPBACK_NAME) || hosts.contains(host);
        }
        return address.isLoopbackAddress() || address.equals(bound) || address.equals(local) || hosts.contains(Addresses.text(address));
    }

    /** Whoever takes TLS off in front of this changes the scheme alone. */
    private static boolean isSameOrigin(String origin, Authority asked) {
        for (String scheme : List.of("http://", "https://")) {
            if (origin.startsWith(scheme)) {
                return asked.equals(Authority.parse(origin.substring(scheme.length())));
            }
        }
        return false;
    }

    private boolean shows(String authorization) {
        if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return Digests.same(authorization.substring(BEARER.length()).strip(), token);
        }
        return authorization.regionMatches(true, 0, BASIC, 0, BASIC.length()) && Digests.same(password(authorization.substring(BASIC.length()).strip()), token);
    }

    /** Empty when there is none, which no token is. */
    private static String password(String credentials) {
        try {
            String decoded = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
            return decoded.substring(decoded.indexOf(':') + 1);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
