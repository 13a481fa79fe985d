package tunnelforge.wire;

import tunnelforge.json.JsonException;

/** How requests and responses are written on a data connection; the agent chooses in its {@code data_connection}. */
public enum DataEncoding {
    /** Heads and bodies in frames; exchanges share a connection, each with windows. */
    BINARY("binary"),
    /** Messages; one exchange at a time, without windows. */
    JSON("json");

    private final String wireName;

    DataEncoding(String wireName) {
        this.wireName = wireName;
    }

    /** As {@code encoding} has it. */
    public String wireName() {
        return wireName;
    }

    static DataEncoding of(String wireName) throws JsonException {
        for (DataEncoding encoding : values()) {
            if (encoding.wireName.equals(wireName)) {
                return encoding;
            }
        }
        throw new JsonException("field 'encoding' must be binary or json");
    }

    @Override
    public String toString() {
        return wireName;
    }
}
