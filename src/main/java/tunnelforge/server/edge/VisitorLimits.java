package tunnelforge.server.edge;

import java.time.Duration;

/** The time that visitors have, what is read of them in vain, and how much they may say. */
final class VisitorLimits {
    /** For the ClientHello and the handshake together; for the header of the PROXY protocol. */
    static final Duration HANDSHAKE = Duration.ofSeconds(10);
    /** So long after the start of a server visitors wait for the agent of their tunnel, which the last run had, before they shake hands: it is not to wait for them. */
    static final Duration AGENT_GOES_FIRST = Duration.ofSeconds(1);
    /** Between requests. */
    static final Duration IDLE = Duration.ofSeconds(75);
    /** From a request's first byte to the end of its head; then 408. */
    static final Duration HEAD = Duration.ofSeconds(30);
    /** For one piece to be taken by the visitor, or for a next piece of its body to come; then 408, where its answer has not begun. */
    static final Duration STALL = Duration.ofMinutes(5);
    /** For a body that is collected before it is sent on: its memory is not for whoever is slowest. Then 408. */
    static final Duration COLLECT = Duration.ofMinutes(5);
    /** How long an answer is waited for on behalf of a visitor that has ended its stream. */
    static final Duration HALF_CLOSED_WAIT = Duration.ofMinutes(2);
    /** The same while others need its place. */
    static final Duration HALF_CLOSED_IN_THE_WAY = Duration.ofSeconds(5);
    /** For what a visitor still sends, however much, when it has been answered: read, so that it can read the answer, and dropped. */
    static final Duration DROP = Duration.ofSeconds(60);
    /** For the next piece of that. */
    static final Duration DROP_SILENCE = Duration.ofSeconds(5);
    /** For what is left of a response that breaks off. */
    static final Duration BREAK_OFF = Duration.ofSeconds(2);
    /** How long a visitor may still send after a 101 when the local service has ended its direction. */
    static final Duration HALF_CLOSED = Duration.ofSeconds(60);

    private VisitorLimits() {
    }
}
