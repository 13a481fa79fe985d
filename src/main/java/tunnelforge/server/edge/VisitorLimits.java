package tunnelforge.server.edge;

import java.time.Duration;

/** The time that visitors have, what is read of them in vain, and how much they may say. */
final class VisitorLimits {
    /** For the ClientHello and the handshake together; for the header of the PROXY protocol. */
    static final Duration HANDSHAKE = Duration.ofSeconds(10);
    /** Between requests. */
    static final Duration IDLE = Duration.ofSeconds(75);
    /** From a request's first byte to the end of its head; then 408. */
    static final Duration HEAD = Duration.ofSeconds(30);
    /** For one piece to be taken by the visitor, or for a next piece of its body to come; then 408, where its answer has not begun. */
    static final Duration STALL = Duration.ofMinutes(5);
    /** For a body that is collected before it is sent on: its memory is not for whoever is slowest. Then 408. */
    static final Duration COLLECT = Duration.ofMinutes(5);
    /** For the rest of a body that nobody wants any more, and for what is left of a response that breaks off. */
    static final Duration DROP = Duration.ofSeconds(2);
    /** That much of such a body is read, so that the connection can carry another request. */
    static final int DROPPED_BYTES = 1024 * 1024;
    /** For a visitor to read the last answer on its connection before that closes. */
    static final Duration LINGER = Duration.ofSeconds(2);
    /** That much is read from it meanwhile. */
    static final int LINGER_BYTES = 256 * 1024;
    /** How long a visitor may still send after a 101 when the local service has ended its direction. */
    static final Duration HALF_CLOSED = Duration.ofSeconds(60);

    private VisitorLimits() {
    }
}
