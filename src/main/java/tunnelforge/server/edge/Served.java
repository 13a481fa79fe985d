package tunnelforge.server.edge;

import java.net.InetAddress;
import tunnelforge.wire.TunnelProtocol;

/**
 * What became of one request of a visitor, or of one session of a {@code tcp} or {@code tls} tunnel, when it was over. What a visitor said of itself are octets as
 * characters, unchecked; of its secrets there is only what stands in the target.
 *
 * @param endedMillis the time of day, since the epoch
 * @param durationNanos from the first octet of the request, or from when the visitor of a session came
 * @param waitNanos of that, how long it waited for a data connection, or for an agent that was away
 * @param agentNanos of that, from when it had a place on a data connection until the head of the answer came; 0 where none came
 * @param protocol {@code https} or {@code http} as the visitor asked, {@code tcp} or {@code tls} for a session
 * @param visitor for whom the request was made, as far as that is believed
 * @param user by whose password the visitor was let in; null for none
 * @param host the tunnel's address; where there is no tunnel the Host of the request, or null
 * @param account of the tunnel; null where there is no tunnel
 * @param request what was asked for; null for a session
 * @param requestId by which the local service knows it; null where nothing went to an agent
 * @param status of the answer, {@link #NO_ANSWER} where the visitor got none, 0 for a session
 * @param error the code of what the server itself answered; null for none
 * @param complete whether the answer, or the session, went to its end
 * @param bytesIn of the request's content, as far as it came, without its framing; of a session what the visitor sent
 * @param bytesOut of the answer's content, as far as it left, without its framing; of a session what the visitor was sent
 * @param resent how often the request was sent again
 */
public record Served(long endedMillis, long durationNanos, long waitNanos, long agentNanos, TunnelProtocol protocol, InetAddress visitor, String user, String host, String account,
        Asked request, String requestId, int status, String error, boolean complete, long bytesIn, long bytesOut, int resent) {
    /** For a visitor that left, or was cut off, before it had an answer; as nginx calls it. */
    public static final int NO_ANSWER = 499;

    /**
     * The request itself.
     *
     * @param line what came in place of a request line that cannot be read, as far as it came; null where it was read
     * @param method null where the line could not be read
     * @param target as received, with its query; null where the line could not be read
     * @param minorVersion of HTTP/1
     * @param referer null for none
     * @param userAgent null for none
     */
    public record Asked(String line, String method, String target, int minorVersion, String referer, String userAgent) {
    }

    /** Whether it was a session. */
    public boolean isSession() {
        return request == null;
    }
}
