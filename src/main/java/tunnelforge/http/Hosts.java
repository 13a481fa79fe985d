package tunnelforge.http;

import java.util.Locale;

/** Host field values (RFC 9110 section 7.2): {@code host [":" port]}. */
public final class Hosts {
    private static final int MAX_NAME_CHARS = 253;
    private static final int MAX_LABEL_CHARS = 63;
    private static final int MAX_PORT = 65_535;
    private static final int MAX_PORT_DIGITS = 5;
    private static final int IPV6_GROUPS = 8;

    private Hosts() {
    }

    /**
     * The host name for look-ups: in lower case, without port and without a trailing dot. IPv6 literals keep their brackets.
     *
     * @param value a Host field value or the authority of a URI, or null
     * @return the name, or null when there is none or it is no valid DNS name (underscores allowed) or address with an optional port
     */
    public static String name(String value) {
        if (value == null) {
            return null;
        }
        int end = hostEnd(value);
        if (end < value.length() && portAt(value, end) < 0) {
            return null;
        }
        if (end > 0 && value.charAt(0) == '[') {
            boolean valid = value.charAt(end - 1) == ']' && isIpv6(value, 1, end - 1);
            return valid ? value.substring(0, end).toLowerCase(Locale.ROOT) : null;
        }
        if (end > 1 && value.charAt(end - 1) == '.') {
            end--;
        }
        return isName(value, end) ? value.substring(0, end).toLowerCase(Locale.ROOT) : null;
    }

    /**
     * The port of a Host field value.
     *
     * @param value one for which {@link #name} is not null
     * @param otherwise what to return when it has none
     * @return 0 to 65535
     */
    public static int port(String value, int otherwise) {
        int end = hostEnd(value);
        return end < value.length() ? portAt(value, end) : otherwise;
    }

    /** Where the colon of the port is, or the end; what is in front of it need not be valid. */
    private static int hostEnd(String value) {
        int from = value.startsWith("[") ? value.indexOf(']') + 1 : 0;
        int colon = value.indexOf(':', from);
        return colon < 0 ? value.length() : colon;
    }

    /** The number behind a colon up to the end, or -1. */
    private static int portAt(String value, int colon) {
        int digits = value.length() - colon - 1;
        int port = digits < 1 || digits > MAX_PORT_DIGITS ? -1 : 0;
        for (int i = colon + 1; i < value.length() && port >= 0; i++) {
            port = isDigit(value.charAt(i)) ? port * 10 + value.charAt(i) - '0' : -1;
        }
        return port > MAX_PORT ? -1 : port;
    }

    private static boolean isName(String value, int end) {
        if (end == 0 || end > MAX_NAME_CHARS) {
            return false;
        }
        int labelStart = 0;
        for (int i = 0; i <= end; i++) {
            if (i == end || value.charAt(i) == '.') {
                if (i == labelStart || i - labelStart > MAX_LABEL_CHARS) {
                    return false;
                }
                labelStart = i + 1;
            } else if (!isNameChar(value.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNameChar(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '-' || c == '_';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** RFC 3986 section 3.2.2; no zone identifiers, which mean nothing to another machine. */
    private static boolean isIpv6(String value, int from, int to) {
        int groups = 0;
        boolean elided = to - from >= 2 && value.startsWith("::", from);
        int i = elided ? from + 2 : from;
        while (i < to) {
            int start = i;
            while (i < to && value.charAt(i) < 0x80 && Octets.hexDigit((byte) value.charAt(i)) >= 0) {
                i++;
            }
            if (i < to && value.charAt(i) == '.') {
                groups += 2;
                return isIpv4(value, start, to) && (elided ? groups < IPV6_GROUPS : groups == IPV6_GROUPS);
            }
            if (i == start || i - start > 4) {
                return false;
            }
            groups++;
            if (i < to) {
                if (value.charAt(i) != ':' || i + 1 == to) {
                    return false;
                }
                i++;
                if (value.charAt(i) == ':') {
                    if (elided) {
                        return false;
                    }
                    elided = true;
                    i++;
                }
            }
        }
        return elided ? groups < IPV6_GROUPS : groups == IPV6_GROUPS;
    }

    private static boolean isIpv4(String value, int from, int to) {
        int parts = 0;
        int start = from;
        for (int i = from; i <= to; i++) {
            if (i == to || value.charAt(i) == '.') {
                int digits = i - start;
                boolean fits = digits == 1 || digits > 1 && digits <= 3 && value.charAt(start) != '0';
                if (!fits || Integer.parseInt(value, start, i, 10) > 255) {
                    return false;
                }
                parts++;
                start = i + 1;
            } else if (!isDigit(value.charAt(i))) {
                return false;
            }
        }
        return parts == 4;
    }
}
