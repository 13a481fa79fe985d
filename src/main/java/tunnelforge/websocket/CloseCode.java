package tunnelforge.websocket;

/** Why a connection is closed (RFC 6455, section 7.4, and the registry that it opens). */
public final class CloseCode {
    /** The purpose is fulfilled. */
    public static final int NORMAL = 1000;
    /** The server shuts down, or the client leaves. */
    public static final int GOING_AWAY = 1001;
    /** The peer broke the protocol. */
    public static final int PROTOCOL_ERROR = 1002;
    /** A kind of message that is not taken here. */
    public static final int UNSUPPORTED_DATA = 1003;
    /** A Close without a code was received; never sent. */
    public static final int NO_STATUS = 1005;
    /** The content does not fit the kind of message: text that is not UTF-8. */
    public static final int INVALID_DATA = 1007;
    /** The message breaks a rule of the application. */
    public static final int POLICY_VIOLATION = 1008;
    /** The message exceeds the receiver's limit. */
    public static final int TOO_LARGE = 1009;
    /** The server failed. */
    public static final int INTERNAL_ERROR = 1011;
    /** The server restarts. */
    public static final int SERVICE_RESTART = 1012;
    /** The server is overloaded. */
    public static final int TRY_AGAIN_LATER = 1013;

    private CloseCode() {
    }

    /** Whether a Close frame may carry a code: 1000-1003, 1007-1014 and 3000-4999. */
    public static boolean isValidOnWire(int code) {
        return code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999;
    }
}
