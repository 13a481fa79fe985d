package tunnelforge.cli;

import tunnelforge.text.Authority;
import tunnelforge.text.Printable;

/**
 * A host and a port as a person writes them: {@code host:port}, {@code 192.0.2.1:443}, {@code [2001:db8::1]:443}.
 * Nothing is looked up.
 *
 * @param host a name in lower case without a trailing dot, or an address, IPv6 without its brackets
 * @param port 0 to 65535
 */
public record HostPort(String host, int port) {
    /** Checks the port, and that the host is not blank. */
    public HostPort {
        if (host.isBlank() || port < 0 || port > Authority.MAX_PORT) {
            throw new IllegalArgumentException("host " + host + " port " + port);
        }
    }

    /**
     * Somewhere to connect to.
     *
     * @param defaultPort when the text has none; 0 when it must have one
     * @return with a port from 1 to 65535
     * @throws UsageException when the text is no such address, with a message that quotes it
     */
    public static HostPort parse(String text, int defaultPort) throws UsageException {
        if (text.indexOf('@') >= 0) {
            // Not quoted: what stands before it may be a password.
            throw new UsageException("an address has no user: only a host and a port are wanted, as in example.com:443");
        }
        String wrong = "address " + Printable.quoted(text);
        if (text.indexOf('/') >= 0) {
            throw new UsageException(wrong + ": only a host and a port are wanted, as in example.com:443");
        }
        if (text.startsWith("[") ? text.indexOf(']') < 0 : text.indexOf(':') != text.lastIndexOf(':')) {
            throw new UsageException(wrong + ": an IPv6 address goes in brackets, as in [::1]:443");
        }
        int hostEnd = Authority.hostEnd(text);
        String host = text.substring(0, hostEnd);
        String rest = text.substring(hostEnd);
        if (rest.isEmpty() && host.matches("[0-9]{1,5}")) {
            throw new UsageException(wrong + ": a host is missing, as in 127.0.0.1:" + host);
        }
        String canonical = canonicalHost(host);
        if (canonical == null) {
            throw new UsageException(wrong + ": not a host name or address");
        }
        if (rest.isEmpty() && defaultPort == 0) {
            throw new UsageException(wrong + ": a port is missing, as in " + host + ":443");
        }
        int port = rest.isEmpty() ? defaultPort : rest.startsWith(":") ? Authority.port(rest.substring(1)) : Authority.NO_PORT;
        if (port < 1) {
            throw new UsageException(wrong + ": the port must be a number from 1 to " + Authority.MAX_PORT);
        }
        return new HostPort(canonical, port);
    }

    /** Null when it is neither a name nor an address. A zone says which of this machine's links an address is on. */
    private static String canonicalHost(String host) {
        int zone = host.startsWith("[") ? host.indexOf('%') : -1;
        if (zone < 0) {
            return Authority.host(host);
        }
        String address = Authority.host(host.substring(0, zone) + "]");
        String suffix = host.substring(zone, host.length() - 1);
        return address != null && suffix.matches("%[A-Za-z0-9._-]{1,32}") ? address + suffix : null;
    }

    /** {@code host:port}, with brackets around an IPv6 address, so that {@link #parse} reads it again. */
    @Override
    public String toString() {
        return new Authority(host, port).toString();
    }
}
