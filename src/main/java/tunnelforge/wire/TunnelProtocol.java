package tunnelforge.wire;

/** What {@code protocol} may say in {@code register_tunnel}. */
public enum TunnelProtocol {
    /** HTTP, also without TLS where the server has a port for that. */
    HTTP,
    /** HTTP over TLS only. */
    HTTPS,
    /** A tunnel with a port of its own. */
    TCP,
    /** A tunnel with a name, to which TLS goes undecrypted. */
    TLS;

    private final String wireName = name().toLowerCase(java.util.Locale.ROOT);

    /** Whether visitors' bytes are carried as they are, in sessions, and not as HTTP. */
    public boolean carriesSessions() {
        return this == TCP || this == TLS;
    }

    /** As messages and command lines have it. */
    public String wireName() {
        return wireName;
    }

    /** The protocol of that name; null for any other text. */
    public static TunnelProtocol of(String wireName) {
        for (TunnelProtocol protocol : values()) {
            if (protocol.wireName.equals(wireName)) {
                return protocol;
            }
        }
        return null;
    }

    /** The protocol that a message names: {@link IllegalArgumentException} when it is none. */
    static TunnelProtocol required(String wireName) {
        TunnelProtocol protocol = of(wireName);
        if (protocol == null) {
            throw new IllegalArgumentException("field 'protocol' must be http, https, tcp or tls");
        }
        return protocol;
    }

    @Override
    public String toString() {
        return wireName;
    }
}
