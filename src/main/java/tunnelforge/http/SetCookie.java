package tunnelforge.http;

import java.util.Locale;
import java.util.function.Predicate;

/** The Domain of a cookie (RFC 6265 section 4.1.2.3): who else than the host that sets it gets it back. */
public final class SetCookie {
    private static final String DOMAIN = "domain";

    private SetCookie() {
    }

    /** The field value without Domain attributes that name a domain which passes a test; it is given in lower case, without the dot before it. */
    public static String withoutDomain(String value, Predicate<String> test) {
        if (value.indexOf(';') < 0) {
            return value;
        }
        StringBuilder kept = new StringBuilder(value.length());
        for (int from = 0; from <= value.length();) {
            int semicolon = value.indexOf(';', from);
            int to = semicolon < 0 ? value.length() : semicolon;
            String domain = from == 0 ? null : domain(value.substring(from, to));
            if (domain == null || !test.test(domain)) {
                kept.append(value, from == 0 ? 0 : from - 1, to);
            }
            from = to + 1;
        }
        return kept.toString();
    }

    /** Null for another attribute. */
    private static String domain(String attribute) {
        int equals = attribute.indexOf('=');
        if (equals < 0 || !attribute.substring(0, equals).strip().equalsIgnoreCase(DOMAIN)) {
            return null;
        }
        String named = attribute.substring(equals + 1).strip().toLowerCase(Locale.ROOT);
        return named.startsWith(".") ? named.substring(1) : named;
    }

    /** Whether a domain is {@code host} or above it, so that its cookies are the host's too. Both are in lower case. */
    public static boolean covers(String domain, String host) {
        return !domain.isEmpty() && (host.equals(domain) || host.endsWith("." + domain));
    }
}
