package tunnelforge.text;

import java.util.HexFormat;

/**
 * Makes text from outside safe to show on one line of a terminal or a log: control characters (ANSI escapes with
 * them), line separators, characters that reorder or hide text, and lone surrogates become {@code \n}, {@code \t},
 * {@code \r} or {@code \}{@code u001b}.
 */
public final class Printable {
    private static final int MAX_QUOTED_CHARS = 80;

    private Printable() {
    }

    /** The text on one line, with what is not printable escaped; a backslash stays as it is. */
    public static String line(String text) {
        StringBuilder to = new StringBuilder(text.length() + 16);
        escape(to, text, false);
        return to.toString();
    }

    /** The text in single quotes for an error message, cut after 80 characters: {@code 'quick-fox'}. */
    public static String quoted(String text) {
        return "'" + line(cut(text, MAX_QUOTED_CHARS)) + "'";
    }

    /** As {@link #quoted}, for characters that are octets of a peer, perhaps in another encoding: all but ASCII is escaped. */
    public static String quotedOctets(String octets) {
        StringBuilder to = new StringBuilder(MAX_QUOTED_CHARS + 16);
        quoted(octets).chars().forEach(c -> {
            if (c <= '~') {
                to.append((char) c);
            } else {
                escape(to, c);
            }
        });
        return to.toString();
    }

    /** A text over a limit without its rest, and how long it was. */
    public static String cut(String text, int maxChars) {
        if (text.length() <= maxChars) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(maxChars - 1)) ? maxChars - 1 : maxChars;
        return text.substring(0, end) + "... (" + text.length() + " characters)";
    }

    /**
     * Adds the text on one line. In quotes the double quote and the backslash are escaped too, which makes the result a JSON
     * string's content.
     */
    public static void escape(StringBuilder to, String text, boolean inQuotes) {
        for (int i = 0; i < text.length();) {
            int c = text.codePointAt(i);
            int next = i + Character.charCount(c);
            switch (c) {
                case '\n' -> to.append("\\n");
                case '\r' -> to.append("\\r");
                case '\t' -> to.append("\\t");
                case '"', '\\' -> to.append(inQuotes ? "\\" : "").append((char) c);
                default -> {
                    if (isPlain(c)) {
                        to.appendCodePoint(c);
                    } else {
                        text.substring(i, next).chars().forEach(unit -> escape(to, unit));
                    }
                }
            }
            i = next;
        }
    }

    private static void escape(StringBuilder to, int unit) {
        to.append("\\u").append(HexFormat.of().toHexDigits((char) unit));
    }

    /** Whether a character is shown as it is. */
    public static boolean isPlain(int codePoint) {
        if (codePoint >= ' ' && codePoint <= '~') {
            return true;
        }
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR, Character.PRIVATE_USE, Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
