package tunnelforge.text;

import java.net.IDN;
import java.util.Locale;
import java.util.regex.Pattern;

/** Names of hosts. */
public final class HostNames {
    /** The longest name, in characters: RFC 1035 section 2.3.4 has 255 octets on the wire. */
    public static final int MAX_NAME = 253;
    /** The longest label, in characters (RFC 1035 section 2.3.4). */
    public static final int MAX_LABEL = 63;

    private static final Pattern NUMBER = Pattern.compile("[0-9]+|0[xX][0-9a-fA-F]*");

    private HostNames() {
    }

    /**
     * Whether this can be the name of a host: labels of ASCII letters, digits, hyphens (not at either end) and underscores.
     * An IPv4 address can, see {@link #endsInNumber}; a trailing dot cannot.
     */
    public static boolean isName(String name) {
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

    /** Whether browsers and resolvers take a name for an IPv4 address (WHATWG URL, "ends in a number"; RFC 1123 section 2.1). */
    public static boolean endsInNumber(String name) {
        char last = name.isEmpty() ? 'x' : name.charAt(name.length() - 1);
        // Most names end in a letter above f, and this is asked for every request.
        return (last <= 'f' || last == 'x' || last == 'X') && NUMBER.matcher(name).region(name.lastIndexOf('.') + 1, name.length()).matches();
    }

    /** The name without the dot that may stand at the end of a complete one. */
    public static String withoutTrailingDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    /**
     * The form in which names are compared: ASCII, lower case, without a trailing dot or the brackets of an IPv6 address.
     * What cannot be a name comes back in lower case, or as it is where it is longer than any.
     */
    public static String normalise(String host) {
        String text = host.startsWith("[") ? Addresses.withoutBrackets(host) : withoutTrailingDot(host);
        if (text.length() > MAX_NAME) {
            // The JDK takes a time that grows with the square, or fails, for some characters.
            return text;
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
}
