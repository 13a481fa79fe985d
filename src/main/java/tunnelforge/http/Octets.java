package tunnelforge.http;

import tunnelforge.text.Printable;

/** Which octets may stand where (RFC 9110 section 5.6.2 and 5.5, RFC 9112 section 3.2), as one look-up table. */
final class Octets {
    static final byte TOKEN = 1;
    static final byte VALUE = 2;
    static final byte TARGET = 4;

    private static final byte[] CLASSES = classes();

    private Octets() {
    }

    static boolean is(byte octet, byte kind) {
        return (CLASSES[octet & 0xff] & kind) != 0;
    }

    static boolean isToken(String text) {
        return !text.isEmpty() && all(text, TOKEN);
    }

    static boolean isFieldValue(String text) {
        return all(text, VALUE);
    }

    static boolean isTarget(String text) {
        return !text.isEmpty() && all(text, TARGET);
    }

    static String requireToken(String name) {
        if (!isToken(name)) {
            throw new IllegalArgumentException("not a field name: " + Printable.quotedOctets(name));
        }
        return name;
    }

    static String requireFieldValue(String value) {
        if (!isFieldValue(value)) {
            // Not quoted: it may be a secret.
            throw new IllegalArgumentException("a field value of " + value.length() + " characters holds one that may not stand in it");
        }
        return value;
    }

    /** The value of a hexadecimal digit, or -1. */
    static int hexDigit(byte octet) {
        if (octet >= '0' && octet <= '9') {
            return octet - '0';
        }
        int lower = octet | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    static boolean isBlank(int octet) {
        return octet == ' ' || octet == '\t';
    }

    private static boolean all(String text, byte kind) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > 0xff || (CLASSES[c] & kind) == 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] classes() {
        byte[] table = new byte[256];
        for (int c = '!'; c < 256; c++) {
            if (c != 0x7f) {
                table[c] = VALUE | TARGET;
            }
        }
        table[' '] = VALUE;
        table['\t'] = VALUE;
        for (int c = '0'; c <= 'z'; c++) {
            if (c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a') {
                table[c] |= TOKEN;
            }
        }
        for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
            table[c] |= TOKEN;
        }
        return table;
    }
}
