package tunnelforge.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import tunnelforge.log.Printable;

/**
 * A host and a port as a person writes them: {@code host:port}, {@code 192.0.2.1:443}, {@code [2001:db8::1]:443}.
 * Nothing is looked up.
 *
 * @param host a name in lower case without a trailing dot, or an address, IPv6 without its brackets
 * @param port 0 to 65535
 */
public record HostPort(String host, int port) {
    static final int NO_PORT = -1;
    private static final int MAX_PORT = 65535;
    private static final int MAX_HOST_CHARS = 253;

    /** Checks the port, and that the host is not blank. */
    public HostPort {
        if (host.isBlank() || port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("host " + host + " port " + port);
        }
    }

    /**
     * Somewhere to connect to.
     *
     * @param text what was typed
     * @param defaultPort the port when the text has none; 0 when it must have one
     * @return the address, with a port from 1 to 65535
     * @throws UsageException when the text is no such address, with a message that quotes it
     */
    public static HostPort parse(String text, int defaultPort) throws UsageException {
        return parse("address", text, defaultPort == 0 ? NO_PORT : defaultPort, 1);
    }

    /**
     * Somewhere to listen on; the text must have a port, and 0 means any free one.
     *
     * @param text what was typed
     * @return the address, with a port from 0 to 65535
     * @throws UsageException when the text is no such address, with a message that quotes it
     */
    public static HostPort parseListen(String text) throws UsageException {
        return parse("address", text, NO_PORT, 0);
    }

    static HostPort parse(String what, String text, int defaultPort, int minPort) throws UsageException {
        String wrong = what + " " + Printable.quoted(text);
        if (text.indexOf('/') >= 0) {
            throw new UsageException(wrong + ": only a host and a port are wanted, as in example.com:443");
        }
        int hostEnd = text.startsWith("[") ? text.indexOf(']') + 1 : text.indexOf(':');
        if (text.startsWith("[") ? hostEnd == 0 : text.indexOf(':') != text.lastIndexOf(':')) {
            throw new UsageException(wrong + ": an IPv6 address goes in brackets, as in [::1]:443");
        }
        if (hostEnd < 0) {
            hostEnd = text.length();
        }
        String host = text.substring(0, hostEnd);
        String rest = text.substring(hostEnd);
        if (rest.isEmpty() && isNumber(host)) {
            throw new UsageException(wrong + ": a host is missing, as in 127.0.0.1:" + Printable.line(host));
        }
        String canonical = canonicalHost(host);
        if (canonical == null) {
            throw new UsageException(wrong + ": not a host name or address");
        }
        if (rest.isEmpty()) {
            if (defaultPort < 1) {
                throw new UsageException(wrong + ": a port is missing, as in " + host + ":443");
            }
            return new HostPort(canonical, defaultPort);
        }
        if (rest.matches(":[0-9]{1,5}")) {
            int port = Integer.parseInt(rest.substring(1));
            if (port >= minPort && port <= MAX_PORT) {
                return new HostPort(canonical, port);
            }
        }
        throw new UsageException("%s: the port must be a number from %d to %d".formatted(wrong, minPort, MAX_PORT));
    }

    /** Null when it is neither a name nor an address. */
    private static String canonicalHost(String host) {
        if (host.startsWith("[")) {
            String address = host.substring(1, host.length() - 1);
            return isIpv6(address) ? address.toLowerCase(Locale.ROOT) : null;
        }
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        if (name.length() > MAX_HOST_CHARS) {
            return null;
        }
        String[] labels = name.split("\\.", -1);
        for (String label : labels) {
            if (!label.matches("[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")) {
                return null;
            }
        }
        // RFC 1123 section 2.1: what ends in a number is an address, and then it has four of them.
        if (isNumber(labels[labels.length - 1])) {
            return name.matches("((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\\.(?!$)|$)){4}") ? name : null;
        }
        return name.toLowerCase(Locale.ROOT);
    }

    private static boolean isIpv6(String address) {
        int zone = address.indexOf('%');
        String digits = zone < 0 ? address : address.substring(0, zone);
        if (zone >= 0 && !address.substring(zone + 1).matches("[A-Za-z0-9._-]{1,32}")
                || digits.indexOf(':') < 0 || !digits.matches("[0-9A-Fa-f:.]{2,45}")) {
            return false;
        }
        try {
            // In brackets only a literal is accepted, so this never asks a name server.
            InetAddress.getByName("[" + digits + "]");
            return true;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static boolean isNumber(String text) {
        return text.matches("[0-9]+");
    }

    /** {@code host:port}, with brackets around an IPv6 address, so that {@link #parse} reads it again. */
    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
