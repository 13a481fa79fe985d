package tunnelforge.wire;

/** The types of a data connection's frames, and the largest payload of each. */
public final class FrameType {
    /** JSON, UTF-8: the opening of the connection, errors, and the exchanges of the JSON encoding. */
    public static final int MESSAGE = 0;
    /** A request head: begins an exchange. */
    public static final int REQUEST = 1;
    /** A response head. */
    public static final int RESPONSE = 2;
    /** Bytes of a body or session. */
    public static final int DATA = 3;
    /** This direction is complete; may carry trailer fields. */
    public static final int END = 4;
    /** The exchange is over in both directions. */
    public static final int RESET = 5;
    /** Credit for more DATA. */
    public static final int WINDOW = 6;
    /** Is the connection alive? */
    public static final int PING = 7;
    /** It is: the payload of the PING. */
    public static final int PONG = 8;
    /** Nothing new on this connection. */
    public static final int DRAIN = 9;
    /** A TCP or TLS session begins. */
    public static final int OPEN = 10;
    /** This side of a session has handed everything to its peer, and ended. */
    public static final int DONE = 11;
    /** From this type on an unknown frame ends the connection; unknown ones below are ignored. */
    public static final int FIRST_CRITICAL = 128;

    private FrameType() {
    }

    /**
     * The word for a type, for messages and logs.
     *
     * @return the type's name, or {@code type N} for an unknown one
     */
    public static String name(int type) {
        return switch (type) {
            case MESSAGE -> "MESSAGE";
            case REQUEST -> "REQUEST";
            case RESPONSE -> "RESPONSE";
            case DATA -> "DATA";
            case END -> "END";
            case RESET -> "RESET";
            case WINDOW -> "WINDOW";
            case PING -> "PING";
            case PONG -> "PONG";
            case DRAIN -> "DRAIN";
            case OPEN -> "OPEN";
            case DONE -> "DONE";
            default -> "type " + type;
        };
    }

    /**
     * The largest payload of a type.
     *
     * @param type any number; an unknown type has {@link Limits#MAX_UNKNOWN}
     * @param messageLimit the limit of MESSAGE, which depends on the connection's encoding and state
     */
    public static int limit(int type, int messageLimit) {
        return switch (type) {
            case MESSAGE -> messageLimit;
            case REQUEST -> Limits.MAX_REQUEST_HEAD;
            case RESPONSE -> Limits.MAX_RESPONSE_HEAD;
            case DATA -> Limits.MAX_DATA;
            case END -> Limits.MAX_TRAILERS;
            case RESET -> Limits.MAX_RESET;
            case WINDOW -> Limits.WINDOW_PAYLOAD;
            case PING, PONG -> Limits.PING_PAYLOAD;
            case DRAIN -> 0;
            case OPEN -> Limits.MAX_OPEN;
            default -> Limits.MAX_UNKNOWN;
        };
    }
}
