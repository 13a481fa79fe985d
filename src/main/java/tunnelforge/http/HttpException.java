package tunnelforge.http;

import java.io.EOFException;
import java.io.IOException;

/** A peer's message is refused; the connection that carried it is of no further use for reading. */
public final class HttpException extends IOException {
    /** The status of a message that there was no memory for: it was not refused for what it says. */
    public static final int OVERLOADED = 503;

    private static final long serialVersionUID = 1L;

    private final int status;

    /**
     * Makes a refusal.
     *
     * @param status the status to answer with: 400, 413, 414, 421, 431, 501, 503 or 505 for a request, 502 or 503 for a response
     * @param message what is wrong, naming the limit and the value; octets of the peer in it are escaped
     */
    public HttpException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** A request in the middle of which the stream has ended, which is the cause. */
    public static HttpException incomplete(EOFException cause) {
        HttpException incomplete = new HttpException(400, cause.getMessage());
        incomplete.initCause(cause);
        return incomplete;
    }

    static HttpException overloaded(String message) {
        return new HttpException(OVERLOADED, message);
    }

    /** The status to answer the visitor with, from 400 to 599. */
    public int status() {
        return status;
    }
}
