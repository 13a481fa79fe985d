package tunnelforge.server.tunnel;

import tunnelforge.wire.Protocols;

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
    String url(String protocol, String host) {
        if (protocol.equals(Protocols.TCP)) {
            return "tcp://" + host;
        }
        if (protocol.equals(Protocols.TLS)) {
            return "tls://" + host + ":" + httpsPort;
        }
        return protocol.equals("http") && httpPort != 0 ? httpUrl(host) : httpsUrl(host);
    }

    public String httpsUrl(String host) {
        return "https://" + host + (httpsPort == HTTPS ? "" : ":" + httpsPort);
    }

    private String httpUrl(String host) {
        return "http://" + host + (httpPort == HTTP ? "" : ":" + httpPort);
    }
}
