package tunnelforge.agent.local;

/**
 * The Host field that the local service gets.
 *
 * @param fixed always this; null to pass on what the visitor sent
 */
public record HostHeader(String fixed) {
    /** What the visitor sent. */
    public static final HostHeader PRESERVE = new HostHeader(null);
}
