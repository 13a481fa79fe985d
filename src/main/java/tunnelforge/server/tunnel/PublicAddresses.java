package tunnelforge.server.tunnel;

import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelProtocol;

/**
 * The addresses that visitors use, as far as they depend on the server.
 *
 * @param domain tunnels get names below it
 * @param httpsPort the port that visitors see, in URLs and redirects
 * @param httpPort the port of plain HTTP; 0 when it is not served
 */
public record PublicAddresses(String domain, int httpsPort, int httpPort) {
    private static final int HTTPS = 443;
    private static final int HTTP = 80;

    /** Whether {@code host} is a name below the domain. */
    public boolean below(String host) {
        return host.length() > domain.length() && host.endsWith(domain)
                && host.charAt(host.length() - domain.length() - 1) == '.';
    }

    /** The address of a tunnel. */
    String url(TunnelProtocol protocol, PublicAddress address) {
        return switch (protocol) {
            case TCP -> "tcp://" + address;
            case TLS -> "tls://" + address + ":" + httpsPort;
            case HTTP -> httpPort == 0 ? httpsUrl(address.host()) : httpUrl(address.host());
            case HTTPS -> httpsUrl(address.host());
        };
    }

    public String httpsUrl(String host) {
        return "https://" + httpsAuthority(host);
    }

    /** Host and port as a browser puts them into Host. */
    public String httpsAuthority(String host) {
        return host + (httpsPort == HTTPS ? "" : ":" + httpsPort);
    }

    private String httpUrl(String host) {
        return "http://" + host + (httpPort == HTTP ? "" : ":" + httpPort);
    }
}
