package tunnelforge.agent.local;

/**
 * The Host field that the local service gets. With one of its own, everything else in heads that names the tunnel's address names the service's instead, and the
 * other way round ({@link Origins}).
 *
 * @param fixed always this; null to pass on what the visitor sent
 */
public record HostHeader(String fixed) {
    /** What the visitor sent. */
    public static final HostHeader PRESERVE = new HostHeader(null);
}
