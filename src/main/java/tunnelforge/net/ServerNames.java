package tunnelforge.net;

import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * Host names: their one form for comparing, and which of them a certificate is for.
 *
 * <p>Source: RFC 9525 (before it RFC 6125). Only subject alternative names count, never the common name. A {@code *}
 * stands for exactly one whole label, the left-most one, and never for an IP address or a part of one.
 */
public final class ServerNames {
    private static final int MAX_NAME = 253;
    private static final int MAX_LABEL = 63;
    private static final int SAN_DNS = 2;
    private static final int SAN_IP = 7;
    private static final int MAX_SHOWN = 100;

    private ServerNames() {
    }

    /**
     * The form in which names are compared: ASCII, lower case, without a trailing dot or the brackets of an IPv6
     * address.
     *
     * @param host a name or an address as somebody wrote it
     * @return that form; what cannot be a name comes back in lower case
     */
    public static String normalise(String host) {
        String text = host;
        if (text.startsWith("[") && text.endsWith("]")) {
            text = text.substring(1, text.length() - 1);
        } else if (text.endsWith(".")) {
            text = text.substring(0, text.length() - 1);
        }
        if (text.chars().anyMatch(c -> c >= 0x80)) {
            try {
                text = IDN.toASCII(text);
            } catch (IllegalArgumentException e) {
                // Not a name in any language: it stays as it is and matches nothing.
            }
        }
        return text.toLowerCase(Locale.ROOT);
    }

    /**
     * Whether this can be the name of a host: labels of letters, digits, hyphens (not at either end) and underscores,
     * each of 1 to 63 characters, 253 together.
     *
     * @param name in the form of {@link #normalise}
     * @return true when it is; false for addresses with a colon and for a trailing dot
     */
    public static boolean isDnsName(String name) {
        if (name.isEmpty() || name.length() > MAX_NAME) {
            return false;
        }
        int start = 0;
        for (int i = 0; i <= name.length(); i++) {
            if (i == name.length() || name.charAt(i) == '.') {
                if (i == start || i - start > MAX_LABEL || name.charAt(start) == '-' || name.charAt(i - 1) == '-') {
                    return false;
                }
                start = i + 1;
            } else if (!isLabelCharacter(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLabelCharacter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }

    /**
     * The bytes of an IP address literal; nothing is looked up.
     *
     * @param text dotted IPv4, or IPv6 with or without brackets and zone
     * @return 4 or 16 bytes, or null when it is no address
     */
    public static byte[] address(String text) {
        String literal = text;
        if (literal.startsWith("[") && literal.endsWith("]")) {
            literal = literal.substring(1, literal.length() - 1);
        }
        if (literal.indexOf(':') < 0) {
            return ipv4(literal);
        }
        int zone = literal.indexOf('%');
        try {
            // In brackets it is parsed or refused, never looked up.
            return InetAddress.getByName("[" + (zone < 0 ? literal : literal.substring(0, zone)) + "]").getAddress();
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static byte[] ipv4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        byte[] address = new byte[4];
        for (int i = 0; i < 4; i++) {
            String part = parts[i];
            if (part.isEmpty() || part.length() > 3 || !part.chars().allMatch(c -> c >= '0' && c <= '9')
                    || Integer.parseInt(part) > 255) {
                return null;
            }
            address[i] = (byte) Integer.parseInt(part);
        }
        return address;
    }

    /**
     * The DNS names (lower case, perhaps with a wildcard) and IP addresses that a certificate is for.
     *
     * @param certificate any certificate
     * @return in the certificate's order; empty when it names none or its list cannot be read
     */
    public static List<String> of(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        for (List<?> alternative : alternatives(certificate)) {
            if (isType(alternative, SAN_DNS) || isType(alternative, SAN_IP)) {
                names.add(value(alternative));
            }
        }
        return List.copyOf(names);
    }

    /** The DNS names alone, in lower case. */
    static List<String> dnsNames(X509Certificate certificate) {
        return alternatives(certificate).stream()
                .filter(alternative -> isType(alternative, SAN_DNS)).map(ServerNames::value).toList();
    }

    /**
     * Whether a certificate is for a host.
     *
     * @param certificate any certificate
     * @param host a name or an IP address
     * @return true when one of its subject alternative names covers the host
     */
    public static boolean covers(X509Certificate certificate, String host) {
        byte[] address = address(host);
        if (address != null) {
            return alternatives(certificate).stream()
                    .anyMatch(other -> isType(other, SAN_IP) && Arrays.equals(address, address(value(other))));
        }
        String name = normalise(host);
        String wildcard = wildcard(name);
        return isDnsName(name) && dnsNames(certificate).stream()
                .anyMatch(pattern -> pattern.equals(name) || pattern.equals(wildcard));
    }

    private static Collection<List<?>> alternatives(X509Certificate certificate) {
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            return alternatives == null ? List.of() : alternatives;
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private static boolean isType(List<?> alternative, int type) {
        return alternative.get(0).equals(type) && alternative.get(1) instanceof String;
    }

    private static String value(List<?> alternative) {
        return ((String) alternative.get(1)).toLowerCase(Locale.ROOT);
    }

    /** The only wildcard that covers a name, such as {@code *.example.com}; null for a name of one label. */
    static String wildcard(String name) {
        int dot = name.indexOf('.');
        return dot < 0 ? null : "*" + name.substring(dot);
    }

    /** What came from a peer, fit for a terminal: visible ASCII, cut at a length. */
    static String printable(String text) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length() && i < MAX_SHOWN; i++) {
            char c = text.charAt(i);
            shown.append(c >= ' ' && c <= '~' ? c : '?');
        }
        return text.length() > MAX_SHOWN ? shown + "..." : shown.toString();
    }
}
