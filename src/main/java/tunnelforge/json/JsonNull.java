package tunnelforge.json;

/** The literal {@code null}. */
public enum JsonNull implements JsonValue {
    /** The only null. */
    NULL
}
