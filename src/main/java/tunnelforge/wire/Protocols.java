package tunnelforge.wire;

import java.util.Set;

/** What {@code protocol} may say in {@code register_tunnel}. */
public final class Protocols {
    /** HTTP, also without TLS where the server has a port for that. */
    public static final String HTTP = "http";
    /** HTTP over TLS only. */
    public static final String HTTPS = "https";
    /** A tunnel with a port of its own. */
    public static final String TCP = "tcp";
    /** A tunnel with a name, to which TLS goes undecrypted. */
    public static final String TLS = "tls";
    /** All of them. */
    public static final Set<String> ALL = Set.of(HTTP, HTTPS, TCP, TLS);

    private Protocols() {
    }

    /**
     * Whether visitors' bytes are carried as they are, in sessions, and not as HTTP.
     *
     * @param protocol one of {@link #ALL}
     * @return false for HTTP
     */
    public static boolean isOfSessions(String protocol) {
        return protocol.equals(TCP) || protocol.equals(TLS);
    }
}
