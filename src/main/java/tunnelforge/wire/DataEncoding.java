package tunnelforge.wire;

/** How requests and responses are written on a data connection; the agent chooses in its {@code data_connection}. */
public enum DataEncoding {
    /** Heads and bodies in frames; exchanges share a connection, each with windows. */
    BINARY,
    /** Messages; one exchange at a time, without windows. */
    JSON;

    private final String wireName = name().toLowerCase(java.util.Locale.ROOT);

    /** As {@code encoding} has it. */
    public String wireName() {
        return wireName;
    }

    @Override
    public String toString() {
        return wireName;
    }
}
