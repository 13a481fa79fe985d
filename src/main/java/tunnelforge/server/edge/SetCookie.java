package tunnelforge.server.edge;

/** Keeps tunnels from setting each other's cookies (RFC 6265 section 4.1.2.3). */
final class SetCookie {
    private static final String DOMAIN = "domain";

    private SetCookie() {
    }

    /** The field value without Domain attributes that name {@code domain} or a name above it. */
    static String withoutWideDomain(String value, String domain) {
        if (value.indexOf(';') < 0) {
            return value;
        }
        StringBuilder kept = new StringBuilder(value.length());
        for (int from = 0; from <= value.length();) {
            int semicolon = value.indexOf(';', from);
            int to = semicolon < 0 ? value.length() : semicolon;
            if (from == 0 || !isWide(value.substring(from, to), domain)) {
                kept.append(value, from == 0 ? 0 : from - 1, to);
            }
            from = to + 1;
        }
        return kept.toString();
    }

    private static boolean isWide(String attribute, String domain) {
        int equals = attribute.indexOf('=');
        if (equals < 0 || !attribute.substring(0, equals).strip().equalsIgnoreCase(DOMAIN)) {
            return false;
        }
        String named = attribute.substring(equals + 1).strip().toLowerCase(java.util.Locale.ROOT);
        String name = named.startsWith(".") ? named.substring(1) : named;
        if (!name.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.') || name.endsWith(".")) {
            // Browsers may read it as a name that it does not spell.
            return true;
        }
        return !name.isEmpty() && (domain.equals(name) || domain.endsWith("." + name));
    }
}
