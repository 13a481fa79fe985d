package tunnelforge.server.edge;

import tunnelforge.http.RequestHead;
import tunnelforge.server.tunnel.PublicAddresses;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.server.tunnel.TunnelDirectory;
import tunnelforge.text.Addresses;
import tunnelforge.text.Authority;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.TunnelProtocol;

/**
 * Which of the things on one port a request is for. What a connection may reach is fixed by the SNI of its own ClientHello, and each
 * request on it is judged anew, since tunnels come and go while it is kept alive.
 */
public final class Router {
    /** Where a request goes. */
    sealed interface Destination {
        /** To a tunnel's agent. */
        record ToTunnel(Tunnel tunnel) implements Destination { }

        /** To what agents come for. */
        record Entrance() implements Destination { }

        /** To the page that says what this is. */
        record Welcome() implements Destination { }

        /** To the same place by HTTPS. */
        record ToHttps(Tunnel tunnel) implements Destination { }

        /** Nowhere. */
        record Nowhere(TunnelError error, String reason) implements Destination { }
    }

    static final String ENTRANCE = "/_tunnelforge/";

    private final TunnelDirectory registry;
    private final PublicAddresses addresses;

    public Router(TunnelDirectory registry, PublicAddresses addresses) {
        this.registry = registry;
        this.addresses = addresses;
    }

    /** The tunnel of that name; null for none. */
    Tunnel named(String sni) {
        return sni == null ? null : registry.find(sni);
    }

    /** The tunnel that gets what comes for {@code sni} as it is; null when TLS ends here. */
    Tunnel undecrypted(String sni) {
        Tunnel tunnel = named(sni);
        return tunnel != null && tunnel.protocol().carriesSessions() ? tunnel : null;
    }

    /** Whether a connection made for {@code sni} can reach the agents' entrance. */
    boolean reachesEntrance(String sni) {
        return sni == null || registry.find(sni) == null && !addresses.below(sni);
    }

    /**
     * Where a request goes that came by TLS.
     *
     * @param sni the name of the connection's ClientHello, lower case; null for none, or an address
     */
    Destination overTls(String sni, RequestHead head) {
        String host = host(head);
        if (host == null) {
            return new Destination.Nowhere(TunnelError.BAD_REQUEST, "the request has no valid Host");
        }
        Tunnel asked = registry.find(host);
        if (asked != null && asked.protocol().carriesSessions()) {
            return notByHttp(asked);
        }
        if (sni == null) {
            return asked != null ? new Destination.ToTunnel(asked) : withoutTunnel(host, head);
        }
        Tunnel named = registry.find(sni);
        if (named != null || addresses.below(sni)) {
            if (!host.equals(sni)) {
                return new Destination.Nowhere(TunnelError.MISDIRECTED,
                        "this connection was made for " + sni + ", not for " + host);
            }
            return named != null ? new Destination.ToTunnel(named) : unknown(host);
        }
        if (asked != null || addresses.below(host)) {
            return new Destination.Nowhere(TunnelError.MISDIRECTED, "this connection was made for " + sni + ", not for " + host);
        }
        return withoutTunnel(host, head);
    }

    /**
     * Where a request goes that came by plain HTTP.
     *
     * @param https whether the visitor used that all the same, as somebody says who is believed
     */
    Destination overHttp(RequestHead head, boolean https) {
        String host = host(head);
        if (host == null) {
            return new Destination.Nowhere(TunnelError.BAD_REQUEST, "the request has no valid Host");
        }
        Tunnel asked = registry.find(host);
        if (asked != null && asked.protocol().carriesSessions()) {
            return notByHttp(asked);
        }
        if (asked == null) {
            return head.target().startsWith(ENTRANCE) ? unknown(host) : withoutTunnel(host, head);
        }
        return https || asked.protocol() == TunnelProtocol.HTTP ? new Destination.ToTunnel(asked) : new Destination.ToHttps(asked);
    }

    private Destination withoutTunnel(String host, RequestHead head) {
        if (addresses.below(host)) {
            return unknown(host);
        }
        if (head.target().startsWith(ENTRANCE)) {
            return new Destination.Entrance();
        }
        return head.target().equals("/") ? new Destination.Welcome() : unknown(host);
    }

    private static Destination notByHttp(Tunnel tunnel) {
        return new Destination.Nowhere(TunnelError.MISDIRECTED, "what is at " + tunnel.address() + " is reached by TLS with that name, which this connection was not made for");
    }

    private static Destination unknown(String host) {
        return new Destination.Nowhere(TunnelError.TUNNEL_UNKNOWN,
                Addresses.parse(host) != null ? "there is nothing at this address" : "there is no tunnel at " + host);
    }

    private static String host(RequestHead head) {
        String value = head.fields().get("Host");
        Authority authority = value == null ? null : Authority.parse(value);
        return authority == null ? null : authority.host();
    }
}
