package tunnelforge.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a Range field asks of a representation (RFC 9110 section 14.2). */
public sealed interface ByteRange {
    /** All of it: there is no Range field, or one that is ignored (another unit, several ranges, or not well formed). */
    record Whole() implements ByteRange {
    }

    /**
     * One part.
     *
     * @param first its first byte, from 0
     */
    record Part(long first, long last) implements ByteRange {
        /** The length of the part in bytes, at least 1. */
        public long length() {
            return last - first + 1;
        }
    }

    /** The range lies behind the end. */
    record Unsatisfiable() implements ByteRange {
    }

    /**
     * Reads a Range field.
     *
     * @param value the field's value; null for none
     * @param length of the representation, in bytes
     * @return a part that lies within it, or why not
     */
    static ByteRange of(String value, long length) {
        Matcher range = value == null ? null : Syntax.SINGLE.matcher(value);
        if (range == null || !range.matches()) {
            return new Whole();
        }
        boolean hasFirst = !range.group(1).isEmpty();
        boolean hasLast = !range.group(2).isEmpty();
        if (!hasFirst) {
            return hasLast ? suffix(Syntax.number(range.group(2)), length) : new Whole();
        }
        long first = Syntax.number(range.group(1));
        long last = hasLast ? Syntax.number(range.group(2)) : Long.MAX_VALUE;
        if (last < first) {
            return new Whole();
        }
        return first >= length ? new Unsatisfiable() : new Part(first, Math.min(last, length - 1));
    }

    private static ByteRange suffix(long count, long length) {
        if (count == 0) {
            return new Unsatisfiable();
        }
        // A representation without bytes has no part.
        return length == 0 ? new Whole() : new Part(Math.max(0, length - count), length - 1);
    }

    /** The field's syntax. */
    final class Syntax {
        private static final Pattern SINGLE = Pattern.compile("(?i:bytes)=[ \t]*([0-9]*)-([0-9]*)[ \t]*");
        /** A number of more digits is beyond any length. */
        private static final int MAX_DIGITS = 18;

        private Syntax() {
        }

        private static long number(String digits) {
            String significant = digits.replaceFirst("^0+(?=.)", "");
            return significant.length() > MAX_DIGITS ? Long.MAX_VALUE : Long.parseLong(significant);
        }
    }
}
