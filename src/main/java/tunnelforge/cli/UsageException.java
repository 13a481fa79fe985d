package tunnelforge.cli;

/** The person typed something that cannot be meant: the message says what, and the program ends with exit code 2. */
public final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * A mistake in what was typed.
     *
     * @param message what is wrong, for a person, without the program's name
     */
    public UsageException(String message) {
        super(message);
    }
}
