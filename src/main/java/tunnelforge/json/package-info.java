/**
 * JSON (RFC 8259): a strict, bounded reader, a writer, and the values between them.
 *
 * <p>Text from the network goes through {@link tunnelforge.json.JsonReader#parse}, files that people write through
 * {@link tunnelforge.json.JsonReader#parseConfig}. Whatever {@link tunnelforge.json.JsonWriter} writes is valid JSON.
 * No message and no {@code toString} here shows the value of a string: it may be a token.
 *
 * <p>Imports nothing but {@code java.base}.
 */
package tunnelforge.json;
