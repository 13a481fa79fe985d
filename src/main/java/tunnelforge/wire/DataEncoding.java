package tunnelforge.wire;

import tunnelforge.json.JsonException;

/** How HTTP is carried on a data connection. */
public enum DataEncoding {
    /** Heads and bodies in frames; many exchanges share a connection. */
    BINARY("binary"),
    /** One JSON message each way and one exchange at a time, for small agents. */
    JSON("json");

    private final String wireName;

    DataEncoding(String wireName) {
        this.wireName = wireName;
    }

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
}
