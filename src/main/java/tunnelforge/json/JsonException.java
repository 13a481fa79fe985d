package tunnelforge.json;

import java.io.IOException;

/** Text that is not the JSON that was asked for. The message names the position or the field, never the value of a string. */
public final class JsonException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Where in a file: {@code :7:12}; empty where that is not known. */
    private final String place;
    private final String problem;

    /**
     * Makes an exception with the given message.
     *
     * @param message what is wrong and where, safe to show to the peer
     */
    public JsonException(String message) {
        super(message);
        place = "";
        problem = message;
    }

    JsonException(int line, int column, String problem) {
        super("line " + line + ", column " + column + ": " + problem);
        this.place = ":" + line + ":" + column;
        this.problem = problem;
    }

    /** The message for a text that is a file's: {@code tunnels.json:7:12: expected ','}, as compilers write it and editors follow it. */
    public String in(Object file) {
        return file + place + ": " + problem;
    }
}
