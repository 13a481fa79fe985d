package tunnelforge.json;

/** The characters of one text: blanks, strings, numbers and literals, each taken whole from the current position. */
final class JsonScanner {
    /** What {@link #peek} says at the end of the text. */
    static final int END = -1;

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final String text;
    private final boolean config;
    private int position;

    JsonScanner(String text, boolean config) {
        this.text = text;
        this.config = config;
    }

    int position() {
        return position;
    }

    int peek() {
        return position < text.length() ? text.charAt(position) : END;
    }

    void take(char wanted) throws JsonException {
        if (peek() != wanted) {
            throw error("expected '" + wanted + "'");
        }
        position++;
    }

    void literal(String word) throws JsonException {
        if (!text.startsWith(word, position)) {
            throw error("expected a value");
        }
        position += word.length();
    }

    /** Some editors put a byte order mark in front of a file. */
    void skipMark() {
        if (config && peek() == BYTE_ORDER_MARK) {
            position++;
        }
    }

    void skipBlanks() throws JsonException {
        while (position < text.length()) {
            char c = text.charAt(position);
            if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
                position++;
            } else if (c == '/' && config) {
                skipComment();
            } else {
                return;
            }
        }
    }

    private void skipComment() throws JsonException {
        if (text.startsWith("//", position)) {
            int end = text.indexOf('\n', position);
            position = end < 0 ? text.length() : end + 1;
        } else if (text.startsWith("/*", position)) {
            int end = text.indexOf("*/", position + 2);
            if (end < 0) {
                throw error("a comment that does not end");
            }
            position = end + 2;
        } else {
            throw error("expected a comment after '/'");
        }
    }

    JsonNumber number() throws JsonException {
        int end = JsonNumber.end(text, position);
        if (end < 0) {
            throw error(peek() == END ? "the text ends too early" : "expected a value");
        }
        if (end - position > JsonNumber.MAX_CHARACTERS) {
            throw error("a number of " + (end - position) + " characters; at most " + JsonNumber.MAX_CHARACTERS
                    + " are allowed");
        }
        JsonNumber number = new JsonNumber(text.substring(position, end));
        position = end;
        return number;
    }

    String string() throws JsonException {
        if (peek() != '"') {
            throw error("expected a string");
        }
        int start = position++;
        int from = position;
        StringBuilder unescaped = null;
        while (true) {
            position = plainEnd(position);
            int c = peek();
            if (c == '"') {
                String rest = text.substring(from, position++);
                return unescaped == null ? rest : unescaped.append(rest).toString();
            } else if (c == '\\') {
                if (unescaped == null) {
                    unescaped = new StringBuilder();
                }
                unescaped.append(text, from, position);
                escape(unescaped);
                from = position;
            } else if (c == END) {
                throw errorAt(start, "a string that does not end");
            } else if (c < ' ') {
                throw error("a control character in a string must be escaped");
            } else {
                rawPair();
            }
        }
    }

    /** The index of the first character from {@code from} on that needs a closer look. */
    private int plainEnd(int from) {
        int at = from;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"' || c == '\\' || c < ' ' || Character.isSurrogate(c)) {
                break;
            }
            at++;
        }
        return at;
    }

    private void rawPair() throws JsonException {
        int low = position + 1;
        if (Character.isLowSurrogate(text.charAt(position)) || low == text.length()
                || !Character.isLowSurrogate(text.charAt(low))) {
            throw error("a surrogate without its other half");
        }
        position += 2;
    }

    private void escape(StringBuilder into) throws JsonException {
        int start = position++;
        int c = peek();
        position++;
        switch (c) {
            case '"', '\\', '/' -> into.append((char) c);
            case 'b' -> into.append('\b');
            case 'f' -> into.append('\f');
            case 'n' -> into.append('\n');
            case 'r' -> into.append('\r');
            case 't' -> into.append('\t');
            case 'u' -> unicode(start, into);
            default -> throw errorAt(start, "an unknown escape");
        }
    }

    private void unicode(int start, StringBuilder into) throws JsonException {
        char first = hexDigits(start);
        into.append(first);
        if (!Character.isSurrogate(first)) {
            return;
        }
        if (Character.isHighSurrogate(first) && text.startsWith("\\u", position)) {
            position += 2;
            char second = hexDigits(start);
            if (Character.isLowSurrogate(second)) {
                into.append(second);
                return;
            }
        }
        throw errorAt(start, "a surrogate without its other half");
    }

    private char hexDigits(int start) throws JsonException {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            int c = peek();
            // Character.digit alone would take the digits of other scripts too.
            int digit = c == END || c > 'f' ? -1 : Character.digit(c, 16);
            if (digit < 0) {
                throw errorAt(start, "\\u takes four hexadecimal digits");
            }
            code = code << 4 | digit;
            position++;
        }
        return (char) code;
    }

    JsonException error(String problem) {
        return errorAt(position, problem);
    }

    JsonException errorAt(int index, String problem) {
        int line = 1;
        int lineStart = 0;
        int end = Math.min(index, text.length());
        for (int at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) {
            line++;
            lineStart = at + 1;
        }
        return new JsonException(line, end - lineStart + 1, problem);
    }
}
