package tunnelforge.websocket;

import java.io.IOException;

/**
 * The peer broke the protocol or a limit (RFC 6455, section 7.1.7). The caller sends a Close with the code and ends the
 * connection.
 */
public final class WebSocketException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int closeCode;

    WebSocketException(int closeCode, String message) {
        super(message);
        this.closeCode = closeCode;
    }

    /**
     * The code to send in the Close frame: one of {@link CloseCode#PROTOCOL_ERROR}, {@link CloseCode#INVALID_DATA} and {@link CloseCode#TOO_LARGE}.
     */
    public int closeCode() {
        return closeCode;
    }
}
