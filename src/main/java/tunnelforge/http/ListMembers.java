package tunnelforge.http;

/** Walks the members of one comma-separated field value (RFC 9110 section 5.6.1) without allocating; empty ones are passed over. */
final class ListMembers {
    private final String value;
    /** The member, and the comma behind it. */
    private int start;
    private int length;
    private int comma = -1;

    ListMembers(String value) {
        this.value = value;
    }

    boolean next() {
        while (comma < value.length()) {
            start = comma + 1;
            int found = value.indexOf(',', start);
            comma = found < 0 ? value.length() : found;
            int last = comma;
            while (start < last && Octets.isBlank(value.charAt(start))) {
                start++;
            }
            while (last > start && Octets.isBlank(value.charAt(last - 1))) {
                last--;
            }
            if (last > start) {
                length = last - start;
                return true;
            }
        }
        return false;
    }

    boolean is(String token) {
        return length == token.length() && value.regionMatches(true, start, token, 0, length);
    }

    boolean startsWith(String prefix) {
        return length >= prefix.length() && value.regionMatches(true, start, prefix, 0, prefix.length());
    }

    String text() {
        return value.substring(start, start + length);
    }
}
