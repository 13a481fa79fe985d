package tunnelforge.json;

import java.io.IOException;

/** Text that is not the JSON that was asked for. The message names the position or the field, never the value of a string. */
public final class JsonException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception with the given message.
     *
     * @param message what is wrong and where, safe to show to the peer
     */
    public JsonException(String message) {
        super(message);
    }
}
