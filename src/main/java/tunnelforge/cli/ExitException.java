package tunnelforge.cli;

/** Ends the program with a code of its own and a message on stderr. */
public final class ExitException extends Exception {
    /** Refused: token, name taken, limit. */
    public static final int REFUSED = 3;
    /** Trust failed: certificate, pin. */
    public static final int UNTRUSTED = 4;

    private static final long serialVersionUID = 1L;
    private final int code;

    /**
     * An end with this code.
     *
     * @param code exit code, 1 to 255
     * @param message why, for a person, without the program's name; further lines are indented under the first
     */
    public ExitException(int code, String message) {
        super(message);
        if (code < 1 || code > 255) {
            throw new IllegalArgumentException("exit code " + code);
        }
        this.code = code;
    }

    /** The exit code: 1 to 255. */
    public int code() {
        return code;
    }
}
