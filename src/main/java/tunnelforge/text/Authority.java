package tunnelforge.text;

import java.util.Locale;

/**
 * A host and perhaps a port, as in the Host field and in URIs: {@code example.com}, {@code 192.0.2.1:443}, {@code [2001:db8::1]:443}
 * (RFC 3986 section 3.2, without user information).
 *
 * @param host a name in lower case without a trailing dot, or an address, IPv6 without its brackets
 * @param port 0 to 65535, or {@link #NO_PORT}
 */
public record Authority(String host, int port) {
    /** What {@link #port} says when none was written. */
    public static final int NO_PORT = -1;
    /** The highest port. */
    public static final int MAX_PORT = 65_535;

    private static final int MAX_PORT_DIGITS = 5;

    /** Null when the text is none. A zone in an address is refused: it means nothing to another machine. */
    public static Authority parse(String text) {
        int end = hostEnd(text);
        String host = host(text.substring(0, end));
        if (host == null) {
            return null;
        }
        // RFC 3986 section 3.2.3: the port may be empty.
        if (end == text.length() || end == text.length() - 1 && text.charAt(end) == ':') {
            return new Authority(host, NO_PORT);
        }
        int port = text.charAt(end) == ':' ? port(text.substring(end + 1)) : NO_PORT;
        return port == NO_PORT ? null : new Authority(host, port);
    }

    /** Where the host ends: at the colon of the port or at the end of the text, if all is as it should be. */
    public static int hostEnd(String text) {
        if (text.startsWith("[")) {
            return text.indexOf(']') + 1;
        }
        int colon = text.indexOf(':');
        return colon < 0 ? text.length() : colon;
    }

    /** The canonical form of a host, as it stands in a record; null when it is neither a name nor an address. */
    public static String host(String text) {
        if (text.startsWith("[")) {
            String address = Addresses.withoutBrackets(text);
            return address.indexOf(':') >= 0 && Addresses.parse(address) != null ? address.toLowerCase(Locale.ROOT) : null;
        }
        String name = HostNames.withoutTrailingDot(text);
        boolean valid = HostNames.isName(name) && (!HostNames.endsInNumber(name) || Addresses.parse(name) != null);
        return valid ? name.toLowerCase(Locale.ROOT) : null;
    }

    /** The number of a port; {@link #NO_PORT} when the text is none. */
    public static int port(String text) {
        int port = text.isEmpty() || text.length() > MAX_PORT_DIGITS ? NO_PORT : 0;
        for (int i = 0; i < text.length() && port >= 0; i++) {
            char c = text.charAt(i);
            port = c >= '0' && c <= '9' ? port * 10 + c - '0' : NO_PORT;
        }
        return port > MAX_PORT ? NO_PORT : port;
    }

    /** The port, or another when none was written. */
    public int port(int otherwise) {
        return port == NO_PORT ? otherwise : port;
    }

    /** {@link #parse} reads it again. */
    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + (port == NO_PORT ? "" : ":" + port);
    }
}
