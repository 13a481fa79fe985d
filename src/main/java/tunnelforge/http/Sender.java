package tunnelforge.http;

/** Who has sent what is parsed: that decides how strictly it is read, and which status its faults have. */
enum Sender {
    /** A visitor: what two readers could read differently, and whatever no client in use sends, is refused. */
    VISITOR(400, false, Heads.MAX_FIELD_LINES),
    /** The server or the agent, which have parsed it before. */
    FRAMES(502, false, Heads.MAX_FIELD_LINES + Heads.ADDED_FIELD_LINES),
    /**
     * A service. Where only one reading exists it is read as clients in use read it: lines that end with LF alone, blanks behind a field name or a chunk size, control
     * characters in a value, any HTTP/1 version.
     */
    SERVICE(502, true, Heads.MAX_FIELD_LINES);

    private final int badStatus;
    private final boolean lenient;
    private final int maxFieldLines;

    Sender(int badStatus, boolean lenient, int maxFieldLines) {
        this.badStatus = badStatus;
        this.lenient = lenient;
        this.maxFieldLines = maxFieldLines;
    }

    int badStatus() {
        return badStatus;
    }

    boolean lenient() {
        return lenient;
    }

    /** Most field lines in a head or a trailer section. */
    int maxFieldLines() {
        return maxFieldLines;
    }

    /** The status of what is too large, where a visitor's has one of its own. */
    int tooLargeStatus() {
        return this == VISITOR ? 431 : badStatus;
    }
}
