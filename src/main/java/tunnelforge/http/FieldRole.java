package tunnelforge.http;

import java.util.Arrays;

/**
 * What a field is to those that it passes, judged by its name as its last reader may read it: CGI and its many heirs take {@code X_Forwarded_For}, PHP also
 * {@code X.Forwarded.For}, for {@code X-Forwarded-For}. So names are folded before they are judged: case does not count, and whatever is neither a letter nor a
 * digit counts as a hyphen. Costs a look at a few first characters, and allocates nothing.
 */
public enum FieldRole {
    /** Passes on. */
    ORDINARY,
    /** Belongs to one connection (RFC 9110 section 7.6.1). */
    HOP_BY_HOP,
    /** Says who asks, and by which way, which only a gateway can know; or is what gateways set for the services behind them. */
    FORWARDING,
    /** Is for this program to say. */
    OURS,
    /** Is none of the last three, nor Content-Length, but folds to one. No client in use sends such, so it passes nowhere. */
    IMITATION;

    private static final String OUR_PREFIX = "tunnelforge-";
    private static final String FORWARDED_PREFIX = "x-forwarded-";
    private static final String LENGTH = "content-length";
    /** Proxy is no field, but names a proxy to what CGI runs. */
    private static final String[] HOP = {"connection", "http2-settings", "keep-alive", "proxy", "proxy-connection", "te", "transfer-encoding", "upgrade"};
    /** Besides {@code X-Forwarded-*}. RFC 7239 has Forwarded, RFC 9440 Client-Cert; the others are customs. */
    private static final String[] FORWARDED = {"forwarded", "forwarded-for", "x-forwarded", "x-real-ip", "x-client-ip", "client-ip", "true-client-ip",
        "x-true-client-ip", "x-cluster-client-ip", "cf-connecting-ip", "cf-connecting-ipv6", "cf-pseudo-ipv4", "fastly-client-ip", "fly-client-ip",
        "x-azure-clientip", "x-azure-socketip", "x-appengine-user-ip", "x-envoy-external-address", "x-originating-ip", "x-remote-ip", "x-remote-addr", "remote-addr",
        "x-proxyuser-ip", "proxy-client-ip", "wl-proxy-client-ip", "http-client-ip", "x-original-forwarded-for", "x-original-host", "x-host",
        "x-http-host-override", "x-original-url", "x-rewrite-url", "x-scheme", "x-url-scheme", "x-original-proto", "x-original-for", "front-end-https", "client-cert",
        "client-cert-chain"};
    /** Names by their length, for those that are not told by a prefix. */
    private static final Known[][] BY_LENGTH = byLength();
    /** Of each first letter, by its last five bits, the lengths that there are, and that a prefix is shorter than: nearly all names end here. */
    private static final long[] LENGTHS = lengths();

    private record Known(String name, FieldRole role) {
    }

    /** The role of a field with that name, in any spelling. */
    public static FieldRole of(String name) {
        int length = name.length();
        return (LENGTHS[name.charAt(0) & 0x1f] >>> Math.min(length, Long.SIZE - 1) & 1) == 0 ? ORDINARY : among(name, length);
    }

    /** Whether two names are one to whoever folds them: {@code X-User} and {@code x_user}. */
    public static boolean alike(String name, String other) {
        boolean alike = name.length() == other.length();
        for (int i = 0; alike && i < name.length(); i++) {
            alike = folded(name.charAt(i)) == folded(other.charAt(i));
        }
        return alike;
    }

    private static int folded(char c) {
        return isLetterOrDigit(c) ? c | 0x20 : '-';
    }

    private static FieldRole among(String name, int length) {
        if (length < BY_LENGTH.length) {
            for (Known known : BY_LENGTH[length]) {
                Likeness likeness = likeness(name, known.name);
                if (likeness != Likeness.NONE) {
                    return likeness == Likeness.SAME ? known.role : IMITATION;
                }
            }
        }
        if (length >= FORWARDED_PREFIX.length()) {
            Likeness forwarded = likeness(name, FORWARDED_PREFIX);
            if (forwarded != Likeness.NONE) {
                return forwarded == Likeness.SAME && isSpelledOut(name) ? FORWARDING : IMITATION;
            }
            Likeness ours = likeness(name, OUR_PREFIX);
            if (ours != Likeness.NONE) {
                return ours == Likeness.SAME && isSpelledOut(name) ? OURS : IMITATION;
            }
        }
        return ORDINARY;
    }

    private enum Likeness { NONE, FOLDED, SAME }

    /** Of what a name begins with. */
    private static Likeness likeness(String name, String known) {
        Likeness found = Likeness.SAME;
        for (int i = 0; i < known.length(); i++) {
            char c = name.charAt(i);
            char k = known.charAt(i);
            // In ASCII, 0x20 is what tells the two cases of a letter apart.
            if (c == k || k != '-' && (c | 0x20) == k) {
                continue;
            }
            if (k != '-' || isLetterOrDigit(c)) {
                return Likeness.NONE;
            }
            found = Likeness.FOLDED;
        }
        return found;
    }

    /** Whether hyphens are the only characters that count as such. */
    private static boolean isSpelledOut(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) != '-' && !isLetterOrDigit(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetterOrDigit(char c) {
        return c >= '0' && c <= '9' || (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    }

    private static Known[][] byLength() {
        int longest = 0;
        for (String name : FORWARDED) {
            longest = Math.max(longest, name.length());
        }
        Known[][] table = new Known[longest + 1][0];
        put(table, LENGTH, ORDINARY);
        for (String name : HOP) {
            put(table, name, HOP_BY_HOP);
        }
        for (String name : FORWARDED) {
            put(table, name, FORWARDING);
        }
        return table;
    }

    private static long[] lengths() {
        long[] lengths = new long[0x20];
        for (Known[] names : BY_LENGTH) {
            for (Known known : names) {
                lengths[known.name.charAt(0) & 0x1f] |= 1L << known.name.length();
            }
        }
        for (String prefix : new String[] {FORWARDED_PREFIX, OUR_PREFIX}) {
            lengths[prefix.charAt(0) & 0x1f] |= -1L << prefix.length();
        }
        return lengths;
    }

    private static void put(Known[][] table, String name, FieldRole role) {
        int length = name.length();
        Known[] before = table[length];
        table[length] = Arrays.copyOf(before, before.length + 1);
        table[length][before.length] = new Known(name, role);
    }
}
