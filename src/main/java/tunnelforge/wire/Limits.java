package tunnelforge.wire;

import java.time.Duration;
import tunnelforge.http.Heads;

/** Every number of the wire: lengths in bytes unless the name says otherwise, timings as {@link Duration}. */
public final class Limits {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    /** Bytes of the header before each frame's payload: request id (4), type (1), length (3). */
    public static final int FRAME_HEADER = 8;
    /** The highest request id; the server drains a connection before it gets there. */
    public static final int MAX_REQUEST_ID = Integer.MAX_VALUE;

    /** Payload of a MESSAGE before the data connection is accepted. */
    public static final int HELLO_MESSAGE = 4 * KIB;
    /** Payload of a MESSAGE in the JSON encoding. */
    public static final int MAX_MESSAGE_JSON = 2 * MIB;
    /** Payload of a MESSAGE in the binary encoding. */
    public static final int MAX_MESSAGE_BINARY = 64 * KIB;
    /** Payload of a REQUEST: a whole request head. */
    public static final int MAX_REQUEST_HEAD = 128 * KIB;
    /** What a visitor's request head may have, so that there is room for what the server adds to it. */
    public static final int MAX_VISITOR_HEAD = 64 * KIB;
    /** Payload of a RESPONSE: a whole response head. */
    public static final int MAX_RESPONSE_HEAD = 128 * KIB;
    /** What a local service's response head may have, so that there is room for what the agent adds to it. */
    public static final int MAX_SERVICE_HEAD = 124 * KIB;
    /** Payload of DATA; also the most that {@code max_frame} may say. */
    public static final int MAX_DATA = 64 * KIB;
    /** The least that {@code max_frame} may say. */
    public static final int MIN_MAX_FRAME = KIB;
    /** Payload of an END: trailer fields. */
    public static final int MAX_TRAILERS = 128 * KIB;
    /** Payload of a RESET: code (2) and reason. */
    public static final int MAX_RESET = KIB;
    /** Payload of a WINDOW. */
    public static final int WINDOW_PAYLOAD = 4;
    /** Payload of a PING or PONG. */
    public static final int PING_PAYLOAD = 8;
    /** Payload of an OPEN. */
    public static final int MAX_OPEN = 4 * KIB;
    /** Payload of a frame of a type that this version does not know (below 128): read and ignored. */
    public static final int MAX_UNKNOWN = 64 * KIB;

    /** DATA payload bytes that each side may send on an exchange before the first WINDOW. */
    public static final int INITIAL_WINDOW = 64 * KIB;
    /** A request's body that is kept, so that the request can be sent again: not more than an initial window. */
    public static final int MAX_RESENT_BODY = INITIAL_WINDOW;
    /** Data connections that a request is sent on, one after the other. */
    public static final int MAX_RESENT = 50;
    /** The most credit a receiver lets be outstanding on one exchange. */
    public static final int MAX_WINDOW = 16 * MIB;
    /** Credit above this, summed, breaks the protocol. */
    public static final int MAX_CREDIT = Integer.MAX_VALUE;
    /** Informational (1xx) heads before the final RESPONSE: how many. */
    public static final int MAX_INFORMATIONAL = 16;

    /** A body in the JSON encoding up to this size may stand in the message itself; above it comes in DATA frames. */
    public static final int JSON_INLINE_BODY = MIB;
    /** Field lines of a head in frames: how many. */
    public static final int MAX_HEADER_LINES = Heads.MAX_FIELD_LINES + Heads.ADDED_FIELD_LINES;
    /** One text message on the control connection. */
    public static final int CONTROL_MESSAGE = 64 * KIB;
    /** Characters of a tunnel id, connection id, agent id, request id or protocol word. */
    public static final int MAX_ID = 128;
    /** Characters of an account's token or a resume token. */
    public static final int MAX_TOKEN = 1024;
    /** Characters of a host name, an address, {@code user:password} or an agent's version. */
    public static final int MAX_TEXT = 512;
    /** Characters of an error's or drain's text; longer ones are cut. */
    public static final int MAX_REASON = 1000;
    /** Users of whom visitors must be one: how many. */
    public static final int MAX_VISITOR_USERS = 100;
    /** All {@code user:password} of a tunnel together, in UTF-8: with everything else they fit into a control message. */
    public static final int MAX_AUTH_BYTES = 24 * KIB;
    /** Ranges in {@code allow}, and in {@code deny}: how many. */
    public static final int MAX_ADDRESS_RANGES = 100;
    /** Names in {@code features}: how many. */
    public static final int MAX_FEATURES = 64;

    /** The fewest shared data connections of a tunnel. */
    public static final int POOL_MIN = 3;
    /** The most shared data connections of a tunnel. */
    public static final int POOL_MAX = 10;

    /** {@code register_tunnel} must come within this of the upgrade. */
    public static final Duration REGISTER_WITHIN = Duration.ofSeconds(10);
    /** The agent's {@code data_connection} must come within this of the upgrade. */
    public static final Duration HELLO_WITHIN = Duration.ofSeconds(10);
    /** A {@code connection_id} that was not used within this is gone. */
    public static final Duration CONNECTION_ID_LIFE = Duration.ofSeconds(10);
    /** How often the server sends a WebSocket Ping on the control connection. */
    public static final Duration CONTROL_PING_EVERY = Duration.ofSeconds(5);
    /** A data connection on which nothing was received for this long is sent a PING. */
    public static final Duration PING_AFTER = Duration.ofSeconds(5);
    /** A connection on which nothing was received for this long is dead. */
    public static final Duration DEAD_AFTER = Duration.ofSeconds(15);
    /** After so much silence a connection is given up: it is looked at twice a second at least, and so it has ended within {@link #DEAD_AFTER}. */
    public static final Duration GIVEN_UP_AFTER = DEAD_AFTER.minusMillis(750);
    /** A data connection that has lasted this long, or a tenth more or less, is replaced. */
    public static final Duration CYCLE_AFTER = Duration.ofMinutes(10);
    /** How long what follows a RESET in the JSON encoding, or of a session, may take before the connection is closed. */
    public static final Duration RESET_SETTLES_WITHIN = Duration.ofSeconds(5);
    /** What is in flight at {@code close_tunnel} or {@code drain} gets up to this. */
    public static final Duration DRAIN_WITHIN = Duration.ofSeconds(30);
    /** A tunnel whose control connection was lost keeps its name this long, unless the server is told otherwise. */
    public static final Duration GRACE = Duration.ofSeconds(30);
    /** The agent's first wait before it connects again. */
    public static final Duration RECONNECT_FIRST = Duration.ofMillis(250);
    /** The agent's longest wait before it connects again. */
    public static final Duration RECONNECT_LONGEST = Duration.ofSeconds(30);
    /** The longest pause after a connection on which the agent had its tunnel. */
    public static final Duration RECONNECT_REACHED = Duration.ofSeconds(2);
    /** After a {@code drain} the agent waits no longer than this before it connects again: a server that is restarted is there in a moment. */
    public static final Duration RECONNECT_AFTER_DRAIN = Duration.ofMillis(250);
    /** So long after a {@code drain} it does: what is in flight may take {@link #DRAIN_WITHIN} before the server is started again. */
    public static final Duration DRAINED_SERVER_RETURNS_WITHIN = Duration.ofMinutes(1);
    /** The agent's backoff begins anew when a connection has lasted this long. */
    public static final Duration RECONNECT_STABLE = Duration.ofMinutes(1);

    private Limits() {
    }
}
