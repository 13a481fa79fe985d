package tunnelforge.net;

import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import tunnelforge.text.Addresses;
import tunnelforge.text.HostNames;

/**
 * Which hosts a certificate is for.
 *
 * <p>Source: RFC 9525 (before it RFC 6125). Only subject alternative names count, never the common name. A {@code *}
 * stands for exactly one whole label, the left-most one, and never for an IP address or a part of one.
 */
public final class ServerNames {
    private static final int SAN_DNS = 2;
    private static final int SAN_IP = 7;

    private ServerNames() {
    }

    /** The DNS names (lower case, perhaps with a wildcard) and IP addresses that a certificate is for; none when its list cannot be read. */
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

    /** Whether one of a certificate's subject alternative names covers a host, a name or an IP address. */
    public static boolean covers(X509Certificate certificate, String host) {
        InetAddress address = Addresses.ofHost(host);
        if (address != null) {
            return alternatives(certificate).stream()
                    .anyMatch(other -> isType(other, SAN_IP) && address.equals(Addresses.ofHost(value(other))));
        }
        String name = HostNames.normalise(host);
        String wildcard = wildcard(name);
        return HostNames.isName(name) && dnsNames(certificate).stream()
                .anyMatch(pattern -> pattern.equals(name) || pattern.equals(wildcard));
    }

    /** The subject alternative names: each a list of its type (RFC 5280 section 4.2.1.6) and its value; none where they cannot be read. */
    public static Collection<List<?>> alternatives(X509Certificate certificate) {
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
}
