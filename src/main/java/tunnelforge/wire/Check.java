package tunnelforge.wire;

/**
 * Checks of fields, for compact constructors. Each throws {@link IllegalArgumentException}, which becomes {@code JsonException} where the value
 * was received. The message names the field and the limit; it never shows a string's value, which may be a secret.
 */
final class Check {
    private Check() {
    }

    /** A string that must be there; may be empty. */
    static String text(String field, String value, int maxChars) {
        if (value == null) {
            throw new IllegalArgumentException("field '" + field + "' is missing");
        }
        return optional(field, value, maxChars);
    }

    /** A string that must be there and not be empty. */
    static String id(String field, String value) {
        if (value != null && value.isEmpty()) {
            throw new IllegalArgumentException("field '" + field + "' is empty");
        }
        return text(field, value, Limits.MAX_ID);
    }

    /** A string that may be absent (null). */
    static String optional(String field, String value, int maxChars) {
        if (value != null && value.length() > maxChars) {
            throw new IllegalArgumentException("field '" + field + "' has " + value.length() + " characters; the limit is "
                    + maxChars);
        }
        return value;
    }

    static int range(String field, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("field '" + field + "' must be from " + min + " to " + max + ", not " + value);
        }
        return value;
    }

    /** A text for people: cut where it is longer. */
    static String cut(String value, int maxChars) {
        if (value.length() <= maxChars) {
            return value;
        }
        // Half a pair has no UTF-8 form.
        int end = Character.isHighSurrogate(value.charAt(maxChars - 1)) ? maxChars - 1 : maxChars;
        return value.substring(0, end);
    }
}
