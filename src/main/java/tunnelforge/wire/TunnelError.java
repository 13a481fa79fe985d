package tunnelforge.wire;

/** The errors that visitors and agents are told, by name and HTTP-like number. */
public enum TunnelError {
    /** Wrong token, or not allowed. */
    AUTH(401),
    /** Another tunnel has this name. */
    NAME_TAKEN(409),
    /** Nobody can have this name. */
    NAME_INVALID(400),
    /** The server grants no more tunnels, ports or data connections. */
    LIMIT(429),
    /** Another tunnel has this port. */
    PORT_TAKEN(409),
    /** A message that breaks the protocol. */
    PROTOCOL(400),
    /** A version of the protocol that the server does not speak. */
    VERSION(426),
    /** No tunnel has the visited name. */
    TUNNEL_UNKNOWN(404),
    /** The tunnel's agent is not connected now. */
    AGENT_AWAY(503),
    /** The request may have run; its answer is lost. */
    OUTCOME_UNKNOWN(502),
    /** The local service could not be reached. */
    UPSTREAM_REFUSED(502),
    /** The local service did not answer in time. */
    UPSTREAM_TIMEOUT(504),
    /** What the local service answered is not HTTP. */
    UPSTREAM_INVALID(502),
    /** The visitor's request is not valid HTTP. */
    BAD_REQUEST(400),
    /** The visitor's request is too large (431 where it is the head). */
    TOO_LARGE(413),
    /** The visitor's Host is not what its TLS connection was made for. */
    MISDIRECTED(421),
    /** The request has passed the server too often: the tunnel leads back to itself. */
    LOOP(508),
    /** Too much at once from this visitor's address. */
    RATE_LIMITED(429),
    /** This visitor may not visit, by the rules of the agent (401 where it is asked for a password). */
    VISITOR_REFUSED(403),
    /** No room for the request now. */
    OVERLOADED(503);

    private final int status;
    private final String wireName;

    TunnelError(int status) {
        this.status = status;
        this.wireName = "TF-" + name().replace('_', '-');
    }

    /** The name on the wire and in the {@code TunnelForge-Error} field, for example {@code TF-NAME-TAKEN}. */
    public String wireName() {
        return wireName;
    }

    /** The usual HTTP status: 400 to 508. */
    public int status() {
        return status;
    }

    /**
     * The error with a name; null when none has it.
     *
     * @param wireName for example {@code TF-NAME-TAKEN}, may be null
     */
    public static TunnelError of(String wireName) {
        for (TunnelError error : values()) {
            if (error.wireName.equals(wireName)) {
                return error;
            }
        }
        return null;
    }
}
