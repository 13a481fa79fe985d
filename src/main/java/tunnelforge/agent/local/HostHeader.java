package tunnelforge.agent.local;

/**
 * The Host field that the local service gets. With one of its own, everything else in heads that names the tunnel's address names the service's instead, and the
 * other way round ({@link Origins}).
 *
 * @param fixed always this; null to pass on what the visitor sent
 * @param onceRefused that {@code fixed} is for when the service has refused what the visitor sent, and not before ({@link HostChoice})
 */
public record HostHeader(String fixed, boolean onceRefused) {
    /** What the visitor sent. */
    public static final HostHeader PRESERVE = new HostHeader(null);

    /** Always the same; null for what the visitor sent. */
    public HostHeader(String fixed) {
        this(fixed, false);
    }
}
