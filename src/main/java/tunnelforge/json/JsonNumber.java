package tunnelforge.json;

import java.math.BigDecimal;

/**
 * A number (RFC 8259, section 6), kept as it was written: {@code 1} and {@code 1.0} are not equal.
 *
 * @param text the number in JSON's grammar, at most {@link #MAX_CHARACTERS} characters
 */
public record JsonNumber(String text) implements JsonValue {
    /** The longest number that is read or written, in characters. */
    public static final int MAX_CHARACTERS = 40;

    /**
     * Checks the text.
     *
     * @param text the number in JSON's grammar
     * @throws IllegalArgumentException if it is none, or longer than {@link #MAX_CHARACTERS}
     */
    public JsonNumber {
        if (text.length() > MAX_CHARACTERS || end(text, 0) != text.length()) {
            throw new IllegalArgumentException("not a JSON number of at most " + MAX_CHARACTERS + " characters");
        }
    }

    /** The number of an integer. */
    public static JsonNumber of(long value) {
        return new JsonNumber(Long.toString(value));
    }

    /**
     * The number as an integer; {@code 5.0} and {@code 5e0} are integers too.
     *
     * @throws JsonException if it has a fraction or does not fit into 64 bits
     */
    public long toLong() throws JsonException {
        try {
            // Checks the exponent before it computes digits, so 1e999999999 costs nothing.
            return new BigDecimal(text).longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw new JsonException("the number " + text + " is not an integer of 64 bits");
        }
    }

    /** The index just past the number that begins at {@code from}, or -1 where none does. */
    static int end(String text, int from) {
        int at = from;
        if (at < text.length() && text.charAt(at) == '-') {
            at++;
        }
        if (at < text.length() && text.charAt(at) == '0') {
            at++;
        } else {
            at = digits(text, at);
        }
        if (at >= 0 && at < text.length() && text.charAt(at) == '.') {
            at = digits(text, at + 1);
        }
        if (at >= 0 && at < text.length() && (text.charAt(at) | 0x20) == 'e') {
            at++;
            if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
                at++;
            }
            at = digits(text, at);
        }
        return at;
    }

    /** The index just past one or more digits, or -1 where there is none. */
    private static int digits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at == from ? -1 : at;
    }
}
