package tunnelforge.http;

import java.io.IOException;

/** The peer sent a message that is refused; the connection that carried it is of no further use for reading. */
public final class HttpException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;

    /**
     * Makes a refusal.
     *
     * @param status the status to answer with: 400, 413, 414, 431, 501 or 505 for a request, 502 for a response
     * @param message what is wrong, naming the limit and the value; octets of the peer in it are escaped
     */
    public HttpException(int status, String message) {
        super(message);
        this.status = status;
    }

    /**
     * The status to answer the visitor with.
     *
     * @return a status code from 400 to 599
     */
    public int status() {
        return status;
    }
}
