package tunnelforge.agent;

import java.net.URI;
import java.net.URISyntaxException;
import tunnelforge.cli.HostPort;
import tunnelforge.cli.UsageException;

/**
 * The local service: what the agent connects to for each request.
 *
 * @param host a name or an address
 * @param port 1 to 65535
 * @param tls whether the local service speaks TLS
 */
record Target(String host, int port, boolean tls) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;
    private static final String FORMS = "8080, HOST:PORT, http://HOST[:PORT] or https://HOST[:PORT]";

    /**
     * Reads what was typed: a port of this machine, {@code host:port}, or an address with its scheme.
     *
     * @throws UsageException when it is none of these
     */
    static Target parse(String text) throws UsageException {
        if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return new Target("localhost", port(text), false);
        }
        int scheme = text.indexOf("://");
        if (scheme < 0) {
            if (text.indexOf(':') < 0) {
                throw new UsageException("the target '" + text + "' has no port; write " + FORMS);
            }
            HostPort parsed = HostPort.parse(text, 0);
            return new Target(parsed.host(), parsed.port(), false);
        }
        return switch (text.substring(0, scheme)) {
            case "http" -> fromUri(text, HTTP, false);
            case "https" -> fromUri(text, HTTPS, true);
            default -> throw new UsageException("the target '" + text + "' has a scheme that is not served; write " + FORMS);
        };
    }

    private static int port(String digits) throws UsageException {
        int port = digits.length() > 5 ? 0 : Integer.parseInt(digits);
        if (port < 1 || port > 65535) {
            throw new UsageException("the target '" + digits + "' is no port: 1 to 65535");
        }
        return port;
    }

    private static Target fromUri(String text, int defaultPort, boolean tls) throws UsageException {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new UsageException("the target '" + text + "' is no address; write " + FORMS);
        }
        boolean bare = (uri.getRawPath() == null || uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))
                && uri.getRawQuery() == null && uri.getRawFragment() == null && uri.getRawUserInfo() == null;
        if (!bare || uri.getHost() == null) {
            throw new UsageException("the target '" + text + "' must end after the host and port; visitors' paths are passed on");
        }
        HostPort parsed = HostPort.parse(uri.getRawAuthority(), defaultPort);
        return new Target(parsed.host(), parsed.port(), tls);
    }

    /** Host and port as they stand in an address, the port left out where it is the scheme's own. */
    String authority() {
        return port == (tls ? HTTPS : HTTP) ? bracketed() : bracketed() + ":" + port;
    }

    private String bracketed() {
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    /** For people: where the agent connects to. */
    @Override
    public String toString() {
        return (tls ? "https://" : "") + bracketed() + ":" + port;
    }
}
