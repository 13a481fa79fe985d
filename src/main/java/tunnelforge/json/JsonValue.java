package tunnelforge.json;

/**
 * One JSON value (RFC 8259, section 3). Immutable. Text for the wire comes from {@link JsonWriter}, not from
 * {@code toString}.
 */
public sealed interface JsonValue permits JsonObject, JsonArray, JsonString, JsonNumber, JsonBoolean, JsonNull {
}
