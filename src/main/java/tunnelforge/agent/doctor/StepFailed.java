package tunnelforge.agent.doctor;

/** A step did not go well: what was seen (the message), and what to do about it. */
final class StepFailed extends Exception {
    static final int FAILED = 1;
    private static final long serialVersionUID = 1L;

    private final int code;
    private final String next;

    /** {@code code}: what the program ends with. */
    StepFailed(int code, String seen, String next) {
        super(seen);
        this.code = code;
        this.next = next;
    }

    StepFailed(String seen, String next) {
        this(FAILED, seen, next);
    }

    int code() {
        return code;
    }

    String next() {
        return next;
    }
}
